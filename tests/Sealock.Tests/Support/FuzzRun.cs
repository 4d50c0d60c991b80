// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Xunit.Abstractions;

namespace Sealock.Tests.Support;

/// <summary>
/// Hostile inputs to one parser, which may take or refuse each, and may do nothing else. <c>SEALOCK_FUZZ_ITERATIONS</c>
/// and <c>SEALOCK_FUZZ_SEED</c> make a long run of the short one; eng/long/fuzz.sh does.
/// </summary>
internal static class FuzzRun
{
    /// <summary>What one input may make a parser allocate at most, in bytes.</summary>
    private const long MaxAllocated = 64 << 20;

    public static int Seed => Setting("SEALOCK_FUZZ_SEED", 1);

    /// <summary>How many inputs a run has.</summary>
    public static int Iterations(int otherwise = 5000) => Setting("SEALOCK_FUZZ_ITERATIONS", otherwise);

    /// <summary>Mutations of texts; see <see cref="Bytes"/>.</summary>
    public static void Texts<TRefusal>(ITestOutputHelper output, string parser, IEnumerable<string> samples, Func<string, bool> parse)
        where TRefusal : Exception =>
        Bytes<TRefusal>(output, parser, [.. samples.Select(Encoding.UTF8.GetBytes)], bytes => parse(Encoding.UTF8.GetString(bytes)));

    /// <summary>Mutations of samples. The parser answers whether it took the input, and refuses by false or its exception.</summary>
    public static void Bytes<TRefusal>(ITestOutputHelper output, string parser, IReadOnlyList<byte[]> samples, Func<byte[], bool> parse)
        where TRefusal : Exception
    {
        var mutator = new Mutator(Seed);
        Inputs<byte[], TRefusal>(output, parser, Iterations(), () => mutator.Next(samples), Convert.ToHexString, parse);
    }

    /// <summary>Inputs of any kind.</summary>
    public static void Inputs<TInput, TRefusal>(
        ITestOutputHelper output, string parser, int iterations, Func<TInput> next, Func<TInput, string> show, Func<TInput, bool> parse)
        where TRefusal : Exception
    {
        var (taken, most, slowest) = (0, 0L, TimeSpan.Zero);
        for (var i = 0; i < iterations; i++)
        {
            var input = next();
            var (began, allocated) = (TimeProvider.System.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            try
            {
                if (parse(input))
                    taken++;
            }
            catch (TRefusal)
            {
                // The parser's way to say no.
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"{parser}: seed {Seed}, input {i}: {fault.GetType().Name} for {show(input)}", fault);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Assert.True(allocated <= MaxAllocated, $"{parser}: seed {Seed}, input {i}: {allocated} bytes allocated for {show(input)}");
            (most, slowest) = (Math.Max(most, allocated), Max(slowest, TimeProvider.System.GetElapsedTime(began)));
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"fuzz {parser}: {iterations} inputs, {taken} taken, {iterations - taken} refused; at most {most / 1024} KiB and {slowest.TotalMilliseconds:0} ms each"));
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
