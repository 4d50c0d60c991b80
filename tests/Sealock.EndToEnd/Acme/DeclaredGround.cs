// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Sealock.EndToEnd.Acme;

/// <summary>One server for all, which answers on the address that the pebbles validate.</summary>
public sealed class DeclaredGround : IAsyncLifetime
{
    public const string TlsAlpn = "[{tlsALPN01: {}}]";

    private static int _number;

    private readonly ProvingGround _ground = new();
    private IssuingServer? _server;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        await _ground.DisposeAsync();
    }

    internal Task<Bind> BindAsync() => _ground.BindAsync();

    internal Task<Pebble> PebbleAsync(int nonceReject = 5, bool asksBind = false) => _ground.PebbleAsync(nonceReject, asksBind);

    internal Task<Pebble> StartPebbleAsync(int nonceReject = 5) => _ground.StartPebbleAsync(nonceReject);

    internal async Task<IssuingServer> ServerAsync()
    {
        if (_server is not null)
            return _server;
        _server = await IssuingServer.StartAsync(TlsAlpn, at: _ground.At, flags: ["--acme-dns01-hook", await _ground.HookAsync()]);
        var bind = await _ground.BindAsync();
        await _server.ApplyAsync($$"""
            apiVersion: v1
            kind: Secret
            metadata: {name: tsig, namespace: cert-manager}
            stringData: {secret: "{{bind.Secret}}"}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: webhook, namespace: cert-manager}
            stringData: {token: "{{ProvingGround.WebhookToken}}"}
            """);
        return _server;
    }

    /// <summary>The solvers of a way.</summary>
    internal async Task<string> SolverAsync(string way)
    {
        switch (way)
        {
            case "http01":
                return "[{http01: {ingress: {ingressClassName: nginx}}}]";
            case "tlsALPN01":
                return TlsAlpn;
            case "exec":
                return "[{waitInsteadOfSelfCheck: 0s, dns01: {webhook: {groupName: acme.example.com, solverName: exec}}}]";
            case "webhook":
                var (url, file) = await _ground.WebhookAsync();
                var ca = Convert.ToBase64String(Encoding.ASCII.GetBytes(await File.ReadAllTextAsync(file)));
                return $$"""
                    [{waitInsteadOfSelfCheck: 0s, dns01: {webhook: {groupName: acme.example.com, solverName: own,
                     config: {url: "{{url}}", caBundle: {{ca}}, tokenSecretRef: {name: webhook, key: token} } } } }]
                    """;
            default:
                var bind = await BindAsync();
                return $$"""
                    [{dns01: {nameservers: ["{{bind.Address}}"], rfc2136: {nameserver: "{{bind.Address}}", tsigKeyName: {{bind.KeyName}}, tsigAlgorithm: HMACSHA256,
                     tsigSecretSecretRef: {name: tsig, key: secret} } } }]
                    """;
        }
    }

    /// <summary>A name that no other object has.</summary>
    internal static string Name(string kind) => string.Create(CultureInfo.InvariantCulture, $"{kind.ToLowerInvariant()}-{Interlocked.Increment(ref _number)}");

    /// <summary>The states of a Certificate's Orders, the failed ones first.</summary>
    internal static async Task<string> OrdersAsync(IssuingServer server, string certificate)
    {
        var orders = await server.GetAsync("get", "orders", "-o", "jsonpath={range .items[*]}{.metadata.name} {.status.state}{\"\\n\"}{end}");
        return string.Join(' ', orders.Split('\n').Where(line => line.StartsWith(certificate + "-", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[1]).OrderBy(state => state == "valid"));
    }
}
