// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Storage.Sqlite;

/// <summary>The writer's statements on the log. Used by the writer's thread only.</summary>
internal sealed class LogTable(Database database) : IDisposable
{
    private readonly Statement begin = database.Prepare("BEGIN IMMEDIATE");
    private readonly Statement commit = database.Prepare("COMMIT");
    private readonly Statement rollback = database.Prepare("ROLLBACK");

    private readonly Statement last = database.Prepare(
        """
        SELECT revision, create_revision, deleted, expires, value FROM log
        WHERE key = ?1 ORDER BY revision DESC LIMIT 1
        """);

    private readonly Statement append = database.Prepare(
        """
        INSERT INTO log (revision, key, create_revision, previous_revision, deleted, expires, value)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        """);

    private readonly Statement forgetExpiry = database.Prepare("UPDATE log SET expires = NULL WHERE revision = ?1");

    private readonly Statement due = database.Prepare(
        "SELECT key FROM log WHERE expires <= ?1 ORDER BY expires LIMIT ?2");

    private readonly Statement nextExpiry = database.Prepare("SELECT min(expires) FROM log WHERE expires IS NOT NULL");

    private readonly Statement compact = database.Prepare("UPDATE store SET compacted = max(compacted, ?1)");

    private readonly Statement toSweep = database.Prepare(
        """
        SELECT revision, previous_revision, deleted FROM log
        WHERE revision > ?1 AND revision <= ?2 ORDER BY revision LIMIT ?3
        """);

    private readonly Statement remove = database.Prepare("DELETE FROM log WHERE revision = ?1");

    private readonly Statement swept = database.Prepare("UPDATE store SET swept = ?1");

    private readonly Statement readSwept = database.Prepare("SELECT swept FROM store");

    public void Begin() => begin.Run();

    public void Commit() => commit.Run();

    /// <summary>Undoes the open transaction, if SQLite has not undone it itself.</summary>
    public void Rollback()
    {
        if (database.InTransaction)
            rollback.Run();
    }

    /// <summary>The key's last row, a deletion included.</summary>
    public LogRow? Last(ReadOnlySpan<byte> key)
    {
        try
        {
            if (!last.Bind(1, key).Step())
                return null;
            return new LogRow(
                last.Integer(0),
                last.Integer(1),
                last.Integer(2) != 0,
                !last.IsNull(3),
                last.Blob(4).ToArray());
        }
        finally
        {
            last.Reset();
        }
    }

    /// <summary>Adds a row after <paramref name="previous"/>, the key's last one.</summary>
    public void Append(
        long revision, ReadOnlySpan<byte> key, LogRow? previous, long createRevision, bool deleted, long? expires, ReadOnlySpan<byte> value)
    {
        if (previous is { Expires: true })
            forgetExpiry.Bind(1, previous.Revision).Run();
        append.Bind(1, revision)
            .Bind(2, key)
            .Bind(3, createRevision)
            .Bind(4, previous?.Revision ?? 0)
            .Bind(5, deleted ? 1 : 0)
            .Bind(6, expires)
            .Bind(7, value)
            .Run();
    }

    /// <summary>Keys whose time to live is over, the longest overdue first.</summary>
    public List<byte[]> Due(long now, int limit)
    {
        var keys = new List<byte[]>();
        try
        {
            due.Bind(1, now).Bind(2, limit);
            while (due.Step())
                keys.Add(due.Blob(0).ToArray());
            return keys;
        }
        finally
        {
            due.Reset();
        }
    }

    /// <summary>When the next time to live ends, in milliseconds since 1970.</summary>
    public long? NextExpiry()
    {
        try
        {
            return nextExpiry.Step() && !nextExpiry.IsNull(0) ? nextExpiry.Integer(0) : null;
        }
        finally
        {
            nextExpiry.Reset();
        }
    }

    /// <summary>Records that history before the revision is gone; <see cref="Sweep"/> then removes it.</summary>
    public void Compact(long revision) => compact.Bind(1, revision).Run();

    /// <summary>
    /// Removes history that a compaction has given up, as far as <paramref name="limit"/> rows lead: each row up to
    /// <paramref name="compacted"/> makes the key's row before it superfluous, and a deletion itself too.
    /// </summary>
    /// <returns>Whether there is more to remove.</returns>
    public bool Sweep(long compacted, int limit)
    {
        var rows = RowsToSweep(compacted, limit);
        foreach (var (revision, previous, deleted) in rows)
        {
            if (previous != 0)
                remove.Bind(1, previous).Run();
            if (deleted)
                remove.Bind(1, revision).Run();
        }
        var more = rows.Count == limit;
        swept.Bind(1, more ? rows[^1].Revision : compacted).Run();
        return more;
    }

    public void Dispose()
    {
        foreach (var statement in (Statement[])
            [begin, commit, rollback, last, append, forgetExpiry, due, nextExpiry, compact, toSweep, remove, swept, readSwept])
        {
            statement.Dispose();
        }
    }

    private List<(long Revision, long Previous, bool Deleted)> RowsToSweep(long compacted, int limit)
    {
        var rows = new List<(long Revision, long Previous, bool Deleted)>(limit);
        try
        {
            readSwept.Step();
            toSweep.Bind(1, readSwept.Integer(0)).Bind(2, compacted).Bind(3, limit);
            while (toSweep.Step())
                rows.Add((toSweep.Integer(0), toSweep.Integer(1), toSweep.Integer(2) != 0));
            return rows;
        }
        finally
        {
            readSwept.Reset();
            toSweep.Reset();
        }
    }
}

/// <summary>A key's last row, for the decision whether and how it is followed.</summary>
internal sealed record LogRow(long Revision, long CreateRevision, bool Deleted, bool Expires, byte[] Value)
{
    /// <summary>The row as callers see it; null for a deletion.</summary>
    public StoreEntry? ToEntry(string key) => Deleted ? null : new StoreEntry(key, Value, CreateRevision, Revision);
}
