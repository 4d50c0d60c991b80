// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Objects;
using Sealock.Api.Serving;

namespace Sealock.Tests.Serving;

/// <summary>Answers that a comparison with a real kube-apiserver settled.</summary>
public sealed class AnswerTests : IAsyncLifetime
{
    private const string Collection = "/api/v1/namespaces/default/configmaps";
    private const string MetadataOf = "application/json;g=meta.k8s.io;v=v1;as=";
    private TestServer server = null!; // set before every test

    public async Task InitializeAsync()
    {
        server = await TestServer.StartAsync();
        await server.SendAsync("POST", Collection, """{"metadata":{"name":"a"}}""");
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Theory]
    [InlineData("/a", "PartialObjectMetadataList", "you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)")]
    [InlineData("", "PartialObjectMetadata", "you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)")]
    [InlineData("", "Drawing", "only the following media types are accepted: application/json, application/yaml")]
    public async Task A_form_that_does_not_fit_is_not_acceptable(string path, string form, string message)
    {
        var answer = await server.SendAsync("GET", Collection + path, accept: MetadataOf + form);

        Assert.Equal((406, message), (answer.Status, answer.Message));
    }

    [Theory]
    [InlineData("application/yaml", "application/yaml", "apiVersion: v1\ncode: 404\nkind: Status\n")]
    [InlineData("text/html, application/yaml;q=0.5", "application/yaml", "apiVersion: v1\n")]
    [InlineData("application/yaml;q=0.5,application/json", "application/json", "{\"kind\":\"Status\"")]
    [InlineData("text/html", "application/json", "{\"kind\":\"Status\"")]
    public void An_error_is_told_in_the_encoding_that_is_accepted(string accept, string type, string start)
    {
        var error = new ApiException(404, "NotFound", "not there");
        var (body, mediaType) = ErrorAnswers.Write(error, accept, new QueryParameters([]), "");

        Assert.Equal(type, mediaType);
        Assert.StartsWith(start, Encoding.UTF8.GetString(body.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v2/configmaps")]
    [InlineData("/apis/coordination.k8s.io/v9")]
    [InlineData("/apis/coordination.k8s.io/v9/leases")]
    public async Task Within_a_group_that_is_served_what_is_missing_is_told_as_a_status(string path)
    {
        var answer = await server.SendAsync("GET", path);

        Assert.Equal((404, "the server could not find the requested resource"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task An_update_of_nothing_that_names_a_uid_is_a_conflict()
    {
        const string uid = "11111111-2222-3333-4444-555555555555";
        var answer = await server.SendAsync("PUT", $"{Collection}/none", $$$"""{"metadata":{"name":"none","uid":"{{{uid}}}"}}""");

        Assert.Equal(409, answer.Status);
        Assert.EndsWith($"UID in precondition: {uid}, UID in object meta: ", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Force_belongs_to_apply()
    {
        var answer = await server.SendAsync("PATCH", $"{Collection}/a?force=true", "{}", "application/merge-patch+json");

        Assert.Equal(422, answer.Status);
        Assert.Contains("force: Forbidden: may not be specified for non-apply patch", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_removes_the_last_finalizer_sees_the_object_without_it()
    {
        await server.SendAsync("POST", Collection, """{"metadata":{"name":"b","finalizers":["x.dev/one"]}}""");
        await server.SendAsync("DELETE", $"{Collection}/b");
        var last = await server.SendAsync(
            "PATCH", $"{Collection}/b", """{"metadata":{"finalizers":null},"data":{"k":"v"}}""", "application/merge-patch+json");

        Assert.Null(last.Json["metadata"]!["finalizers"]);
        Assert.Equal("v", last.Json["data"]!["k"]!.ToString());
    }

    [Fact]
    public async Task A_watch_ends_when_its_time_is_over()
    {
        await using var watch = await server.WatchAsync($"{Collection}?watch=1&resourceVersion=0&timeoutSeconds=1");
        Assert.Equal("ADDED a", await watch.NextShortAsync());
        server.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(await watch.NextAsync());
    }
}
