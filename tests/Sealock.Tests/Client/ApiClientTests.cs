// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Tests.Serving;

namespace Sealock.Tests.Client;

public sealed class ApiClientTests : IAsyncLifetime
{
    private static readonly ResourceType<SecretView> Secrets = SecretView.Resource;
    private TestServer server = null!; // set before every test
    private ApiClient client = null!; // set before every test

    public async Task InitializeAsync()
    {
        server = await TestServer.StartAsync();
        client = server.Client();
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Objects_are_created_found_patched_updated_and_deleted()
    {
        var created = await client.CreateAsync(Secrets, "default", Body("a"), CancellationToken.None);
        var found = await client.FindAsync(Secrets, "default", "a", CancellationToken.None);
        var patched = await client.PatchAsync(
            Secrets, "default", "a", JsonNode.Parse("""{"metadata":{"annotations":{"x":"y"}}}""")!);
        var updated = await client.UpdateAsync(Secrets, "default", "a", Body("a"), CancellationToken.None);
        await client.DeleteAsync(Secrets, "default", "a", new DeletePreconditions { Uid = created.Metadata.Uid }, CancellationToken.None);

        Assert.Equal(created.Metadata.ResourceVersion, found!.Metadata.ResourceVersion);
        Assert.Empty(created.Metadata.Labels);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), created.Metadata.CreationTimestamp);
        Assert.Equal("y", patched.Metadata.Annotations["x"]);
        Assert.Empty(updated.Metadata.Annotations);
        Assert.Null(await client.FindAsync(Secrets, "default", "a", CancellationToken.None));
    }

    [Fact]
    public async Task A_failure_is_the_servers_own_error()
    {
        await client.CreateAsync(Secrets, "default", Body("a"), CancellationToken.None);

        var failure = await Assert.ThrowsAsync<ApiException>(
            () => client.CreateAsync(Secrets, "default", Body("a"), CancellationToken.None));

        Assert.Equal((409, "AlreadyExists", "a"), (failure.Code, failure.Reason, failure.Details!.Name));
    }

    [Fact]
    public async Task A_long_list_is_read_in_pages_of_one_revision()
    {
        for (var i = 0; i < 1100; i++)
            await client.CreateAsync(Secrets, "default", Body($"s{i:d4}"), CancellationToken.None);

        var list = await client.ListAsync(Secrets, "", null, CancellationToken.None);

        Assert.Equal(1100, list.Items.Count);
        Assert.Equal(list.Items.OrderBy(item => item.Metadata.Name, StringComparer.Ordinal), list.Items);
        Assert.Equal(list.Items.Max(item => long.Parse(item.Metadata.ResourceVersion, null)).ToString(), list.ResourceVersion);
    }

    [Fact]
    public async Task A_watch_that_is_too_old_throws_what_the_server_says()
    {
        var first = await client.CreateAsync(Secrets, "default", Body("a"), CancellationToken.None);
        await client.CreateAsync(Secrets, "default", Body("b"), CancellationToken.None);
        var last = await client.CreateAsync(Secrets, "default", Body("c"), CancellationToken.None);
        await server.Store.CompactAsync(long.Parse(last.Metadata.ResourceVersion, null), CancellationToken.None);
        await using var restarted = await TestServer.StartAsync(server.Store);

        var failure = await Assert.ThrowsAsync<ApiException>(async () =>
        {
            var query = new ListQuery { ResourceVersion = first.Metadata.ResourceVersion };
            await foreach (var _ in restarted.Client().WatchAsync(Secrets, "default", query, CancellationToken.None))
            {
            }
        });

        Assert.Equal(410, failure.Code);
    }

    [Fact]
    public async Task A_path_that_is_not_served_is_a_failure_and_not_an_absence()
    {
        var widgets = Secrets with { Group = "widgets.example", Plural = "widgets" };

        var failure = await Assert.ThrowsAsync<ApiException>(
            () => client.FindAsync(widgets, "default", "a", CancellationToken.None));

        Assert.Equal(404, failure.Code);
    }

    [Theory]
    [InlineData("""{"type":"ERROR","object":{"kind":"Status","code":410}}""")]
    [InlineData("""{"kind":"SecretList","metadata":{},"items":[]}""")]
    [InlineData("""{"kind":"SecretList","metadata":{"resourceVersion":"7"},"items":[{}""")]
    [InlineData("")]
    public async Task What_is_no_list_is_a_failure_and_not_an_empty_one(string body)
    {
        var answering = new ApiClient(new Answering(body));

        await Assert.ThrowsAsync<HttpRequestException>(() => answering.ListAsync(Secrets, "default", null, CancellationToken.None));
    }

    private sealed class Answering(string body) : IApiTransport
    {
        public Task<TransportResponse> SendAsync(
            string method, string pathAndQuery, ReadOnlyMemory<byte> sent, string? contentType, CancellationToken cancellationToken) =>
            Task.FromResult(new TransportResponse(200, new MemoryStream(System.Text.Encoding.UTF8.GetBytes(body))));
    }

    private static JsonObject Body(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };
}
