// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Storage;

namespace Sealock.Tests.Storage;

/// <summary>Takes events from a watch when a test asks for them, and checks what holds for every watch.</summary>
internal sealed class WatchFollower(IStore store, string prefix, long after) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly long start = after;
    private readonly CancellationTokenSource giveUp = new(Patience);
    private IAsyncEnumerator<StoreBatch>? batches;

    /// <summary>All events so far.</summary>
    public List<StoreEvent> Events { get; } = [];

    /// <summary>The revision up to which the watch has reported everything.</summary>
    public long Reached { get; private set; } = after;

    /// <summary>Waits for the next batch.</summary>
    public async Task<StoreBatch> NextAsync()
    {
        batches ??= store.WatchAsync(prefix, start, giveUp.Token).GetAsyncEnumerator();
        Assert.True(await batches.MoveNextAsync());
        var batch = batches.Current;
        Assert.True(batch.Revision >= Reached);
        var last = Reached;
        foreach (var change in batch.Events)
        {
            Assert.True(change.Revision > last && change.Revision <= batch.Revision);
            Assert.StartsWith(prefix, change.Key, StringComparison.Ordinal);
            last = change.Revision;
        }
        Reached = batch.Revision;
        Events.AddRange(batch.Events);
        return batch;
    }

    /// <summary>Waits until an event fits; looks at those already taken first.</summary>
    public async Task<StoreEvent> UntilAsync(Func<StoreEvent, bool> fits)
    {
        while (!Events.Any(fits))
            await NextAsync();
        return Events.First(fits);
    }

    /// <summary>Waits for a number of events in all.</summary>
    public async Task UntilCountAsync(int count)
    {
        while (Events.Count < count)
            await NextAsync();
    }

    /// <summary>Waits until the watch has reported everything up to a revision.</summary>
    public async Task UntilRevisionAsync(long revision)
    {
        while (Reached < revision)
            await NextAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (batches is not null)
            await batches.DisposeAsync();
        giveUp.Dispose();
    }
}
