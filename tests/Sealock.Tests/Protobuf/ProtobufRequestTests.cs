// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Schemas;
using Sealock.Tests.Serving;

namespace Sealock.Tests.Protobuf;

public sealed class ProtobufRequestTests : IAsyncLifetime
{
    private const string Type = "application/vnd.kubernetes.protobuf";
    private const string Accepted = "application/vnd.kubernetes.protobuf,application/json";
    private const string Secrets = "/api/v1/namespaces/default/secrets";
    private TestServer server = null!; // set before every test

    public async Task InitializeAsync() => server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Kubectls_secret_is_stored_as_the_same_in_JSON_would_be()
    {
        var request = Sample.FromKubectl
            .Single(sample => sample.Origin.Contains("/secrets?", StringComparison.Ordinal));
        var json = await server.SendAsync("POST", $"{Secrets}?dryRun=All", request.Json);

        var created = await server.SendAsync("POST", request.Origin["POST ".Length..], request.Bytes, Type, Accepted);

        Assert.Equal(201, created.Status);
        Assert.Empty(created.Warnings);
        Assert.Equal("application/json", created.Response!.ContentType);
        Assert.Equal(WithoutIdentity(json.Json), WithoutIdentity(created.Json));
    }

    [Fact]
    public async Task An_update_and_delete_options_may_come_as_protobuf()
    {
        var created = await server.SendAsync("POST", Secrets, """{"metadata":{"name":"one"},"data":{"a":"MQ=="}}""");
        var changed = created.Json.AsObject();
        changed["data"]!["a"] = "Mg==";

        var updated = await server.SendAsync("PUT", $"{Secrets}/one", Encode(changed, "core.v1.Secret"), Type);
        var refused = await server.SendAsync("DELETE", $"{Secrets}/one", Options("other"), Type);
        var deleted = await server.SendAsync(
            "DELETE", $"{Secrets}/one", Options(changed["metadata"]!["uid"]!.ToString()), Type);

        Assert.Equal("Mg==", updated.Json["data"]!["a"]!.ToString());
        Assert.Equal(409, refused.Status);
        Assert.Equal(200, deleted.Status);
    }

    [Theory]
    [InlineData("", "the object provided is unrecognized (must be of type Secret): empty data (<empty>)")]
    [InlineData("6b387300", "the object provided is unrecognized (must be of type Secret): empty body (6b387300)")]
    [InlineData(
        "7b7d",
        "the object provided is unrecognized (must be of type Secret): "
        + "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({})")]
    [InlineData(
        "6b3873000a05", "the object provided is unrecognized (must be of type Secret): unexpected EOF (6b3873000a05)")]
    [InlineData(
        "6b38730012020800",
        "Secret in version \"v1\" cannot be handled as a Secret: proto: wrong wireType = 0 for field metadata")]
    [InlineData(
        "6b3873000a0f0a0276311209436f6e6669674d6170",
        "ConfigMap in version \"v1\" cannot be handled as a Secret: "
        + "converting (v1.ConfigMap) to (core.Secret): unknown conversion")]
    [InlineData(
        "6b3873000a0c0a02763212065365637265741200",
        "Secret in version \"v2\" cannot be handled as a Secret: no kind \"Secret\" is registered for version \"v2\"")]
    public async Task What_cannot_be_read_is_a_bad_request(string hex, string message)
    {
        var answer = await server.SendAsync("POST", Secrets, Convert.FromHexString(hex), Type);

        Assert.Equal(400, answer.Status);
        Assert.Equal("BadRequest", answer.Json["reason"]!.ToString());
        Assert.Equal(message, answer.Message);
    }

    [Fact]
    public async Task Delete_options_that_cannot_be_read_are_a_bad_request()
    {
        var broken = await server.SendAsync(
            "DELETE", $"{Secrets}/one", Convert.FromHexString("6b387300120212ff"), Type);
        var other = await server.SendAsync(
            "DELETE", $"{Secrets}/one", Convert.FromHexString("6b3873000a0c0a0276311206536563726574"), Type);

        Assert.Equal(400, broken.Status);
        Assert.EndsWith(
            "cannot be handled as a DeleteOptions: unexpected EOF", broken.Message, StringComparison.Ordinal);
        Assert.Equal(400, other.Status);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_too_large() =>
        Assert.Equal(413, (await server.SendAsync("POST", Secrets, new byte[(3 * 1024 * 1024) + 1], Type)).Status);

    private static byte[] Options(string uid) => Encode(
        new JsonObject
        {
            ["kind"] = "DeleteOptions",
            ["apiVersion"] = "v1",
            ["preconditions"] = new JsonObject { ["uid"] = uid },
            ["gracePeriodSeconds"] = 0L,
        },
        null);

    private static byte[] Encode(JsonObject value, string? schema) => ProtobufEncoder.Encode(
        value,
        SchemaCatalog.Kubernetes.Get(
            schema is null ? "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions" : "io.k8s.api." + schema));

    private static string WithoutIdentity(JsonNode value)
    {
        foreach (var name in (string[])["uid", "resourceVersion", "managedFields"])
            value["metadata"]!.AsObject().Remove(name);
        return value.ToJsonString();
    }
}
