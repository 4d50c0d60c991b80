// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Acme.Solvers;
using Sealock.Api.Client;
using Sealock.Controllers.Acme.Solvers;

namespace Sealock.Tests.Controllers.Acme;

/// <summary>Solvers that are installed in a cluster as cert-manager's webhooks, over the cluster's API.</summary>
public sealed class ClusterWebhookTests
{
    private static readonly TxtValue Value = new("a.example", "_acme-challenge.a.example", "the-value");

    [Theory]
    [InlineData("""{"response": {"uid": "ID", "success": true}}""", null)]
    [InlineData("""{"response": {"uid": "ID", "success": false, "status": {"status": "Failed", "message": "no such\nzone"}}}""", "the solver my-solver of acme.example.com refused Present of _acme-challenge.a.example: no such zone")]
    [InlineData("""{"response": {"uid": "ID"}}""", "it does not say why")]
    [InlineData("""{"kind": "ChallengePayload"}""", "gave no answer to Present")]
    [InlineData("<html>", "something else than a ChallengePayload")]
    [InlineData("403", "allow this controller's service account to create my-solver.acme.example.com")]
    [InlineData("404", "install it in the cluster, or give config.url of a web service")]
    public async Task It_is_asked_with_a_ChallengePayload_and_its_answer_is_told(string answer, string? expected)
    {
        var cluster = new Cluster(answer);
        var problem = await Provider(cluster).AddAsync(Value, default);
        if (expected is null)
            Assert.Null(problem);
        else
            Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.Equal(("POST", "/apis/acme.example.com/v1alpha1/my-solver"), (cluster.Method, cluster.Path));
        var request = cluster.Body!["request"]!.AsObject();
        Assert.NotEqual("", (string?)request["uid"]);
        request.Remove("uid");
        Assert.Equal(
            """{"action":"Present","type":"dns-01","dnsName":"a.example","key":"the-value","resourceNamespace":"pki","resolvedFQDN":"_acme-challenge.a.example.","resolvedZone":"a.example.","allowAmbientCredentials":false,"config":{"zone":"z","nested":[1]}}""",
            request.ToJsonString());
        Assert.Equal(("webhook.acme.cert-manager.io/v1alpha1", "ChallengePayload"), ((string?)cluster.Body["apiVersion"], (string?)cluster.Body["kind"]));
    }

    [Fact]
    public async Task What_was_put_in_place_is_removed_the_same_way()
    {
        var cluster = new Cluster("""{"response": {"success": true}}""");
        Assert.Null(await Provider(cluster).RemoveAsync(Value, default));
        Assert.Equal("CleanUp", (string?)cluster.Body!["request"]!["action"]);
    }

    [Theory]
    [InlineData("acme.example.com", "my-solver", true)]
    [InlineData("", "my-solver", false)]
    [InlineData("acme.example.com", "../secrets", false)]
    [InlineData("a/b", "x", false)]
    public void Only_names_of_the_API_are_asked(string group, string solver, bool isGood) => Assert.Equal(
        isGood, ClusterWebhookProvider.Refuse(new() { GroupName = group, SolverName = solver }) is null);

    private static ClusterWebhookProvider Provider(Cluster cluster) => new(
        new ApiClient(cluster),
        new() { GroupName = "acme.example.com", SolverName = "my-solver", Config = JsonDocument.Parse("""{"zone": "z", "nested": [1]}""").RootElement },
        "pki", (_, _) => Task.FromResult<(string?, string?)>(("a.example", null)));

    private sealed class Cluster(string answer) : IApiTransport
    {
        public string Method { get; private set; } = "";

        public string Path { get; private set; } = "";

        public JsonNode? Body { get; private set; }

        public Task<TransportResponse> SendAsync(
            string method, string pathAndQuery, ReadOnlyMemory<byte> body, string? contentType, CancellationToken cancellationToken)
        {
            (Method, Path, Body) = (method, pathAndQuery, JsonNode.Parse(body.Span));
            var isCode = int.TryParse(answer, out var code);
            var text = isCode ? $$"""{"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "no", "code": {{code}}}""" : answer;
            return Task.FromResult(new TransportResponse(isCode ? code : 201, new MemoryStream(Encoding.UTF8.GetBytes(text))));
        }
    }
}
