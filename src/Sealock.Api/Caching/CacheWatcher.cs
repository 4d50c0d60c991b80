// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;

namespace Sealock.Api.Caching;

/// <summary>
/// One client's watch on a cache: the changes it has not taken yet, at most <see cref="Capacity"/>. A client that
/// leaves more lying is dropped, so that it costs neither memory nor the others' time.
/// </summary>
internal sealed class CacheWatcher : IDisposable
{
    /// <summary>The most changes that may wait.</summary>
    public const int Capacity = 1000;

    private readonly ResourceCache cache;
    private readonly ObjectFilter filter;
    private readonly Channel<Change?> pending = Channel.CreateBounded<Change?>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    internal CacheWatcher(ResourceCache cache, ObjectFilter filter, long afterRevision)
    {
        this.cache = cache;
        this.filter = filter;
        AfterRevision = afterRevision;
    }

    /// <summary>Changes up to here are not reported.</summary>
    public long AfterRevision { get; }

    /// <summary>Why the watch has ended; meaningful once <see cref="WaitAsync"/> has answered false.</summary>
    public WatchEnd End { get; private set; }

    /// <summary>Whether a tick woke the watcher since this was last asked.</summary>
    public bool TakeChange(out Change change, out bool tick)
    {
        tick = false;
        change = default;
        if (!pending.Reader.TryRead(out var next))
            return false;
        tick = next is null;
        change = next.GetValueOrDefault();
        return true;
    }

    /// <summary>Waits for something to take; false when the watch is over.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) =>
        pending.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Wakes the watcher without a change. It is awake anyway where there is no room.</summary>
    public void Tick() => pending.Writer.TryWrite(null);

    /// <summary>Tells the watcher of changes; called by its cache, in order. False when it is over.</summary>
    internal bool Offer(List<CacheEvent> changes)
    {
        foreach (var @event in changes)
        {
            if (@event.Revision > AfterRevision && @event.SeenBy(filter) is { } change
                && !pending.Writer.TryWrite(change))
            {
                Finish(WatchEnd.TooSlow);
                return false;
            }
        }

        return true;
    }

    internal void Finish(WatchEnd end)
    {
        End = end;
        pending.Writer.TryComplete();
    }

    /// <inheritdoc/>
    public void Dispose() => cache.Remove(this);
}

/// <summary>Why a watch ended.</summary>
internal enum WatchEnd
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>The client did not keep up.</summary>
    TooSlow,

    /// <summary>The cache had to be built anew, or the server stops.</summary>
    Reset,
}
