// SPDX-License-Identifier: Apache-2.0
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Api.Storage.Sqlite;
using Sealock.Gateway.Authorization;
using Sealock.Gateway.Bootstrap;
using Sealock.Tests.Support;
using Xunit.Abstractions;

namespace Sealock.Tests.Fuzzing;

/// <summary>
/// Odd objects and odd requests to every resource that is served, behind authentication: decoding, defaulting,
/// validation, patching, storing, following, printing. Every answer is an answer; none is a fault of the server.
/// </summary>
public sealed class ServedObjectsFuzzTests(ITestOutputHelper output) : IAsyncLifetime, ITokenAuthenticator, ITokenIssuer
{
    private static readonly string[] Methods = ["POST", "POST", "POST", "PUT", "PUT", "PATCH", "PATCH", "GET", "DELETE", "HEAD", "OPTIONS"];
    private static readonly string[] PatchTypes =
        ["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml"];
    private static readonly string[] Accepts =
        ["", "application/json", "application/yaml", "application/json;as=Table;v=v1;g=meta.k8s.io", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
            "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "text/html"];
    private static readonly string[] Queries =
        ["", "", "?dryRun=All", "?fieldValidation=Strict", "?fieldValidation=Warn&fieldManager=x", "?limit=1", "?limit=-1&continue=x", "?resourceVersion=0",
            "?resourceVersion=1&resourceVersionMatch=Exact", "?resourceVersion=99999999999999999999", "?labelSelector=a%3Db", "?fieldSelector=metadata.name%3Dx",
            "?pretty=true", "?propagationPolicy=Orphan", "?force=true&fieldManager=m", "?dryRun=x&dryRun=All", "?gracePeriodSeconds=-9", "?watch=x&resourceVersionMatch=NotOlderThan"];

    private readonly string _folder = Directory.CreateTempSubdirectory("sealock-fuzz-").FullName;
    private readonly UserInfo _admin = new() { Name = "admin", Groups = [WellKnownGroups.Masters, WellKnownGroups.Authenticated] };
    private SqliteStore? _store;
    private ApiServer? _server;

    public async Task InitializeAsync()
    {
        var authorizer = new RbacAuthorizer();
        foreach (var item in BootstrapPolicy.All().Where(item => item.Group == RbacAuthorizer.ApiGroup))
            authorizer.Put(item.Plural, item.Object);
        _store = await SqliteStore.OpenAsync(new SqliteStoreOptions { Folder = _folder, WithoutSync = true });
        _server = await ApiServer.StartAsync(
            new ApiServerOptions { Store = _store, Definitions = Sealock.Hosting.Definitions.All(authorizer, this, this, new(), new(), new(TimeProvider.System), new(), new([], TimeProvider.System)), Authorizer = authorizer },
            CancellationToken.None);
        await SendAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"default"}}""", "", "");
        foreach (var (path, sample) in SampleObjects.All)
            Assert.NotEqual(500, await SendAsync("POST", path, sample.ToJsonString(), "", ""));
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        if (_store is not null)
            await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Every_sample_is_an_object_that_is_taken()
    {
        var refused = new List<string>();
        foreach (var (path, sample) in SampleObjects.All)
        {
            if (await SendAsync("POST", path, sample.ToJsonString(), "", "") is var code and not (200 or 201 or 409) && sample["spec"]?["boundObjectRef"] is null)
                refused.Add($"{path}: {code}");
        }

        Assert.True(refused.Count == 0, string.Join(", ", refused));
    }

    [Fact]
    public void Odd_objects_end_in_an_answer()
    {
        var mutator = new JsonMutator(FuzzRun.Seed);
        var count = 0;
        FuzzRun.Inputs<Sent, NotImplementedException>(
            output, "requests to every resource", FuzzRun.Iterations(3000), () => Next(mutator), sent => sent.ToString(), sent =>
            {
                if (++count % 2000 == 0)
                    _store!.CompactAsync(_store.GetRevisionAsync(default).AsTask().Result, default).AsTask().Wait();
                return SendAsync(sent.Method, sent.Target, sent.Body, sent.ContentType, sent.Accept).GetAwaiter().GetResult() < 300;
            });
    }

    [Fact]
    public void What_is_encrypted_is_known_without_a_server_too() => Assert.All(
        Sealock.Hosting.Definitions.All(new RbacAuthorizer(), this, this, new(), new(), new(TimeProvider.System), new(), new([], TimeProvider.System)),
        definition => Assert.Equal(definition.Encrypted, Sealock.Hosting.Definitions.IsEncrypted(definition.KeyPrefix + "x")));

    public ValueTask<TokenIdentity?> AuthenticateAsync(
        string token, System.Collections.Immutable.ImmutableArray<string> audiences, CancellationToken cancellationToken) => default;

    public IssuedToken Issue(ServiceAccountTokenRequest request) => new("token", DateTimeOffset.UnixEpoch, []);

    private static Sent Next(JsonMutator mutator)
    {
        var (path, sample) = SampleObjects.All[mutator.Next(SampleObjects.All.Length)];
        var method = Methods[mutator.Next(Methods.Length)];
        var name = mutator.Next(3) == 0 ? "y" : "x";
        var subresource = mutator.Next(6) switch { 0 => "/status", 1 => "/approval", 2 => "/token", 3 => "/finalize", _ => "" };
        var target = method == "POST" && mutator.Next(10) > 0 ? path : $"{path}/{name}{subresource}";
        if (method is "GET" && mutator.Next(2) == 0)
            target = path;
        var isPatch = method == "PATCH";
        var contentType = isPatch ? PatchTypes[mutator.Next(PatchTypes.Length)] : mutator.Next(20) == 0 ? "application/yaml" : "";
        JsonNode? body = isPatch && contentType == PatchTypes[0] ? Operations(mutator) : mutator.Next([sample]);
        return new(method, target + Queries[mutator.Next(Queries.Length)], method is "GET" or "HEAD" ? "" : body?.ToJsonString() ?? "null",
            contentType, Accepts[mutator.Next(Accepts.Length)]);
    }

    private static JsonArray Operations(JsonMutator mutator)
    {
        string[] paths = ["/metadata/name", "/metadata/labels", "/metadata", "/spec", "/spec/ports/0", "/data/k", "/status/conditions/-", "", "/rules/0/verbs", "/metadata/uid", "/metadata/finalizers"];
        string[] operations = ["add", "replace", "remove", "copy", "move", "test"];
        return new JsonArray([.. Enumerable.Range(0, 1 + mutator.Next(3)).Select(_ => new JsonObject
        {
            ["op"] = operations[mutator.Next(operations.Length)],
            ["path"] = paths[mutator.Next(paths.Length)],
            ["from"] = paths[mutator.Next(paths.Length)],
            ["value"] = mutator.Value(SampleObjects.Objects),
        })]);
    }

    /// <summary>The code of the answer, written out; a fault that is no answer is thrown.</summary>
    private async Task<int> SendAsync(string method, string target, string body, string contentType, string accept)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        try
        {
            var query = question < 0 ? QueryParameters.Empty : QueryParameters.Parse(target.AsSpan(question));
            var info = RequestInfoParser.Parse(method, question < 0 ? target : target[..question], query);
            if (info.Verb == "watch")
                return 200;
            var answer = await _server!.HandleAsync(
                new ApiRequest { Info = info, User = _admin, Query = query, Body = Encoding.UTF8.GetBytes(body), ContentType = contentType, Accept = accept },
                CancellationToken.None);
            var writer = PipeWriter.Create(Stream.Null);
            await answer.WriteAsync(writer, CancellationToken.None);
            await writer.CompleteAsync();
            return answer.StatusCode;
        }
        catch (ApiException refusal)
        {
            _ = StatusWriter.Failure(refusal);
            return refusal.Code;
        }
    }

    private sealed record Sent(string Method, string Target, string Body, string ContentType, string Accept);
}
