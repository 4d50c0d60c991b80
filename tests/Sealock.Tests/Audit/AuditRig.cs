// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Definitions;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Gateway;
using Sealock.Gateway.Audit;
using Sealock.Gateway.Audit.Events;
using Sealock.Gateway.Audit.Outputs;
using Sealock.Gateway.Audit.Policies;
using Sealock.Gateway.Authorization;
using Sealock.Tests.Gateway;

namespace Sealock.Tests.Audit;

/// <summary>A front door whose events are kept in memory.</summary>
internal sealed class AuditRig : IAsyncDisposable
{
    public const string Tokens = "admin,root,1,system:masters\nother,jane,2,devs\n";

    private readonly DirectoryInfo _folder;
    private readonly Auditor _auditor;

    private AuditRig(DirectoryInfo folder, Auditor auditor, KeptEvents events, GatewayRig gateway) =>
        (_folder, _auditor, Events, Gateway) = (folder, auditor, events, gateway);

    /// <summary>What the server serves, as far as audit cares.</summary>
    public static ImmutableArray<ResourceDefinition> Definitions { get; } = Served();

    public KeptEvents Events { get; }

    public GatewayRig Gateway { get; }

    public static async Task<AuditRig> StartAsync(
        string policy, Func<GatewayOptions, GatewayOptions>? change = null, AuditQueueOptions? queue = null)
    {
        var folder = Directory.CreateTempSubdirectory("sealock-audit-");
        var path = Path.Combine(folder.FullName, "policy.yaml");
        await File.WriteAllTextAsync(path, $"{{apiVersion: audit.k8s.io/v1, kind: Policy, {policy}}}");
        var events = new KeptEvents();
        var auditor = Auditor.Start(
            new AuditPolicyFile(path, TimeProvider.System, TimeSpan.FromMinutes(1), NullLogger.Instance),
            new BodyFilters(Definitions),
            [(events, queue ?? new AuditQueueOptions { Mode = AuditMode.BlockingStrict }, AuditLogFormat.Json)],
            TimeProvider.System, NullLogger.Instance);
        var gateway = await GatewayRig.StartAsync(
            options => Changed(options with { Api = Nothing }, change) with { Auditor = auditor }, Tokens);
        return new AuditRig(folder, auditor, events, gateway);
    }

    private static GatewayOptions Changed(GatewayOptions options, Func<GatewayOptions, GatewayOptions>? change) =>
        change is null ? options : change(options);

    private static ValueTask<ApiResponse> Nothing(ApiRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ApiResponse>(new BytesResponse("{}\n"u8.ToArray()));

    private static ImmutableArray<ResourceDefinition> Served()
    {
        var nobody = new NoTokens();
        return Sealock.Hosting.Definitions.All(
            new RbacAuthorizer(), nobody, nobody, new(), new(), new(TimeProvider.System), new(), new([], TimeProvider.System));
    }

    private sealed class NoTokens : ITokenAuthenticator, ITokenIssuer
    {
        public ValueTask<TokenIdentity?> AuthenticateAsync(
            string token, ImmutableArray<string> audiences, CancellationToken cancellationToken) => default;

        public IssuedToken Issue(ServiceAccountTokenRequest request) => throw new NotSupportedException();
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await _auditor.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

/// <summary>Keeps events; may be told to fail.</summary>
internal sealed class KeptEvents : IAuditOutput
{
    private readonly Lock _gate = new();
    private readonly List<JsonNode> _events = [];
    private readonly SemaphoreSlim _written = new(0);
    private int _taken;

    public string Name => "kept";

    public bool Failing { get; set; }

    /// <summary>Waits for so many further events, and gives them in their order.</summary>
    public async Task<IReadOnlyList<JsonNode>> NextAsync(int count)
    {
        for (var i = 0; i < count; i++)
            Assert.True(await _written.WaitAsync(TimeSpan.FromSeconds(60)), $"{i} events came instead of {count}");
        lock (_gate)
            return _events[_taken..(_taken += count)];
    }

    public ValueTask<bool> WriteAsync(IReadOnlyList<AuditRecord> batch, CancellationToken cancellationToken)
    {
        if (Failing)
            return ValueTask.FromResult(false);
        lock (_gate)
            _events.AddRange(batch.Select(record => JsonNode.Parse(record.Bytes.Span)!));
        _written.Release(batch.Count);
        return ValueTask.FromResult(true);
    }

    public void Dispose() => _written.Dispose();
}
