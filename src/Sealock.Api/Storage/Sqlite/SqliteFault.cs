// SPDX-License-Identifier: Apache-2.0
using SQLitePCL;

namespace Sealock.Api.Storage.Sqlite;

/// <summary>An error that SQLite reported; translated to the store's own exceptions before it leaves the driver.</summary>
internal sealed class SqliteFault(int code, string message) : Exception(message)
{
    private const int PrimaryCode = 0xFF;

    /// <summary>SQLite's extended result code.</summary>
    public int Code { get; } = code;

    /// <summary>Whether the file's content cannot be trusted.</summary>
    public bool IsDamage => (Code & PrimaryCode) is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    /// <summary>The same as callers of the store see it.</summary>
    public StoreUnavailableException ToUnavailable(string folder) => new(
        (Code & PrimaryCode) switch
        {
            raw.SQLITE_FULL =>
                $"no space is left for the store in {folder}: free some; writes succeed again as soon as there is room",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB =>
                $"the store in {folder} is damaged ({Message}): stop this process and restore a backup",
            raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_CANTOPEN =>
                $"the store in {folder} cannot be written ({Message}): check the folder's owner, mode and mount",
            _ => $"the store in {folder} failed with SQLite error {Code} ({Message}): check the disk",
        },
        this);
}
