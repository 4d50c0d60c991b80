// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Storage;

namespace Sealock.Api.Caching;

/// <summary>A resource's objects at a revision. Nothing changed in it between that revision and the next snapshot's
/// first change.</summary>
internal sealed record CacheSnapshot(SortedEntries Entries, long FirstRevision, long Revision);

/// <summary>
/// All objects of one resource in memory, its latest changes and its watchers. Fed by <see cref="CacheFeed"/> alone;
/// reading the current snapshot takes no lock. <c>observe</c> is told of each entry that came or, with true, went.
/// </summary>
internal sealed class ResourceCache(string keyPrefix, TimeProvider clock, Action<CacheEntry, bool>? observe = null)
{
    private const int MaxSnapshots = 512;

    private readonly Lock gate = new();
    private readonly List<CacheWatcher> watchers = [];
    private readonly Queue<CacheSnapshot> history = new();
    private volatile CacheSnapshot snapshot = new(SortedEntries.Empty, 0, 0);
    private EventLog log = new(0, clock);

    /// <summary>The store's prefix of all keys, ending in a slash.</summary>
    public string KeyPrefix => keyPrefix;

    /// <summary>The present state.</summary>
    public CacheSnapshot Snapshot => snapshot;

    /// <summary>How many watchers there are.</summary>
    public int WatcherCount
    {
        get
        {
            lock (gate)
                return watchers.Count;
        }
    }

    /// <summary>The store's key of an object.</summary>
    public string KeyOf(string @namespace, string name) =>
        @namespace.Length == 0 ? keyPrefix + name : $"{keyPrefix}{@namespace}/{name}";

    /// <summary>The present state of an object, or null.</summary>
    public CacheEntry? Find(string @namespace, string name) => snapshot.Entries.Find(KeyOf(@namespace, name));

    /// <summary>The state at a revision that the feed has reached, if it is still known here.</summary>
    public CacheSnapshot? At(long revision)
    {
        var present = snapshot;
        if (present.Revision <= revision)
            return present;
        lock (gate)
        {
            var next = snapshot;
            foreach (var older in history.Reverse())
            {
                if (older.Revision <= revision)
                    return revision < next.FirstRevision ? older : null;
                next = older;
            }
        }

        return null;
    }

    /// <summary>
    /// Starts a watch after a revision, with the changes since then that are already known. Null when not all of them
    /// are any more; then <paramref name="oldest"/> says from which revision on they are.
    /// </summary>
    public CacheWatcher? Watch(ObjectFilter filter, long afterRevision, out List<Change> backlog, out long oldest)
    {
        lock (gate)
        {
            backlog = [];
            oldest = log.Floor;
            if (afterRevision < log.Floor)
                return null;
            foreach (var @event in log.After(afterRevision))
            {
                if (@event.SeenBy(filter) is { } change)
                    backlog.Add(change);
            }

            return Register(filter, Math.Max(afterRevision, snapshot.Revision));
        }
    }

    /// <summary>Starts a watch after the present state, which is returned with it.</summary>
    public CacheWatcher WatchFromNow(ObjectFilter filter, out CacheSnapshot present)
    {
        lock (gate)
        {
            present = snapshot;
            return Register(filter, present.Revision);
        }
    }

    /// <summary>Takes in changes of the store, in revision order.</summary>
    internal void Apply(List<StoreEvent> changes, Func<StoreEntry, CacheEntry?> read)
    {
        var entries = snapshot.Entries;
        var events = new List<CacheEvent>(changes.Count);
        var now = clock.GetTimestamp();
        foreach (var change in changes)
        {
            var previous = entries.Find(change.Key);
            var current = change.Entry is null ? null : read(change.Entry);
            if (previous is null && current is null)
                continue;
            entries = current is null ? entries.Remove(change.Key) : entries.Set(current);
            events.Add(new CacheEvent(current, previous, change.Revision, now));
        }

        if (events.Count == 0)
            return;
        lock (gate)
        {
            foreach (var @event in events)
                log.Add(@event);
            if (history.Count == MaxSnapshots)
                history.Dequeue();
            history.Enqueue(snapshot);
            snapshot = new CacheSnapshot(entries, events[0].Revision, events[^1].Revision);
            for (var i = watchers.Count - 1; i >= 0; i--)
            {
                if (!watchers[i].Offer(events))
                    watchers.RemoveAt(i);
            }
        }

        if (observe is null)
            return;
        foreach (var @event in events)
        {
            if ((@event.Current ?? @event.Previous) is { } entry)
                observe(entry, @event.Current is null);
        }
    }

    /// <summary>Starts anew from a complete state; all watches end.</summary>
    internal void Reset(SortedEntries entries, long revision)
    {
        if (observe is not null)
        {
            for (var old = snapshot.Entries.From(""); old.MoveNext();)
            {
                if (entries.Find(old.Current.Key) is null)
                    observe(old.Current, true);
            }

            for (var present = entries.From(""); present.MoveNext();)
                observe(present.Current, false);
        }

        lock (gate)
        {
            snapshot = new CacheSnapshot(entries, revision, revision);
            history.Clear();
            log = new EventLog(revision, clock);
            EndAll();
        }
    }

    /// <summary>Ends all watches.</summary>
    internal void EndWatches()
    {
        lock (gate)
            EndAll();
    }

    internal void Remove(CacheWatcher watcher)
    {
        lock (gate)
            watchers.Remove(watcher);
    }

    private CacheWatcher Register(ObjectFilter filter, long afterRevision)
    {
        var watcher = new CacheWatcher(this, filter, afterRevision);
        watchers.Add(watcher);
        return watcher;
    }

    private void EndAll()
    {
        foreach (var watcher in watchers)
            watcher.Finish(WatchEnd.Reset);
        watchers.Clear();
    }
}
