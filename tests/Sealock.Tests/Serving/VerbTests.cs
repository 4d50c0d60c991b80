// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.Tests.Serving;

public sealed class VerbTests : IAsyncLifetime
{
    private const string Collection = "/api/v1/namespaces/default/secrets";
    private TestServer server = null!; // set before every test

    public async Task InitializeAsync() => server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task What_is_created_is_read_back_with_what_the_server_decides()
    {
        var created = await CreateAsync("one", ""","data":{"a":"MQ=="}""");

        Assert.Equal(201, created.Status);
        Assert.StartsWith("""{"kind":"Secret","apiVersion":"v1","metadata":{"resourceVersion":""", created.Text, StringComparison.Ordinal);
        Assert.Equal("default", created.Json["metadata"]!["namespace"]!.ToString());
        Assert.Equal("2026-03-01T12:00:00Z", created.Json["metadata"]!["creationTimestamp"]!.ToString());
        Assert.True(Guid.TryParse(created.Json["metadata"]!["uid"]!.ToString(), out _));
        var read = await server.SendAsync("GET", $"{Collection}/one");
        Assert.Equal(created.Text, read.Text);
    }

    [Fact]
    public async Task Items_of_a_list_have_no_kind_and_come_in_key_order()
    {
        await CreateAsync("b");
        var last = await CreateAsync("a");

        var list = await server.SendAsync("GET", Collection);

        Assert.Equal("SecretList", list.Json["kind"]!.ToString());
        Assert.Equal(["a", "b"], list.Names);
        Assert.Null(list.Json["items"]![0]!["kind"]);
        Assert.Equal(last.Version, list.Version);
    }

    [Fact]
    public async Task An_update_with_an_old_version_conflicts()
    {
        var created = await CreateAsync("one");
        var body = created.Json;
        body["metadata"]!["labels"] = new JsonObject { ["a"] = "b" };
        var updated = await server.SendAsync("PUT", $"{Collection}/one", body.ToJsonString());

        var again = await server.SendAsync("PUT", $"{Collection}/one", body.ToJsonString());

        Assert.Equal(200, updated.Status);
        Assert.NotEqual(created.Version, updated.Version);
        Assert.Equal(409, again.Status);
        Assert.Equal(
            "Operation cannot be fulfilled on secrets \"one\": the object has been modified; please apply your changes to the latest version and try again",
            again.Message);
    }

    [Fact]
    public async Task An_update_that_changes_nothing_writes_nothing()
    {
        var created = await CreateAsync("one");

        var updated = await server.SendAsync("PUT", $"{Collection}/one", created.Text);

        Assert.Equal(200, updated.Status);
        Assert.Equal(created.Text, updated.Text);
    }

    [Fact]
    public async Task A_deletion_is_answered_with_a_status_that_names_the_object()
    {
        var created = await CreateAsync("one");

        var deleted = await server.SendAsync("DELETE", $"{Collection}/one");

        Assert.Equal(200, deleted.Status);
        Assert.Equal("Success", deleted.Json["status"]!.ToString());
        Assert.Equal("secrets", deleted.Json["details"]!["kind"]!.ToString());
        Assert.Equal(created.Json["metadata"]!["uid"]!.ToString(), deleted.Json["details"]!["uid"]!.ToString());
        var gone = await server.SendAsync("GET", $"{Collection}/one");
        Assert.Equal((404, "secrets \"one\" not found"), (gone.Status, gone.Message));
    }

    [Fact]
    public async Task A_watch_tells_of_every_change_after_its_version()
    {
        var created = await CreateAsync("one");
        await using var watch = await server.WatchAsync($"{Collection}?watch=1&resourceVersion={created.Version}");

        await server.SendAsync(
            "PATCH", $"{Collection}/one", """{"metadata":{"labels":{"a":"b"}}}""", "application/merge-patch+json");
        await server.SendAsync("DELETE", $"{Collection}/one");

        var modified = await watch.NextAsync();
        var deleted = await watch.NextAsync();
        Assert.Equal("MODIFIED", modified!["type"]!.ToString());
        Assert.Equal("Secret", modified["object"]!["kind"]!.ToString());
        Assert.Equal("DELETED", deleted!["type"]!.ToString());
        Assert.True(Version(deleted) > Version(modified));
    }

    private static long Version(JsonObject @event) =>
        long.Parse(@event["object"]!["metadata"]!["resourceVersion"]!.ToString(), System.Globalization.CultureInfo.InvariantCulture);

    private Task<Answer> CreateAsync(string name, string rest = "") => server.SendAsync(
        "POST", Collection, $$"""{"kind":"Secret","apiVersion":"v1","metadata":{"name":"{{name}}"}{{rest}}}""");
}
