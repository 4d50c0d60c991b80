// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Storage.Sqlite;

namespace Sealock.Tests.Storage.Sqlite;

public sealed class CompactionTests : SqliteTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Only_rows_that_a_readable_revision_needs_are_kept(bool stopHalfWay)
    {
        await using (var store = await OpenAsync())
        {
            var revision = 0L;
            for (var i = 0; i < 300; i++)
            {
                revision = await store.WriteAsync("/kept", $"{i}", revision);
                await store.RemoveAsync($"/gone/{i % 3}", await store.WriteAsync($"/gone/{i % 3}", "v", 0));
            }
            using var cancellation = new CancellationTokenSource();
            var compaction = store.CompactAsync(await store.GetRevisionAsync(default), cancellation.Token).AsTask();
            if (stopHalfWay)
                await cancellation.CancelAsync();
            await Task.WhenAny(compaction);
        }
        await using (var store = await OpenAsync())
        {
            if (stopHalfWay)
                await store.CompactAsync(await store.GetRevisionAsync(default), default);
            Assert.Equal("299", (await store.GetAsync("/kept", 0, default)).Text());
        }
        using var database = Database.Open(Path.Combine(Folder, SqliteStore.FileName));
        Assert.Equal(1, database.ReadInteger("SELECT count(*) FROM log"));
        Assert.Equal("ok", database.ReadText("PRAGMA integrity_check"));
    }
}
