// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Storage.Sqlite;

/// <summary>A connection that reads. Every method is one statement, so it sees one state of the file.</summary>
internal sealed class LogReader : IDisposable
{
    private const int HistoryWindow = 1_000;
    private const long HistoryBytes = 8L << 20;

    private readonly Database database;
    private readonly Statement get;
    private readonly Statement list;
    private readonly Statement history;

    /// <exception cref="SqliteFault">The file cannot be opened.</exception>
    public LogReader(string path)
    {
        database = Schema.OpenForReading(path);
        get = database.Prepare(
            """
            SELECT value, create_revision, revision, deleted FROM log
            WHERE key = ?1 AND revision <= ?2 ORDER BY revision DESC LIMIT 1
            """);
        // The inner query walks the index alone, in key order; the outer one fetches a row per key.
        list = database.Prepare(
            """
            SELECT log.value, log.create_revision, log.revision, log.key
            FROM (SELECT key, max(revision) AS revision FROM log
                  WHERE key >= ?1 AND key > ?2 AND key < ?3 AND revision <= ?4 GROUP BY key ORDER BY key) AS newest
            CROSS JOIN log ON log.revision = newest.revision
            WHERE NOT log.deleted LIMIT ?5
            """);
        // The unary plus keeps SQLite from using the index on keys: history is read in revision order.
        history = database.Prepare(
            """
            SELECT row.value, row.create_revision, row.revision, row.deleted, row.key,
                   previous.value, previous.create_revision, previous.revision
            FROM log AS row
            LEFT JOIN log AS previous ON previous.revision = row.previous_revision AND NOT previous.deleted
            WHERE row.revision > ?1 AND row.revision <= ?2 AND +row.key >= ?3 AND +row.key < ?4
            ORDER BY row.revision
            """);
    }

    /// <summary>The key's entry as of a revision, or null.</summary>
    public StoreEntry? Get(string key, ReadOnlySpan<byte> keyBytes, long revision)
    {
        try
        {
            get.Bind(1, keyBytes).Bind(2, revision);
            return get.Step() && get.Integer(3) == 0 ? Entry(get, key, 0) : null;
        }
        finally
        {
            get.Reset();
        }
    }

    /// <summary>The entries below a prefix as of a revision; <paramref name="limit"/> 0 is all.</summary>
    public StorePage List(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> after, int limit, long revision, CancellationToken cancellationToken)
    {
        var entries = new List<StoreEntry>();
        try
        {
            list.Bind(1, prefix)
                .Bind(2, after)
                .Bind(3, StoreKey.EndOf(prefix))
                .Bind(4, revision)
                .Bind(5, limit == 0 ? -1 : limit + 1L);
            while (list.Step())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (limit > 0 && entries.Count == limit)
                    return new StorePage(entries, revision, More: true, Remaining: null);
                entries.Add(Entry(list, StoreKey.Decode(list.Blob(3)), 0));
            }
            return new StorePage(entries, revision, More: false, Remaining: 0);
        }
        finally
        {
            list.Reset();
        }
    }

    /// <summary>
    /// The changes below a prefix in a bounded part of the history after <paramref name="after"/>, at most up to
    /// <paramref name="until"/>. The batch's revision says how far it reaches.
    /// </summary>
    public StoreBatch History(ReadOnlySpan<byte> prefix, long after, long until)
    {
        until = Math.Min(until, after + HistoryWindow);
        var events = new List<StoreEvent>();
        var bytes = 0L;
        try
        {
            history.Bind(1, after).Bind(2, until).Bind(3, prefix).Bind(4, StoreKey.EndOf(prefix));
            while (history.Step())
            {
                var change = Change();
                events.Add(change);
                bytes += (change.Entry?.Value.Length ?? 0) + (change.Previous?.Value.Length ?? 0);
                if (bytes >= HistoryBytes)
                    return new StoreBatch(events, change.Revision);
            }
            return new StoreBatch(events, until);
        }
        finally
        {
            history.Reset();
        }
    }

    public void Dispose()
    {
        get.Dispose();
        list.Dispose();
        history.Dispose();
        database.Dispose();
    }

    private static StoreEntry Entry(Statement row, string key, int column) =>
        new(key, row.Blob(column).ToArray(), row.Integer(column + 1), row.Integer(column + 2));

    private StoreEvent Change()
    {
        var key = StoreKey.Decode(history.Blob(4));
        return new StoreEvent(
            key,
            history.Integer(2),
            history.Integer(3) != 0 ? null : Entry(history, key, 0),
            history.IsNull(7) ? null : Entry(history, key, 5));
    }
}
