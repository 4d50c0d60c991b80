// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Storage.Sqlite;

namespace Sealock.Tests.Storage.Sqlite;

public sealed class BackupTests : SqliteTests
{
    [Fact]
    public async Task A_backup_under_load_is_the_store_at_the_revision_it_names()
    {
        await using var store = await OpenAsync();
        using var stop = new CancellationTokenSource();
        var enough = new TaskCompletionSource();
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            var revision = 0L;
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                revision = await store.WriteAsync($"/k/{writer}", new string('x', i % 3_000), revision);
                if (i == 100)
                    enough.TrySetResult();
            }
        })).ToArray();
        await enough.Task;
        var revision = await store.BackupAsync(In("copy.db"), default);
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        Directory.CreateDirectory(In("restored"));
        File.Copy(In("copy.db"), Path.Combine(In("restored"), SqliteStore.FileName));
        await using var restored = await SqliteStore.OpenAsync(Options with { Folder = In("restored") });
        Assert.Equal(revision, await restored.GetRevisionAsync(default));
        Assert.Equal(await ContentAsync(store, revision), await ContentAsync(restored, 0));
        await using var watch = restored.Follow("/", 0);
        await watch.UntilRevisionAsync(revision);
        Assert.Equal(revision - 1, watch.Events.Count);
    }

    [Fact]
    public async Task A_backup_is_for_its_owner_alone_and_replaces_nothing()
    {
        await using var store = await OpenAsync();
        await store.BackupAsync(In("copy.db"), default);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(In("copy.db")));
        await Assert.ThrowsAsync<IOException>(() => store.BackupAsync(In("copy.db"), default));
        await Assert.ThrowsAnyAsync<IOException>(() => store.BackupAsync(In("missing/copy.db"), default));
    }

    [Fact]
    public async Task A_cancelled_backup_leaves_nothing_behind()
    {
        await using var store = await OpenAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => store.BackupAsync(In("copy.db"), new CancellationToken(canceled: true)));
        Assert.Equal([Folder], Directory.GetFileSystemEntries(Path.GetDirectoryName(Folder)!));
    }

    private static async Task<List<(string, string?, long, long)>> ContentAsync(SqliteStore store, long revision)
    {
        var page = await store.ListAsync("", null, 0, revision, default);
        return [.. page.Entries.Select(entry => (entry.Key, entry.Text(), entry.CreateRevision, entry.Revision))];
    }
}
