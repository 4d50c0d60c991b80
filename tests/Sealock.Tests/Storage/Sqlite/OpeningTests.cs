// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Storage;
using Sealock.Api.Storage.Sqlite;

namespace Sealock.Tests.Storage.Sqlite;

public sealed class OpeningTests : SqliteTests
{
    private string DatabasePath => Path.Combine(Folder, SqliteStore.FileName);

    [Fact]
    public async Task A_folder_that_is_in_use_is_refused_until_it_is_free()
    {
        await using (await OpenAsync())
            Assert.Contains("in use by another process", await RefusalAsync(), StringComparison.Ordinal);
        await using var store = await OpenAsync();
    }

    [Fact]
    public async Task Nobody_but_the_owner_can_read_the_files()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var store = await OpenAsync();
        await store.WriteAsync("/a", "v", 0);
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(Mode | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        foreach (var file in Directory.GetFiles(Folder))
            Assert.Equal(Mode, File.GetUnixFileMode(file));
        Assert.Contains(DatabasePath + "-wal", Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(DatabasePath, new string('x', 10_000));
        Assert.Contains("restore a backup", await RefusalAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CREATE TABLE recipes (id INTEGER)", "another program")]
    [InlineData("UPDATE store SET schema_version = 99", "schema 99")]
    public async Task A_database_of_something_else_is_refused(string sql, string reason)
    {
        if (sql.StartsWith("UPDATE", StringComparison.Ordinal))
            await (await OpenAsync()).DisposeAsync();
        Directory.CreateDirectory(Folder);
        await File.AppendAllTextAsync(DatabasePath, "");
        using (var database = Database.Open(DatabasePath))
            database.Execute(sql);
        Assert.Contains(reason, await RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_is_found_by_the_check()
    {
        await using (var store = await OpenAsync())
        {
            for (var i = 0; i < 200; i++)
                await store.PutAsync($"/k/{i}", new byte[500], 0, null, default);
        }
        var bytes = await File.ReadAllBytesAsync(DatabasePath);
        bytes.AsSpan(8 * 4096, 4096).Fill(0x5A);
        await File.WriteAllBytesAsync(DatabasePath, bytes);
        var fault = await Assert.ThrowsAsync<StoreOpenException>(
            () => SqliteStore.OpenAsync(Options with { CheckIntegrity = true }));
        Assert.Contains("restore a backup", fault.Message, StringComparison.Ordinal);
    }

    private async Task<string> RefusalAsync() => (await Assert.ThrowsAsync<StoreOpenException>(OpenAsync)).Message;
}
