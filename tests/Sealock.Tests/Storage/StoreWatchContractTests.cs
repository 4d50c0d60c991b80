// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Storage;

namespace Sealock.Tests.Storage;

/// <summary>What every driver's watches have to do.</summary>
public abstract class StoreWatchContractTests<TDriver> : StoreTests<TDriver>
    where TDriver : StoreDriver, new()
{
    [Fact]
    public async Task A_watch_reports_history_and_then_what_is_written_with_the_entries_before()
    {
        var start = await Store.GetRevisionAsync(default);
        var a1 = await Store.WriteAsync("/w/a", "a1", 0);
        await Store.WriteAsync("/other", "x", 0);
        var a2 = await Store.WriteAsync("/w/a", "a2", a1);
        await using var watch = Store.Follow("/w/", start);
        await watch.UntilCountAsync(2);
        var a3 = await Store.RemoveAsync("/w/a", a2);
        var a4 = await Store.WriteAsync("/w/a", "a4", 0);
        await watch.UntilCountAsync(4);

        Assert.Equal(
            [(a1, "a1", null), (a2, "a2", "a1"), (a3, null, "a2"), (a4, "a4", (string?)null)],
            watch.Events.Select(change => (change.Revision, change.Entry.Text(), change.Previous.Text())));
        Assert.Equal((a1, a2), (watch.Events[1].Entry!.CreateRevision, watch.Events[2].Previous!.Revision));
    }

    [Fact]
    public async Task A_watch_from_a_revision_leaves_out_what_came_before_it()
    {
        var a1 = await Store.WriteAsync("/w/a", "a1", 0);
        var a2 = await Store.WriteAsync("/w/a", "a2", a1);
        await using var watch = Store.Follow("/w/", a1);
        await watch.UntilCountAsync(1);
        Assert.Equal(a2, watch.Events[0].Revision);
        await using var ahead = Store.Follow("/w/", a2 + 1);
        var a3 = await Store.WriteAsync("/w/a", "a3", a2);
        var a4 = await Store.WriteAsync("/w/a", "a4", a3);
        await ahead.UntilCountAsync(1);
        Assert.Equal(a4, ahead.Events[0].Revision);
    }

    [Fact]
    public async Task A_watch_without_events_of_its_own_reports_how_far_it_has_come()
    {
        await using var watch = Store.Follow("/w/", await Store.GetRevisionAsync(default));
        await watch.NextAsync();
        await Store.WriteAsync("/other", "x", 0);
        await watch.UntilRevisionAsync(await Store.GetRevisionAsync(default));
        Assert.Empty(watch.Events);
    }

    [Fact]
    public async Task A_watch_from_compacted_history_is_refused_and_one_from_the_kept_is_complete()
    {
        var start = await Store.GetRevisionAsync(default);
        var a1 = await Store.WriteAsync("/w/a", "a1", 0);
        var b1 = await Store.WriteAsync("/w/b", "b1", 0);
        var a2 = await Store.WriteAsync("/w/a", "a2", a1);
        await Store.RemoveAsync("/w/b", b1);
        await Store.WriteAsync("/w/b", "b3", 0);
        await Store.CompactAsync(a2, default);

        foreach (var old in (long[])[start, a1, b1])
        {
            await using var refused = Store.Follow("/w/", old);
            var fault = await Assert.ThrowsAsync<CompactedException>(refused.NextAsync);
            Assert.Equal(a2, fault.Oldest);
        }
        await using var watch = Store.Follow("/w/", a2);
        await watch.UntilCountAsync(2);
        Assert.Equal([(null, "b1"), ("b3", null)], watch.Events.Select(x => (x.Entry.Text(), x.Previous.Text())));
    }

    [Fact]
    public async Task A_compaction_does_not_disturb_a_watch_that_has_passed_it()
    {
        var revision = await Store.WriteAsync("/w/a", "0", 0);
        await using var watch = Store.Follow("/w/", revision);
        await watch.NextAsync();
        for (var i = 1; i <= 50; i++)
        {
            revision = await Store.WriteAsync("/w/a", $"{i}", revision);
            await watch.UntilRevisionAsync(revision);
            await Store.CompactAsync(revision, default);
        }
        Assert.Equal(Enumerable.Range(1, 50).Select(i => $"{i}"), watch.Events.Select(change => change.Entry.Text()));
    }

    [Fact]
    public async Task Watches_that_begin_anywhere_amid_concurrent_writes_have_no_gap_and_no_duplicate()
    {
        const int Writers = 8;
        const int Writes = 400;
        var start = await Store.GetRevisionAsync(default);
        var progress = new long[Writers];
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var revision = 0L;
            for (var i = 0; i < Writes; i++)
            {
                revision = await Store.WriteAsync($"/w/{writer}", $"{i}", revision);
                Volatile.Write(ref progress[writer], revision);
            }
        })).ToArray();
        var watches = Enumerable.Range(0, 6).Select(number => Task.Run(async () =>
        {
            // Each begins where its writer has come at that moment.
            var begin = number == 0 ? start : Math.Max(start, Volatile.Read(ref progress[number]));
            await using var watch = Store.Follow("/w/", begin);
            await watch.UntilRevisionAsync(start + (Writers * Writes));
            Assert.Equal(
                Enumerable.Range(1, (int)(start + (Writers * Writes) - begin)).Select(i => begin + i),
                watch.Events.Select(change => change.Revision));
            var last = new Dictionary<string, long>();
            foreach (var change in watch.Events)
            {
                if (last.TryGetValue(change.Key, out var previous))
                    Assert.Equal(previous, change.Previous!.Revision);
                last[change.Key] = change.Revision;
            }
        })).ToArray();
        await Task.WhenAll([.. writers, .. watches]);
    }

    [Fact]
    public async Task A_watch_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var batches = Store.WatchAsync("/", await Store.GetRevisionAsync(default), cancellation.Token).GetAsyncEnumerator();
        await batches.MoveNextAsync();
        var next = batches.MoveNextAsync().AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        await batches.DisposeAsync();
    }
}
