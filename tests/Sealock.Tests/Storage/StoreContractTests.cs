// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Storage;

namespace Sealock.Tests.Storage;

/// <summary>What every driver of <see cref="IStore"/> has to do; derive from it for a new one.</summary>
public abstract class StoreContractTests<TDriver> : StoreTests<TDriver>
    where TDriver : StoreDriver, new()
{
    [Fact]
    public async Task An_empty_store_has_a_positive_revision_and_no_entries()
    {
        Assert.True(await Store.GetRevisionAsync(default) > 0);
        Assert.Null(await Store.GetAsync("/a", 0, default));
        var page = await Store.ListAsync("", null, 0, 0, default);
        Assert.Empty(page.Entries);
        Assert.False(page.More);
        Assert.Equal(await Store.GetRevisionAsync(default), page.Revision);
    }

    [Fact]
    public async Task A_created_entry_is_read_back_with_its_revisions()
    {
        var created = await Store.WriteAsync("/a", "one", 0);
        var updated = await Store.WriteAsync("/a", "two", created);
        Assert.True(updated > created);
        var entry = await Store.GetAsync("/a", 0, default);
        Assert.Equal("two", entry.Text());
        Assert.Equal((created, updated), (entry!.CreateRevision, entry.Revision));
        Assert.Equal(updated, await Store.GetRevisionAsync(default));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3_000_000)]
    public async Task Values_of_any_bytes_come_back_as_they_were(int length)
    {
        var value = new byte[length];
        new Random(length).NextBytes(value);
        await Store.PutAsync("/a", value, 0, null, default);
        Assert.Equal(value, (await Store.GetAsync("/a", 0, default))!.Value.ToArray());
    }

    [Theory]
    [InlineData("exists", 0)]
    [InlineData("exists", -1)]
    [InlineData("exists", 1)]
    [InlineData("missing", 1)]
    public async Task A_write_whose_condition_fails_changes_nothing_and_reports_the_present_state(string key, int offset)
    {
        var revision = await Store.WriteAsync("exists", "value", 0);
        var expected = offset == 0 ? 0 : revision + offset;

        var put = await Store.PutAsync(key, "other".Bytes(), expected, null, default);
        var delete = await Store.DeleteAsync(key, expected, default);

        foreach (var result in (WriteResult[])[put, delete])
        {
            Assert.False(result.Succeeded);
            Assert.Equal(revision, result.Revision);
            Assert.Equal(key == "exists" ? "value" : null, result.Current?.Text());
        }
        Assert.Equal(revision, await Store.GetRevisionAsync(default));
    }

    [Fact]
    public async Task Deleting_takes_the_entry_away_and_creating_it_again_starts_anew()
    {
        var first = await Store.WriteAsync("/a", "one", 0);
        var deleted = await Store.RemoveAsync("/a", first);
        Assert.Null(await Store.GetAsync("/a", 0, default));
        Assert.False((await Store.PutAsync("/a", "x".Bytes(), deleted, null, default)).Succeeded);
        var second = await Store.WriteAsync("/a", "two", 0);
        Assert.Equal(second, (await Store.GetAsync("/a", 0, default))!.CreateRevision);
        Assert.Equal("one", (await Store.GetAsync("/a", first, default)).Text());
        Assert.Null(await Store.GetAsync("/a", deleted, default));
    }

    [Fact]
    public async Task The_state_at_any_revision_stays_readable()
    {
        var a1 = await Store.WriteAsync("/a", "a1", 0);
        var b1 = await Store.WriteAsync("/b", "b1", 0);
        var a2 = await Store.WriteAsync("/a", "a2", a1);
        var b2 = await Store.RemoveAsync("/b", b1);

        Assert.Equal("/a=a1", await ShowAsync(a1));
        Assert.Equal("/a=a1 /b=b1", await ShowAsync(b1));
        Assert.Equal("/a=a2 /b=b1", await ShowAsync(a2));
        Assert.Equal("/a=a2", await ShowAsync(b2));
        Assert.Equal("", await ShowAsync(a1 - 1));
    }

    [Fact]
    public async Task A_list_holds_exactly_the_prefix_in_the_order_of_UTF8_bytes()
    {
        // U+FF61 sorts before U+1F600 in UTF-8, after it in UTF-16.
        string[] inOrder = ["/p/", "/p/A", "/p/a", "/p/a/x", "/p/b", "/p/é", "/p/\uFF61", "/p/\U0001F600"];
        foreach (var key in (string[])[.. inOrder.Reverse(), "/o", "/p", "/q", "/P/a"])
            await Store.WriteAsync(key, key, 0);

        var page = await Store.ListAsync("/p/", null, 0, 0, default);

        Assert.Equal(inOrder, page.Entries.Select(entry => entry.Key));
        Assert.All(page.Entries, entry => Assert.Equal(entry.Key, entry.Text()));
        Assert.Equal(inOrder.Length + 4, (await Store.ListAsync("", null, 0, 0, default)).Entries.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(11)]
    public async Task Pages_at_one_revision_join_to_the_list_whatever_is_written_in_between(int limit)
    {
        for (var i = 0; i < 10; i++)
            await Store.WriteAsync($"/k/{i}", "v", 0);
        var whole = await Store.ListAsync("/k/", null, 0, 0, default);
        var keys = new List<string>();
        string? after = null;
        StorePage page;
        do
        {
            page = await Store.ListAsync("/k/", after, limit, whole.Revision, default);
            Assert.Equal(whole.Revision, page.Revision);
            Assert.True(page.Entries.Count <= limit);
            keys.AddRange(page.Entries.Select(entry => entry.Key));
            Assert.True(page.Remaining is null || page.Remaining == 10 - keys.Count);
            after = keys[^1];
            await Store.WriteAsync($"/k/{keys.Count}/new", "v", 0);
        }
        while (page.More);
        Assert.Equal(whole.Entries.Select(entry => entry.Key), keys);
    }

    [Fact]
    public async Task A_revision_that_has_not_been_reached_cannot_be_read()
    {
        var current = await Store.WriteAsync("/a", "v", 0);
        var fault = await Assert.ThrowsAsync<FutureRevisionException>(
            async () => await Store.GetAsync("/a", current + 1, default));
        Assert.Equal(current, fault.Current);
        await Assert.ThrowsAsync<FutureRevisionException>(
            async () => await Store.ListAsync("/", null, 0, current + 1, default));
        await Assert.ThrowsAsync<FutureRevisionException>(async () => await Store.CompactAsync(current + 1, default));
    }

    [Fact]
    public async Task Compaction_keeps_the_state_at_its_revision_and_refuses_older_ones()
    {
        var a1 = await Store.WriteAsync("/a", "a1", 0);
        var b1 = await Store.WriteAsync("/b", "b1", 0);
        var a2 = await Store.WriteAsync("/a", "a2", a1);
        var b2 = await Store.RemoveAsync("/b", b1);
        var a3 = await Store.WriteAsync("/a", "a3", a2);

        await Store.CompactAsync(a2, default);
        Assert.Equal("/a=a2 /b=b1", await ShowAsync(a2));
        var fault = await Assert.ThrowsAsync<CompactedException>(async () => await Store.GetAsync("/a", b1, default));
        Assert.Equal(a2, fault.Oldest);
        await Assert.ThrowsAsync<CompactedException>(async () => await Store.ListAsync("/", null, 0, b1, default));

        await Store.CompactAsync(a1, default);
        Assert.Equal("/a=a2 /b=b1", await ShowAsync(a2));
        await Store.CompactAsync(b2, default);
        Assert.Equal("/a=a2", await ShowAsync(b2));
        await Store.CompactAsync(a3, default);
        Assert.Equal("/a=a3", await ShowAsync(0));
        Assert.Equal(a3, await Store.GetRevisionAsync(default));
    }

    [Fact]
    public async Task An_entry_whose_time_to_live_is_over_is_deleted_with_an_event()
    {
        var start = await Store.GetRevisionAsync(default);
        await Store.PutAsync("/ttl/short", "v".Bytes(), 0, TimeSpan.FromSeconds(10), default);
        await Store.PutAsync("/ttl/long", "v".Bytes(), 0, TimeSpan.FromSeconds(60), default);
        var renewed = (await Store.PutAsync("/ttl/renewed", "v".Bytes(), 0, TimeSpan.FromSeconds(10), default)).Revision;
        await Store.PutAsync("/ttl/renewed", "v".Bytes(), renewed, TimeSpan.FromSeconds(60), default);
        var kept = (await Store.PutAsync("/ttl/kept", "v".Bytes(), 0, TimeSpan.FromSeconds(10), default)).Revision;
        await Store.PutAsync("/ttl/kept", "v".Bytes(), kept, null, default);
        await using var watch = Store.Follow("/ttl/", start);

        Clock.Advance(TimeSpan.FromSeconds(11));
        var deletion = await watch.UntilAsync(change => change.Entry is null);
        Assert.Equal("/ttl/short", deletion.Key);
        Assert.Equal("v", deletion.Previous.Text());

        Clock.Advance(TimeSpan.FromSeconds(60));
        await watch.UntilAsync(change => change is { Key: "/ttl/long", Entry: null });
        await watch.UntilCountAsync(9);
        Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal("/ttl/kept", Assert.Single((await Store.ListAsync("/ttl/", null, 0, 0, default)).Entries).Key);
        Assert.Equal(9, watch.Events.Count);
    }

    [Fact]
    public async Task Keys_that_cannot_be_ordered_are_refused()
    {
        foreach (var key in (string[])["", "\uD800", new string('k', 5_000)])
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.PutAsync(key, "v".Bytes(), 0, null, default));
    }

    [Fact]
    public async Task Of_many_writers_that_expect_the_same_revision_one_succeeds()
    {
        var revision = await Store.WriteAsync("/a", "0", 0);
        for (var round = 0; round < 20; round++)
        {
            var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(writer =>
                Task.Run(async () => await Store.PutAsync("/a", $"{writer}".Bytes(), revision, null, default))));
            revision = Assert.Single(results, result => result.Succeeded).Revision;
            Assert.All(results.Where(result => !result.Succeeded), result => Assert.Equal(revision, result.Current!.Revision));
        }
    }

    private protected async Task<string> ShowAsync(long revision)
    {
        var page = await Store.ListAsync("/", null, 0, revision, default);
        foreach (var entry in page.Entries)
            Assert.Equal(entry.Text(), (await Store.GetAsync(entry.Key, revision, default)).Text());
        return string.Join(' ', page.Entries.Select(entry => $"{entry.Key}={entry.Text()}"));
    }
}
