// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Storage;
using Sealock.Api.Storage.Sqlite;
using Sealock.Api.Storage.Watching;

namespace Sealock.Tests.Storage.Sqlite;

public sealed class LogWriterTests : SqliteTests
{
    [Fact]
    public async Task A_group_in_which_one_operation_fails_is_not_written_and_the_next_is()
    {
        using var folder = DataFolder.Take(Folder);
        var database = Schema.OpenForWriting(folder.DatabasePath, withoutSync: true);
        Schema.Prepare(database, folder.DatabasePath);
        using var hub = new WatchHub(1, new WatchBuffer(10, 1_000), Clock);
        await using var writer = new LogWriter(database, hub, Folder, _ => { });
        using var watcher = hub.Join("", 0);
        await watcher.NextAsync(default);

        // The first operation holds the writer until the others stand in the queue, so they share a transaction.
        using var queued = new ManualResetEventSlim();
        await writer.EnqueueAsync(new Step(() => queued.Wait()), default);
        var put = new PutOperation("/a", StoreKey.Encode("/a"), "v".Bytes(), 0, null);
        var broken = new Step(() => throw new InvalidOperationException("broken"));
        await writer.EnqueueAsync(put, default);
        await writer.EnqueueAsync(broken, default);
        queued.Set();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => put.Completion);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => broken.Completion);
        var again = new PutOperation("/a", StoreKey.Encode("/a"), "w".Bytes(), 0, null);
        await writer.EnqueueAsync(again, default);
        Assert.Equal(new WriteResult(true, 2, null), await again.Completion);
        var batch = await watcher.NextAsync(default);
        Assert.Equal("w", Assert.Single(batch.Events).Entry.Text());
    }

    private sealed class Step(Action action) : UpkeepOperation
    {
        public override void Apply(WriteTransaction transaction) => action();
    }
}
