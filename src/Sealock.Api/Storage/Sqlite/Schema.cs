// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.Api.Storage.Sqlite;

/// <summary>The tables, and what has to be true of a file before it is used.</summary>
internal static class Schema
{
    private const long Version = 1;

    // `log` is the whole history, one row per write. `previous_revision` is the key's row before, or 0; `expires`
    // (milliseconds since 1970) stands only on rows that are their key's last one. The value comes last, so that
    // the other columns are read without it.
    private const string Tables =
        """
        CREATE TABLE log (
            revision INTEGER PRIMARY KEY,
            key BLOB NOT NULL,
            create_revision INTEGER NOT NULL,
            previous_revision INTEGER NOT NULL,
            deleted INTEGER NOT NULL,
            expires INTEGER,
            value BLOB NOT NULL
        ) STRICT;
        CREATE INDEX log_key ON log (key, revision);
        CREATE INDEX log_expires ON log (expires) WHERE expires IS NOT NULL;
        CREATE TABLE store (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            schema_version INTEGER NOT NULL,
            revision_floor INTEGER NOT NULL,
            compacted INTEGER NOT NULL,
            swept INTEGER NOT NULL
        ) STRICT;
        """;

    /// <summary>A connection that commits durably.</summary>
    public static Database OpenForWriting(string path, bool withoutSync)
    {
        var database = Database.Open(path);
        try
        {
            var mode = database.ReadText("PRAGMA journal_mode = WAL");
            if (mode != "wal")
                throw new StoreOpenException($"{path} cannot be used in WAL mode: keep the data folder on a local disk");
            database.Execute(withoutSync ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL");
            database.Execute("PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>A connection that can only read.</summary>
    public static Database OpenForReading(string path)
    {
        var database = Database.Open(path);
        database.Execute("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY");
        return database;
    }

    /// <summary>Creates the tables, or checks that they are the ones this version knows.</summary>
    /// <exception cref="StoreOpenException">The file belongs to something else, or to a newer version.</exception>
    public static void Prepare(Database database, string path)
    {
        if (database.ReadInteger("SELECT count(*) FROM sqlite_schema") == 0)
        {
            database.Execute(string.Create(
                CultureInfo.InvariantCulture,
                $"BEGIN IMMEDIATE; {Tables} INSERT INTO store VALUES (1, {Version}, 1, 0, 0); COMMIT"));
            return;
        }
        if (database.ReadInteger("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('log', 'store')") != 2)
            throw new StoreOpenException($"{path} is the database of another program: name another data folder");
        var version = database.ReadInteger("SELECT schema_version FROM store");
        if (version != Version)
        {
            throw new StoreOpenException(
                $"{path} has schema {version}, this version knows {Version}: use the version that wrote it, or a newer one");
        }
    }

    /// <summary>Reads the whole file and looks for damage.</summary>
    /// <exception cref="StoreOpenException">Something is damaged.</exception>
    public static void CheckIntegrity(Database database, string path)
    {
        var finding = database.ReadText("PRAGMA quick_check(1)");
        if (finding != "ok")
            throw new StoreOpenException($"{path} is damaged ({finding}): restore a backup");
    }

    /// <summary>Raises the revision to at least <paramref name="minimum"/>, and drops history before it if it was lower.</summary>
    public static void RaiseRevision(Database database, long minimum)
    {
        if (ReadRevision(database) >= minimum)
            return;
        using var statement = database.Prepare("UPDATE store SET revision_floor = ?1, compacted = ?1");
        statement.Bind(1, minimum).Run();
    }

    /// <summary>The store's revision: the last write's, or the floor where that write has been compacted away.</summary>
    public static long ReadRevision(Database database) => database.ReadInteger(
        "SELECT max(revision_floor, compacted, coalesce((SELECT max(revision) FROM log), 0)) FROM store");
}
