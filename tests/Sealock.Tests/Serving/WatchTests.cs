// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;

namespace Sealock.Tests.Serving;

public sealed class WatchTests : IAsyncLifetime
{
    private const string Collection = "/api/v1/namespaces/default/secrets";
    private TestServer server = null!; // set before every test

    public async Task InitializeAsync() => server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("&resourceVersion=0")]
    public async Task Without_a_version_a_watch_begins_with_what_there_is(string version)
    {
        await CreateAsync("b");
        await CreateAsync("a");
        await server.SendAsync("GET", Collection);
        await using var watch = await server.WatchAsync($"{Collection}?watch=1{version}");
        await CreateAsync("c");

        Assert.Equal("ADDED a", await watch.NextShortAsync());
        Assert.Equal("ADDED b", await watch.NextShortAsync());
        Assert.Equal("ADDED c", await watch.NextShortAsync());
    }

    [Fact]
    public async Task Initial_events_end_with_a_bookmark_that_says_so()
    {
        var created = await CreateAsync("a");
        await using var watch = await server.WatchAsync(
            $"{Collection}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");

        Assert.Equal("ADDED a", await watch.NextShortAsync());
        var bookmark = await watch.NextAsync();
        Assert.Equal("BOOKMARK", bookmark!["type"]!.ToString());
        Assert.Equal("true", bookmark["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]!.ToString());
        Assert.Equal(created.Version, bookmark["object"]!["metadata"]!["resourceVersion"]!.ToString());
        Assert.Equal("Secret", bookmark["object"]!["kind"]!.ToString());
    }

    [Fact]
    public async Task An_object_that_leaves_a_selection_is_deleted_for_it_and_one_that_enters_is_added()
    {
        var start = await CreateAsync("a", """,{"app":"web"}""");
        await using var watch = await server.WatchAsync($"{Collection}?watch=1&labelSelector=app%3Dweb&resourceVersion={start.Version}");

        await LabelAsync("a", "db");
        await CreateAsync("other");
        await LabelAsync("a", "web");
        await server.SendAsync("DELETE", $"{Collection}/a");

        var left = await watch.NextAsync();
        Assert.Equal("DELETED", left!["type"]!.ToString());
        Assert.Equal("web", left["object"]!["metadata"]!["labels"]!["app"]!.ToString());
        Assert.True(VersionOf(left) > long.Parse(start.Version, CultureInfo.InvariantCulture));
        Assert.Equal("ADDED a", await watch.NextShortAsync());
        Assert.Equal("DELETED a", await watch.NextShortAsync());
    }

    [Fact]
    public async Task A_field_selector_follows_a_field_that_the_kind_declares()
    {
        await using var watch = await server.WatchAsync($"{Collection}?watch=1&fieldSelector=type%3Dx");
        await CreateAsync("opaque");
        await server.SendAsync("POST", Collection, """{"metadata":{"name":"other"},"type":"x"}""");

        Assert.Equal("ADDED other", await watch.NextShortAsync());
    }

    [Fact]
    public async Task Bookmarks_come_every_minute_and_when_the_time_is_over()
    {
        await using var watch = await server.WatchAsync(
            $"{Collection}?watch=1&resourceVersion=0&allowWatchBookmarks=true&timeoutSeconds=90");
        await CreateAsync("a");
        Assert.Equal("ADDED a", await watch.NextShortAsync());
        var elsewhere = await server.SendAsync("POST", "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"x"}}""");
        await server.SendAsync("GET", $"{Collection}/a");

        server.Clock.Advance(TimeSpan.FromSeconds(61));
        var bookmark = await watch.NextAsync();
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        var last = await watch.NextShortAsync();

        Assert.Equal("BOOKMARK", bookmark!["type"]!.ToString());
        Assert.Equal(elsewhere.Version, bookmark["object"]!["metadata"]!["resourceVersion"]!.ToString());
        Assert.Equal("BOOKMARK", last);
        Assert.Equal("END", await watch.NextShortAsync());
    }

    [Fact]
    public async Task A_version_that_the_store_has_forgotten_is_expired()
    {
        var first = await CreateAsync("a");
        await CreateAsync("b");
        var last = await CreateAsync("c");
        await server.Store.CompactAsync(long.Parse(last.Version, CultureInfo.InvariantCulture), CancellationToken.None);
        await using var restarted = await TestServer.StartAsync(server.Store);

        await using var watch = await restarted.WatchAsync($"{Collection}?watch=1&resourceVersion={first.Version}");

        var error = await watch.NextAsync();
        Assert.Equal("ERROR", error!["type"]!.ToString());
        Assert.Equal(410, error["object"]!["code"]!.GetValue<int>());
        Assert.Equal("Expired", error["object"]!["reason"]!.ToString());
        Assert.StartsWith("too old resource version: ", error["object"]!["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("END", await watch.NextShortAsync());
    }

    [Fact]
    public async Task After_a_restart_a_watch_goes_on_where_it_broke_off()
    {
        var first = await CreateAsync("a");
        await CreateAsync("b");
        await server.SendAsync("DELETE", $"{Collection}/a");
        await using var restarted = await TestServer.StartAsync(server.Store);

        await using var watch = await restarted.WatchAsync($"{Collection}?watch=1&resourceVersion={first.Version}");
        await restarted.SendAsync("POST", Collection, """{"metadata":{"name":"c"}}""");

        Assert.Equal("ADDED b", await watch.NextShortAsync());
        Assert.Equal("DELETED a", await watch.NextShortAsync());
        Assert.Equal("ADDED c", await watch.NextShortAsync());
    }

    [Fact]
    public async Task A_table_watch_has_a_row_per_event_and_columns_only_once()
    {
        await using var watch = await server.WatchAsync(
            $"{Collection}?watch=1", "application/json;as=Table;v=v1;g=meta.k8s.io");
        await CreateAsync("a");
        await CreateAsync("b");

        var first = (await watch.NextAsync())!["object"]!;
        var second = (await watch.NextAsync())!["object"]!;
        Assert.Equal("Table", first["kind"]!.ToString());
        Assert.NotEmpty(first["columnDefinitions"]!.AsArray());
        Assert.Equal("a", first["rows"]![0]!["cells"]![0]!.ToString());
        Assert.Null(second["columnDefinitions"]);
        Assert.Equal("b", second["rows"]![0]!["cells"]![0]!.ToString());
    }

    [Fact]
    public async Task The_legacy_watch_of_one_object_sees_that_object_only()
    {
        await using var watch = await server.WatchAsync("/api/v1/watch/namespaces/default/secrets/b");
        await CreateAsync("a");
        await CreateAsync("b");

        Assert.Equal("ADDED b", await watch.NextShortAsync());
    }

    [Theory]
    [InlineData("sendInitialEvents=true", "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")]
    [InlineData("resourceVersionMatch=NotOlderThan", "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")]
    public async Task Options_that_contradict_each_other_are_refused(string options, string message)
    {
        var answer = await server.SendAsync("GET", $"{Collection}?watch=1&{options}");

        Assert.Equal((422, message), (answer.Status, answer.Message));
    }

    private static long VersionOf(JsonObject @event) =>
        long.Parse(@event["object"]!["metadata"]!["resourceVersion"]!.ToString(), CultureInfo.InvariantCulture);

    private Task<Answer> CreateAsync(string name, string labels = "") => server.SendAsync(
        "POST",
        Collection,
        labels.Length == 0
            ? $$$"""{"metadata":{"name":"{{{name}}}"}}"""
            : $$$$"""{"metadata":{"name":"{{{{name}}}}","labels":{{{{labels[1..]}}}}}}""");

    private Task<Answer> LabelAsync(string name, string value) => server.SendAsync(
        "PATCH", $"{Collection}/{name}", $$$$"""{"metadata":{"labels":{"app":"{{{{value}}}}"}}}""", "application/merge-patch+json");
}
