// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Storage.Sqlite;

/// <summary>
/// Something the writer does inside a transaction that other operations share. <see cref="Apply"/> runs in queue
/// order; then either all of them are committed, or all have failed.
/// </summary>
internal abstract class WriteOperation
{
    /// <summary>About how many bytes it adds to the transaction.</summary>
    public virtual int Size => 0;

    /// <summary>Decides and writes.</summary>
    public abstract void Apply(WriteTransaction transaction);

    /// <summary>The transaction is durable, and published up to <paramref name="revision"/>.</summary>
    public abstract void Committed(long revision);

    /// <summary>Nothing of the transaction was kept.</summary>
    public abstract void Failed(Exception fault);
}

/// <summary>What the operations of one transaction share.</summary>
internal sealed class WriteTransaction(LogTable log, long revision)
{
    private readonly List<StoreEvent> events = [];

    public LogTable Log { get; } = log;

    /// <summary>The revision of the last write so far.</summary>
    public long Revision { get; private set; } = revision;

    /// <summary>When the first time to live that was written here ends, in milliseconds since 1970.</summary>
    public long? EarliestExpiry { get; private set; }

    public IReadOnlyList<StoreEvent> Events => events;

    public void Put(string key, ReadOnlySpan<byte> keyBytes, LogRow? last, ReadOnlyMemory<byte> value, long? expires)
    {
        var revision = ++Revision;
        var previous = last?.ToEntry(key);
        var entry = new StoreEntry(key, value, previous?.CreateRevision ?? revision, revision);
        Log.Append(revision, keyBytes, last, entry.CreateRevision, deleted: false, expires, value.Span);
        if (expires is { } time && !(EarliestExpiry <= time))
            EarliestExpiry = time;
        events.Add(new StoreEvent(key, revision, entry, previous));
    }

    public void Delete(string key, ReadOnlySpan<byte> keyBytes, LogRow last)
    {
        var revision = ++Revision;
        Log.Append(revision, keyBytes, last, createRevision: 0, deleted: true, expires: null, []);
        events.Add(new StoreEvent(key, revision, null, last.ToEntry(key)));
    }
}
