// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Sealock.Bench.Measuring;
using Sealock.Bench.Scenarios;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Native;

/// <summary>Work that blocks, on threads of its own.</summary>
internal static class NativeLoad
{
    private const int Workers = 16;

    /// <summary>
    /// Repeats something for a while: each worker calls <paramref name="begin"/> once, and what it gave again and again.
    /// </summary>
    public static async Task<Load.Result> RunAsync(TimeSpan window, Func<IRepeated> begin)
    {
        var repeated = new List<IRepeated>();
        try
        {
            await OnThreadsAsync(Workers, _ =>
            {
                var one = begin();
                lock (repeated)
                    repeated.Add(one);
            });
            var (start, count) = (Stopwatch.GetTimestamp(), 0L);
            await OnThreadsAsync(Workers, worker =>
            {
                var own = 0L;
                for (var one = repeated[worker]; Stopwatch.GetElapsedTime(start) < window; own++)
                    one.Once();
                Interlocked.Add(ref count, own);
            });
            return new Load.Result(count, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        finally
        {
            repeated.ForEach(one => one.Dispose());
        }
    }

    /// <summary>Measures such a repetition: how much of it is done in a second, and what that costs the server.</summary>
    public static async Task<IReadOnlyList<Reading>> MeasureAsync(
        Target target, Pace pace, Metric rate, Metric cost, Func<IRepeated> begin)
    {
        await RunAsync(pace.WarmUp, begin);
        var before = target.Usage();
        var result = await RunAsync(pace.Window, begin);
        var cpu = target.Usage().CpuSeconds - before.CpuSeconds;
        return [new Reading(rate, result.Answered / result.Seconds), new Reading(cost, 10_000 * cpu / result.Answered)];
    }

    /// <summary>Does something on some threads; returns when all are done.</summary>
    public static async Task OnThreadsAsync(int threads, Action<int> work)
    {
        await Task.WhenAll(Enumerable.Range(0, threads).Select(number => Task.Factory.StartNew(
            () => work(number), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
    }
}

/// <summary>Something that is done again and again, by one thread.</summary>
internal interface IRepeated : IDisposable
{
    /// <summary>Does it once.</summary>
    void Once();
}
