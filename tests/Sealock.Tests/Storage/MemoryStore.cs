// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using System.Text;
using Sealock.Api.Storage;

namespace Sealock.Tests.Storage;

/// <summary>The store's contract in its plainest form: a list of changes under a lock. Drivers are compared with it.</summary>
internal sealed class MemoryStore(TimeProvider clock) : IStore
{
    private readonly Lock gate = new();
    private readonly List<StoreEvent> log = [];
    private readonly Dictionary<string, ITimer> expiries = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long revision = 1;
    private long compacted;

    public ValueTask<long> GetRevisionAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            Wake();
            return ValueTask.FromResult(revision);
        }
    }

    public ValueTask<StoreEntry?> GetAsync(string key, long revision, CancellationToken cancellationToken)
    {
        lock (gate)
            return ValueTask.FromResult(StateAt(Resolve(revision)).GetValueOrDefault(key));
    }

    public ValueTask<StorePage> ListAsync(
        string prefix, string? after, int limit, long revision, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var at = Resolve(revision);
            var all = StateAt(at).Values
                .Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
                .Where(entry => after is null || Compare(entry.Key, after) > 0)
                .Order(Comparer<StoreEntry>.Create((x, y) => Compare(x.Key, y.Key)))
                .ToList();
            var page = limit == 0 ? all : [.. all.Take(limit)];
            return ValueTask.FromResult(new StorePage(page, at, page.Count < all.Count, all.Count - page.Count));
        }
    }

    public ValueTask<WriteResult> PutAsync(
        string key, ReadOnlyMemory<byte> value, long expectedRevision, TimeSpan? timeToLive, CancellationToken cancellationToken)
    {
        _ = StoreKey.Encode(key);
        lock (gate)
        {
            var current = StateAt(revision).GetValueOrDefault(key);
            if ((current?.Revision ?? 0) != expectedRevision)
                return ValueTask.FromResult(new WriteResult(false, revision, current));
            revision++;
            var entry = new StoreEntry(key, value.ToArray(), current?.CreateRevision ?? revision, revision);
            Append(new StoreEvent(key, revision, entry, current));
            if (timeToLive is { } life)
                expiries[key] = clock.CreateTimer(_ => Expire(key, entry.Revision), null, life, Timeout.InfiniteTimeSpan);
            return ValueTask.FromResult(new WriteResult(true, revision, null));
        }
    }

    public ValueTask<WriteResult> DeleteAsync(string key, long expectedRevision, CancellationToken cancellationToken)
    {
        lock (gate)
            return ValueTask.FromResult(Delete(key, expectedRevision));
    }

    public async IAsyncEnumerable<StoreBatch> WatchAsync(
        string prefix, long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reached = afterRevision;
        while (true)
        {
            StoreBatch batch;
            Task next;
            lock (gate)
            {
                if (reached < compacted)
                    throw new CompactedException(reached, compacted);
                var events = log
                    .Where(change => change.Revision > reached && change.Key.StartsWith(prefix, StringComparison.Ordinal))
                    .ToList();
                reached = Math.Max(reached, revision);
                batch = new StoreBatch(events, reached);
                next = changed.Task;
            }
            yield return batch;
            await next.WaitAsync(cancellationToken);
        }
    }

    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (revision > this.revision)
                throw new FutureRevisionException(revision, this.revision);
            compacted = Math.Max(compacted, revision);
            return ValueTask.CompletedTask;
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var timer in expiries.Values)
            timer.Dispose();
        return ValueTask.CompletedTask;
    }

    private static int Compare(string x, string y) =>
        Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y));

    private Dictionary<string, StoreEntry> StateAt(long at)
    {
        var state = new Dictionary<string, StoreEntry>();
        foreach (var change in log.Where(change => change.Revision <= at))
        {
            if (change.Entry is null)
                state.Remove(change.Key);
            else
                state[change.Key] = change.Entry;
        }
        return state;
    }

    private long Resolve(long requested)
    {
        if (requested > revision)
            throw new FutureRevisionException(requested, revision);
        if (requested != 0 && requested < compacted)
            throw new CompactedException(requested, compacted);
        return requested == 0 ? revision : requested;
    }

    private WriteResult Delete(string key, long expectedRevision)
    {
        var current = StateAt(revision).GetValueOrDefault(key);
        if (current is null || current.Revision != expectedRevision)
            return new WriteResult(false, revision, current);
        revision++;
        Append(new StoreEvent(key, revision, null, current));
        return new WriteResult(true, revision, null);
    }

    private void Expire(string key, long expectedRevision)
    {
        lock (gate)
            Delete(key, expectedRevision);
    }

    private void Append(StoreEvent change)
    {
        if (expiries.Remove(change.Key, out var timer))
            timer.Dispose();
        log.Add(change);
        Wake();
    }

    private void Wake()
    {
        var woken = changed;
        changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        woken.SetResult();
    }
}
