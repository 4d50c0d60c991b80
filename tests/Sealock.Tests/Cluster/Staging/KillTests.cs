// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using Sealock.Cluster.Staging;
using Sealock.StagingWriter;

namespace Sealock.Tests.Cluster.Staging;

/// <summary>Kills a process that changes files, at random moments. SEALOCK_STAGING_KILLS sets how often (default: 5).</summary>
public sealed class KillTests
{
    [Fact]
    public async Task Whenever_it_is_killed_the_next_process_finds_one_generation_whole()
    {
        using var root = new Folder();
        var times = int.Parse(Environment.GetEnvironmentVariable("SEALOCK_STAGING_KILLS") ?? "5", CultureInfo.InvariantCulture);
        var random = new Random(times);
        var next = 1;
        var recoveries = new Dictionary<StagingRecovery, int>();
        for (var i = 0; i < times; i++)
        {
            var begun = await WriteUntilKilledAsync(root.Path, next, random.Next(1, 12), random.Next(0, 4_000));
            using (var area = StagingArea.Open(root.Path))
            {
                recoveries[area.Recovery] = recoveries.GetValueOrDefault(area.Recovery) + 1;
                var found = Generation.Find(root.Path, begun);
                Assert.True(begun == 1 || found >= begun - 1, $"kill {i}: after {begun} had begun, generation {found} is there");
                if (area.HasFormer && found > 1) // before the first there was nothing
                {
                    area.Rollback();
                    Assert.NotNull(Generation.Find(root.Path, begun));
                    area.Rollback();
                    Assert.Equal(found, Generation.Find(root.Path, begun));
                }
            }

            next = begun + 1;
        }

        Assert.Equal(times, recoveries.Values.Sum());
        if (times > 100)
            Assert.True(recoveries.ContainsKey(StagingRecovery.Completed), "no kill hit a change that had begun");
    }

    /// <summary>Runs a writer, kills it some microseconds after some generations, and tells which one it had begun last.</summary>
    private static async Task<int> WriteUntilKilledAsync(string root, int first, int generations, int microseconds)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in new[] { "exec", typeof(Generation).Assembly.Location, root, first.ToString(CultureInfo.InvariantCulture) })
            start.ArgumentList.Add(argument);
        using var writer = Process.Start(start) ?? throw new InvalidOperationException("the writer did not start");
        var begun = 0;
        while (await writer.StandardOutput.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("begin ", StringComparison.Ordinal))
                continue;
            begun = int.Parse(line.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture);
            if (begun >= first + generations)
                break;
        }

        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since).TotalMicroseconds < microseconds)
            Thread.SpinWait(20);
        writer.Kill();
        foreach (var line in (await writer.StandardOutput.ReadToEndAsync()).Split('\n'))
        {
            if (line.StartsWith("begin ", StringComparison.Ordinal))
                begun = int.Parse(line.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture);
        }

        await writer.WaitForExitAsync();
        return begun;
    }
}
