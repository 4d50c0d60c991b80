// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Storage.Sqlite;
using Sealock.Tests.Support;

namespace Sealock.Tests.Storage.Sqlite;

/// <summary>A folder with a store that a test opens, closes and opens again.</summary>
public abstract class SqliteTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sealock-test-").FullName;

    private protected FakeTimeProvider Clock { get; } = new();

    private protected string Folder => In("data");

    // Whether the disk is synced shows only when power is lost; without, these tests take a fraction of the time.
    private protected SqliteStoreOptions Options => new() { Folder = Folder, Clock = Clock, WithoutSync = true };

    public void Dispose()
    {
        Directory.Delete(root, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected string In(string name) => Path.Combine(root, name);

    private protected Task<SqliteStore> OpenAsync() => SqliteStore.OpenAsync(Options);
}
