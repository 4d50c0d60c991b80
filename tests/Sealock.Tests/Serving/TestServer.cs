// SPDX-License-Identifier: Apache-2.0
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Api.Storage;
using Sealock.Tests.Storage;
using Sealock.Tests.Support;

namespace Sealock.Tests.Serving;

/// <summary>An API server with a few kinds over a store in memory; everything is allowed.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private TestServer(ApiServer server, IStore store, FakeTimeProvider clock) =>
        (Server, Store, Clock) = (server, store, clock);

    public ApiServer Server { get; }

    public IStore Store { get; }

    public FakeTimeProvider Clock { get; }

    public static ResourceDefinition Namespaces { get; } = new()
    {
        Group = "",
        Version = "v1",
        Kind = "Namespace",
        Plural = "namespaces",
        Scope = ResourceScope.Cluster,
        SchemaName = "io.k8s.api.core.v1.Namespace",
        ShortNames = ["ns"],
        Verbs = ["create", "delete", "get", "list", "patch", "update", "watch"],
        Subresources = [new Subresource { Name = "status" }],
    };

    public static ResourceDefinition Secrets { get; } = new()
    {
        Group = "",
        Version = "v1",
        Kind = "Secret",
        Plural = "secrets",
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.k8s.api.core.v1.Secret",
        SelectableFields = [new SelectableField("type", secret => secret["type"]?.ToString() ?? "")],
    };

    public static ResourceDefinition ConfigMaps { get; } = new()
    {
        Group = "",
        Version = "v1",
        Kind = "ConfigMap",
        Plural = "configmaps",
        ShortNames = ["cm"],
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.k8s.api.core.v1.ConfigMap",
    };

    public static ResourceDefinition Leases { get; } = new()
    {
        Group = "coordination.k8s.io",
        Version = "v1",
        Kind = "Lease",
        Plural = "leases",
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.k8s.api.coordination.v1.Lease",
        RequiresVersionOnUpdate = true,
        CreateOnUpdate = true,
    };

    public static async Task<TestServer> StartAsync(IStore? store = null, params ResourceDefinition[] more)
    {
        var clock = new FakeTimeProvider();
        store ??= new MemoryStore(clock);
        var options = new ApiServerOptions
        {
            Store = store,
            Definitions = [Namespaces, Secrets, ConfigMaps, Leases, .. more],
            Authorizer = new Permissive(),
            Clock = clock,
        };
        var server = new TestServer(await ApiServer.StartAsync(options, CancellationToken.None), store, clock);
        if (server.Server.Objects.Find("", "namespaces", "", "default") is null)
            await server.SendAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"default"}}""");
        return server;
    }

    public ApiClient Client() => new(new InProcessTransport(Server.HandleAsync, Admin));

    public static UserInfo Admin { get; } = new() { Name = "admin", Groups = [WellKnownGroups.Masters] };

    public Task<Answer> SendAsync(
        string method, string target, string body = "", string contentType = "", string accept = "", string agent = "") =>
        SendAsync(method, target, Encoding.UTF8.GetBytes(body), contentType, accept, agent);

    public async Task<Answer> SendAsync(
        string method, string target, byte[] body, string contentType, string accept = "", string agent = "")
    {
        try
        {
            var response = await RequestAsync(method, target, body, contentType, accept, agent, CancellationToken.None);
            using var whole = new MemoryStream();
            var writer = PipeWriter.Create(whole, new StreamPipeWriterOptions(leaveOpen: true));
            await response.WriteAsync(writer, CancellationToken.None);
            await writer.CompleteAsync();
            if (response.ContentLength is { } length)
                Assert.Equal(length, whole.Length);
            return new Answer(response.StatusCode, Encoding.UTF8.GetString(whole.ToArray()), response.Warnings, response);
        }
        catch (ApiException failure)
        {
            return new Answer(failure.Code, Encoding.UTF8.GetString(StatusWriter.Failure(failure)), [], null);
        }
    }

    public ValueTask<ApiResponse> RequestAsync(
        string method, string target, string body, string contentType, string accept, string agent, CancellationToken cancel) =>
        RequestAsync(method, target, Encoding.UTF8.GetBytes(body), contentType, accept, agent, cancel);

    private ValueTask<ApiResponse> RequestAsync(
        string method, string target, byte[] body, string contentType, string accept, string agent, CancellationToken cancel)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var query = question < 0 ? QueryParameters.Empty : QueryParameters.Parse(target.AsSpan(question));
        return Server.HandleAsync(
            new ApiRequest
            {
                Info = RequestInfoParser.Parse(method, question < 0 ? target : target[..question], query),
                User = Admin,
                Query = query,
                Body = body,
                ContentType = contentType,
                Accept = accept,
                UserAgent = agent,
            },
            cancel);
    }

    public async Task<WatchReader> WatchAsync(string target, string accept = "")
    {
        var end = new CancellationTokenSource();
        var response = await RequestAsync("GET", target, "", "", accept, "", end.Token);
        return new WatchReader(response, end);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Store.DisposeAsync();
    }

    private sealed class Permissive : IAuthorizer
    {
        public AccessDecision Authorize(in AccessQuestion question) => new(true, "");

        public AccessRules RulesFor(UserInfo user, string @namespace) => new([], [], "");
    }
}

/// <summary>A whole answer.</summary>
internal sealed record Answer(int Status, string Text, IReadOnlyList<string> Warnings, ApiResponse? Response)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string Version => Json["metadata"]!["resourceVersion"]!.ToString();

    public IEnumerable<string> Names => Json["items"]!.AsArray().Select(item => item!["metadata"]!["name"]!.ToString());

    public string Message => Json["message"]!.ToString();
}

/// <summary>Reads a watch's events as they come.</summary>
internal sealed class WatchReader : IAsyncDisposable
{
    private readonly Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly CancellationTokenSource end;
    private readonly StreamReader lines;
    private readonly Task writing;

    public WatchReader(ApiResponse response, CancellationTokenSource end)
    {
        this.end = end;
        lines = new StreamReader(pipe.Reader.AsStream());
        writing = Task.Run(async () =>
        {
            try
            {
                await response.WriteAsync(pipe.Writer, end.Token);
            }
            catch (OperationCanceledException)
            {
                // The reader went away.
            }

            await pipe.Writer.CompleteAsync();
        });
    }

    /// <summary>Completes when the server has ended the watch.</summary>
    public Task Ended => writing;

    /// <summary>The next event; null at the end.</summary>
    public async Task<JsonObject?> NextAsync()
    {
        var line = await lines.ReadLineAsync();
        return line is null ? null : JsonNode.Parse(line)!.AsObject();
    }

    /// <summary>The next event as <c>TYPE name</c>.</summary>
    public async Task<string> NextShortAsync()
    {
        var next = await NextAsync();
        return next is null ? "END" : $"{next["type"]} {next["object"]!["metadata"]!["name"]}".TrimEnd();
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await writing;
        end.Dispose();
        lines.Dispose();
    }
}
