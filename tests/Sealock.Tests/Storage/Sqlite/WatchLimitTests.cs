// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Storage;
using Sealock.Api.Storage.Sqlite;
using Sealock.Api.Storage.Watching;

namespace Sealock.Tests.Storage.Sqlite;

public sealed class WatchLimitTests : SqliteTests
{
    [Theory]
    [InlineData(10, 1 << 20)]
    [InlineData(1_000, 20_000)]
    public async Task A_watcher_that_sleeps_is_dropped_and_the_others_are_not(int events, int bytes)
    {
        await using var store = await SqliteStore.OpenAsync(Options with { WatchBuffer = new WatchBuffer(events, bytes) });
        var start = await store.GetRevisionAsync(default);
        await using var sleeper = store.Follow("/k/", start);
        await using var awake = store.Follow("/k/", start);
        await using var elsewhere = store.Follow("/other/", start);
        await sleeper.NextAsync();
        await elsewhere.NextAsync();
        var revision = 0L;
        for (var i = 0; i < 30; i++)
        {
            revision = await store.WriteAsync("/k/a", new string('x', 1_000), revision);
            await awake.UntilRevisionAsync(revision);
        }
        await Assert.ThrowsAsync<SlowWatcherException>(sleeper.NextAsync);
        Assert.Equal(30, awake.Events.Count);
        await elsewhere.UntilRevisionAsync(await store.GetRevisionAsync(default));
        await using var again = store.Follow("/k/", start);
        await again.UntilCountAsync(30);
    }

    [Fact]
    public async Task A_watcher_that_sleeps_over_history_is_not_dropped()
    {
        await using var store = await SqliteStore.OpenAsync(Options with { WatchBuffer = new WatchBuffer(10, 1 << 20) });
        var start = await store.GetRevisionAsync(default);
        await Task.WhenAll(Enumerable.Range(0, 3_500).Select(i => store.WriteAsync($"/k/{i}", "v", 0)));
        await using var watch = store.Follow("/k/", start);
        await watch.NextAsync();
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => store.WriteAsync($"/more/{i}", "v", 0)));
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => store.WriteAsync($"/k/more/{i}", "v", 0)));
        await watch.UntilCountAsync(4_000);
        Assert.Equal(4_000, watch.Events.Count);
    }

    [Fact]
    public async Task A_large_history_comes_in_parts()
    {
        await using var store = await OpenAsync();
        var start = await store.GetRevisionAsync(default);
        for (var i = 0; i < 5; i++)
            await store.PutAsync($"/k/{i}", new byte[5 << 20], 0, null, default);
        await using var watch = store.Follow("/k/", start);
        Assert.Equal(2, (await watch.NextAsync()).Events.Count);
        await watch.UntilCountAsync(5);
    }

    [Fact]
    public async Task Amid_writes_and_compactions_a_watch_is_complete_or_refused()
    {
        await using var store = await OpenAsync();
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            var revision = 0L;
            for (var i = 0; i < 1_000; i++)
            {
                revision = i % 5 == 4 ? await Delete(writer, revision) : await store.WriteAsync($"/w/{writer}", $"{i}", revision);
                if (i % 10 == 9)
                    await store.CompactAsync(Math.Max(1, await store.GetRevisionAsync(default) - 50), default);
            }
        })).ToArray();
        var watchers = Enumerable.Range(0, 4).Select(number => Task.Run(() => WatchAgainAndAgainAsync(store, number * 40, stop.Token))).ToArray();
        await Task.WhenAll(writers);
        await stop.CancelAsync();
        await Task.WhenAll(watchers);

        async Task<long> Delete(int writer, long revision)
        {
            await store.RemoveAsync($"/w/{writer}", revision);
            return 0;
        }
    }

    private static async Task WatchAgainAndAgainAsync(SqliteStore store, int back, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var from = Math.Max(1, await store.GetRevisionAsync(default) - back);
            await using var watch = store.Follow("/w/", from);
            try
            {
                for (var i = 0; i < 5; i++)
                    await watch.UntilRevisionAsync(await store.GetRevisionAsync(default));
            }
            catch (CompactedException compacted)
            {
                Assert.True(compacted.Oldest > from);
            }
            // Every write of this test is below the prefix: a gap would show in the numbers.
            Assert.Equal(
                Enumerable.Range(1, watch.Events.Count).Select(i => from + i),
                watch.Events.Select(change => change.Revision));
        }
    }
}
