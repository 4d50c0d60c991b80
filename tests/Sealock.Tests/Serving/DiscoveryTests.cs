// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.OpenApi;

namespace Sealock.Tests.Serving;

public sealed class DiscoveryTests : IAsyncLifetime
{
    private const string Aggregated =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

    private TestServer server = null!; // set before every test

    public async Task InitializeAsync() => server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Theory]
    [InlineData("/api", "APIVersions")]
    [InlineData("/api/", "APIVersions")]
    [InlineData("/apis", "APIGroupList")]
    [InlineData("/apis/coordination.k8s.io", "APIGroup")]
    [InlineData("/api/v1", "APIResourceList")]
    [InlineData("/apis/coordination.k8s.io/v1", "APIResourceList")]
    public async Task Every_level_has_its_document(string path, string kind) =>
        Assert.Equal(kind, (await server.SendAsync("GET", path)).Json["kind"]!.ToString());

    [Fact]
    public async Task A_version_lists_its_resources_and_subresources()
    {
        var answer = await server.SendAsync("GET", "/api/v1");

        Assert.Equal(
            ["configmaps", "namespaces", "namespaces/status", "secrets"],
            answer.Json["resources"]!.AsArray().Select(resource => resource!["name"]!.ToString()));
        Assert.Equal("v1", answer.Json["groupVersion"]!.ToString());
        Assert.Equal("cm", answer.Json["resources"]![0]!["shortNames"]![0]!.ToString());
        Assert.Equal("configmap", answer.Json["resources"]![0]!["singularName"]!.ToString());
    }

    [Fact]
    public async Task Everything_comes_at_once_where_the_client_prefers_that()
    {
        var core = await server.SendAsync("GET", "/api", accept: Aggregated);
        var groups = await server.SendAsync("GET", "/apis", accept: Aggregated);
        var older = await server.SendAsync("GET", "/apis", accept: "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList");

        Assert.Equal("APIGroupDiscoveryList", core.Json["kind"]!.ToString());
        Assert.Equal("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", core.Response!.ContentType);
        Assert.NotNull(core.Response.ETag);
        Assert.Equal("coordination.k8s.io", groups.Json["items"]![0]!["metadata"]!["name"]!.ToString());
        Assert.Equal("apidiscovery.k8s.io/v2beta1", older.Json["apiVersion"]!.ToString());
        Assert.Equal(
            "status",
            core.Json["items"]![0]!["versions"]![0]!["resources"]!.AsArray()
                .Single(resource => resource!["resource"]!.ToString() == "namespaces")!["subresources"]![0]!["subresource"]!.ToString());
    }

    [Fact]
    public async Task The_version_and_the_index_are_there_and_writing_to_them_is_not_allowed()
    {
        Assert.Equal("1", (await server.SendAsync("GET", "/version")).Json["major"]!.ToString());
        Assert.Contains("/api/v1", (await server.SendAsync("GET", "/")).Json["paths"]!.AsArray().Select(path => path!.ToString()));
        Assert.Equal(405, (await server.SendAsync("POST", "/version")).Status);
        Assert.Equal(404, (await server.SendAsync("GET", "/nothing")).Status);
    }

    [Fact]
    public async Task OpenApi_is_served_in_the_forms_that_old_and_new_clients_take()
    {
        var v2 = await server.SendAsync("GET", "/openapi/v2");
        var binary = await server.SendAsync("GET", "/openapi/v2", accept: OpenApiDocuments.V2ProtobufMediaType);
        var v3 = await server.SendAsync("GET", "/openapi/v3");
        var core = await server.SendAsync("GET", "/openapi/v3/api/v1");

        Assert.Equal("2.0", v2.Json["swagger"]!.ToString());
        Assert.Equal(200, binary.Status);
        Assert.NotNull(v3.Json["paths"]!["api/v1"]);
        Assert.StartsWith("3.0", core.Json["openapi"]!.ToString(), StringComparison.Ordinal);
    }
}
