// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Storage;

/// <summary>
/// A revisioned key-value log, the only place where state lives. The contract every driver keeps:
/// <list type="bullet">
/// <item>Every successful write (put, delete, expiry) gets a revision of its own. Revisions are positive, strictly
/// increasing over the whole store, and never go back, also not after a restart, a restore or a compaction.</item>
/// <item>A write that was acknowledged is durable: it survives the loss of the process and of power. A write that
/// throws may or may not have happened; a cancelled write may still happen.</item>
/// <item>Reads see every write acknowledged before they began (linearizable).</item>
/// <item>History is kept until <see cref="CompactAsync"/>; asking for anything older throws
/// <see cref="CompactedException"/>.</item>
/// <item>Keys are ordered by ordinal comparison of their UTF-8 bytes. Values are opaque bytes that the caller must
/// not change after handing them over or receiving them.</item>
/// <item>All members may be called concurrently.</item>
/// </list>
/// </summary>
public interface IStore : IAsyncDisposable
{
    /// <summary>
    /// The highest revision at which every earlier write is visible to reads and watches. Every watch that is open
    /// reports, soon after, that it has come this far, if need be with an empty batch.
    /// </summary>
    ValueTask<long> GetRevisionAsync(CancellationToken cancellationToken);

    /// <summary>The value of <paramref name="key"/> now (<paramref name="revision"/> 0) or as it was at a revision.</summary>
    /// <returns>The entry, or null where the key did not exist at that revision.</returns>
    /// <exception cref="CompactedException">The revision is older than the last compaction.</exception>
    /// <exception cref="FutureRevisionException">The revision has not been reached yet.</exception>
    ValueTask<StoreEntry?> GetAsync(string key, long revision, CancellationToken cancellationToken);

    /// <summary>
    /// The entries whose keys start with <paramref name="prefix"/>, in key order, as of one revision.
    /// <paramref name="after"/> (a full key, exclusive) and <paramref name="limit"/> (0 = no limit) page through them.
    /// </summary>
    /// <exception cref="CompactedException">The revision is older than the last compaction.</exception>
    /// <exception cref="FutureRevisionException">The revision has not been reached yet.</exception>
    ValueTask<StorePage> ListAsync(string prefix, string? after, int limit, long revision, CancellationToken cancellationToken);

    /// <summary>
    /// Writes if the key's last revision is <paramref name="expectedRevision"/> (0: the key must not exist).
    /// With a time to live the entry is deleted, with an event, some time after it has run out.
    /// </summary>
    /// <returns>The new revision, or the conflicting current state.</returns>
    /// <exception cref="StoreUnavailableException">The write could not be made, or it is not known whether it was.</exception>
    ValueTask<WriteResult> PutAsync(
        string key, ReadOnlyMemory<byte> value, long expectedRevision, TimeSpan? timeToLive, CancellationToken cancellationToken);

    /// <summary>Deletes if the key's last revision is <paramref name="expectedRevision"/>.</summary>
    /// <returns>The deletion's revision, or the conflicting current state.</returns>
    ValueTask<WriteResult> DeleteAsync(string key, long expectedRevision, CancellationToken cancellationToken);

    /// <summary>
    /// All changes below <paramref name="prefix"/> with a revision greater than <paramref name="afterRevision"/>, in
    /// revision order, without a gap, for ever. Batches hold what became visible together; an empty batch reports
    /// progress only. A watcher that does not keep up is ended with <see cref="SlowWatcherException"/>.
    /// </summary>
    /// <exception cref="CompactedException">History after the revision is no longer complete.</exception>
    IAsyncEnumerable<StoreBatch> WatchAsync(string prefix, long afterRevision, CancellationToken cancellationToken);

    /// <summary>Drops history before <paramref name="revision"/>; the state at that revision stays readable.</summary>
    ValueTask CompactAsync(long revision, CancellationToken cancellationToken);
}

/// <summary>A key's value, the revision that created it and the revision that wrote it last.</summary>
public sealed record StoreEntry(string Key, ReadOnlyMemory<byte> Value, long CreateRevision, long Revision);

/// <summary>A page of entries as of <paramref name="Revision"/>; <paramref name="More"/>: further keys follow.
/// <paramref name="Remaining"/> counts those that follow, or is null where that is not known.</summary>
public sealed record StorePage(IReadOnlyList<StoreEntry> Entries, long Revision, bool More, long? Remaining);

/// <summary>The outcome of a conditional write.</summary>
/// <param name="Succeeded">Whether the condition held and the write is durable.</param>
/// <param name="Revision">The write's revision; where the condition failed, the store's.</param>
/// <param name="Current">Where the condition failed: the key's present entry, or null if it does not exist.</param>
public readonly record struct WriteResult(bool Succeeded, long Revision, StoreEntry? Current);

/// <summary>Changes that became visible together; <paramref name="Revision"/> is complete after them.</summary>
public sealed record StoreBatch(IReadOnlyList<StoreEvent> Events, long Revision);

/// <summary>One change of one key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Revision">The revision of the change itself (a deletion has one too).</param>
/// <param name="Entry">The new entry; null for a deletion.</param>
/// <param name="Previous">The entry before, null if there was none.</param>
public sealed record StoreEvent(string Key, long Revision, StoreEntry? Entry, StoreEntry? Previous);

/// <summary>The revision asked for is older than the last compaction.</summary>
public sealed class CompactedException(long requested, long oldest)
    : Exception($"revision {requested} has been compacted, the oldest kept is {oldest}")
{
    /// <summary>The oldest revision that can still be read.</summary>
    public long Oldest { get; } = oldest;
}

/// <summary>The revision asked for has not been reached.</summary>
public sealed class FutureRevisionException(long requested, long current)
    : Exception($"revision {requested} is ahead of the store, which is at {current}")
{
    /// <summary>The store's revision.</summary>
    public long Current { get; } = current;
}

/// <summary>A watcher fell too far behind and was dropped; it must list again.</summary>
public sealed class SlowWatcherException() : Exception("the watcher did not keep up and was dropped");
