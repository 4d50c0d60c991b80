// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sealock.Api.Objects;
using Sealock.Api.Storage;

namespace Sealock.Api.Caching;

/// <summary>
/// Follows the store with a single watch and feeds every cache from it, so that all of them stand at one revision.
/// A broken watch is taken up where it broke off; where the store no longer has those changes, all is read anew.
/// </summary>
internal sealed partial class CacheFeed : IAsyncDisposable
{
    private const string Root = "/registry/";
    private const int PageSize = 1000;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly IStore store;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly FrozenDictionary<string, ResourceCache> caches;
    private readonly FrozenDictionary<string, ResourceCache>.AlternateLookup<ReadOnlySpan<char>> byPrefix;
    private readonly Lock gate = new();
    private readonly List<Waiter> waiters = [];
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long revision;
    private Task run = Task.CompletedTask;

    public CacheFeed(IStore store, IEnumerable<ResourceCache> caches, TimeProvider clock, ILogger logger)
    {
        this.store = store;
        this.clock = clock;
        this.logger = logger;
        this.caches = caches.ToFrozenDictionary(cache => cache.KeyPrefix);
        byPrefix = this.caches.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Every change up to this revision is in the caches and has been handed to the watchers.</summary>
    public long Revision => Volatile.Read(ref revision);

    /// <summary>Begins to follow the store; completes when the caches hold everything.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        run = Task.Run(RunAsync, CancellationToken.None);
        return ready.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Waits until the caches are at least as new as the store is now; returns their revision.</summary>
    /// <exception cref="ApiException">504: they did not get there in time.</exception>
    public async ValueTask<long> WaitUntilCurrentAsync(CancellationToken cancellationToken)
    {
        var current = await store.GetRevisionAsync(cancellationToken);
        await WaitForAsync(current, cancellationToken);
        return Revision;
    }

    /// <summary>Waits until the caches have reached a revision.</summary>
    /// <exception cref="ApiException">504: they did not get there in time.</exception>
    public ValueTask WaitForAsync(long wanted, CancellationToken cancellationToken)
    {
        if (Revision >= wanted)
            return ValueTask.CompletedTask;
        var waiter = new Waiter(wanted);
        lock (gate)
        {
            if (Revision >= wanted)
                return ValueTask.CompletedTask;
            waiters.Add(waiter);
        }

        return new ValueTask(WaitAsync(waiter, cancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await run;
        foreach (var cache in caches.Values)
            cache.EndWatches();
        stop.Dispose();
    }

    private async Task WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        try
        {
            await waiter.Reached.Task.WaitAsync(LongestWait, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw TooLargeRevision.At(waiter.Revision, Revision);
        }
        finally
        {
            lock (gate)
                waiters.Remove(waiter);
        }
    }

    private async Task RunAsync()
    {
        var failures = 0;
        var loaded = false;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (!loaded)
                    await LoadAsync(stop.Token);
                loaded = true;
                ready.TrySetResult();
                await foreach (var batch in store.WatchAsync(Root, Revision, stop.Token))
                {
                    failures = 0;
                    Apply(batch);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (CompactedException compacted)
            {
                loaded = false;
                LogReload(compacted.Message);
            }
            catch (Exception fault)
            {
                LogFault(fault);
            }

            var pause = TimeSpan.FromMilliseconds(20 * Math.Pow(2, Math.Min(failures++, 10)));
            try
            {
                await Task.Delay(pause < LongestPause ? pause : LongestPause, clock, stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var entries = caches.Values.ToDictionary(cache => cache, _ => new List<CacheEntry>());
        string? after = null;
        long at = 0;
        while (true)
        {
            var page = await store.ListAsync(Root, after, PageSize, at, cancellationToken);
            at = page.Revision;
            foreach (var entry in page.Entries)
            {
                if (CacheOf(entry.Key) is { } cache && Read(entry) is { } read)
                    entries[cache].Add(read);
                after = entry.Key;
            }

            if (!page.More)
                break;
        }

        foreach (var (cache, found) in entries)
            cache.Reset(SortedEntries.FromSorted(found), at);
        Advance(at);
    }

    private void Apply(StoreBatch batch)
    {
        var changes = batch.Events;
        var parts = new Dictionary<ResourceCache, List<StoreEvent>>();
        foreach (var change in changes)
        {
            if (CacheOf(change.Key) is not { } cache)
                continue;
            if (!parts.TryGetValue(cache, out var part))
                parts[cache] = part = [];
            part.Add(change);
        }

        foreach (var (cache, part) in parts)
            cache.Apply(part, Read);
        Advance(batch.Revision);
    }

    private void Advance(long reached)
    {
        if (reached <= Revision)
            return;
        Volatile.Write(ref revision, reached);
        lock (gate)
        {
            for (var i = waiters.Count - 1; i >= 0; i--)
            {
                if (waiters[i].Revision > reached)
                    continue;
                waiters[i].Reached.TrySetResult();
                waiters.RemoveAt(i);
            }
        }
    }

    /// <summary>The cache of a key: its prefix has one part (core group) or two (group and resource).</summary>
    private ResourceCache? CacheOf(string key)
    {
        var rest = key.AsSpan(Root.Length);
        var end = rest.IndexOf('/');
        if (end < 0)
            return null;
        var length = Root.Length + end + 1;
        if (byPrefix.TryGetValue(key.AsSpan(0, length), out var cache))
            return cache;
        end = key.AsSpan(length).IndexOf('/');
        return end >= 0 && byPrefix.TryGetValue(key.AsSpan(0, length + end + 1), out cache) ? cache : null;
    }

    private CacheEntry? Read(StoreEntry entry)
    {
        try
        {
            return CacheEntry.From(entry);
        }
        catch (JsonException fault)
        {
            // One unreadable object must not take the others with it; it is as if it were not there.
            LogUnreadable(entry.Key, fault.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the cache is read anew: {Reason}")]
    private partial void LogReload(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "following the store failed and is taken up again")]
    private partial void LogFault(Exception fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "the stored object {Key} cannot be read: {Reason}")]
    private partial void LogUnreadable(string key, string reason);

    private sealed class Waiter(long revision)
    {
        public long Revision { get; } = revision;

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>The answer to a request for a revision that has not been reached.</summary>
internal static class TooLargeRevision
{
    /// <summary>504 in kube-apiserver's words, with the cause that clients look for.</summary>
    public static ApiException At(long wanted, long current) => new(
        504, "Timeout", $"Timeout: Too large resource version: {wanted}, current: {current}",
        new StatusDetails
        {
            Causes = [new StatusCause("ResourceVersionTooLarge", "Too large resource version", "")],
            RetryAfterSeconds = 1,
        });
}
