// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Pki.Paths;

namespace Sealock.EndToEnd.Acme;

/// <summary>
/// A Sealock server whose own listeners pebble validates on, an issuer for it, and kubectl as its administrator.
/// </summary>
internal sealed class IssuingServer : IAsyncDisposable
{
    // An order that the CA validated while nobody answered is made again a minute later.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(150);

    private readonly TemporaryFolder _folder = new();
    private readonly ValidationAddress _at;
    private readonly List<string> _flags = [];

    private IssuingServer(ValidationAddress at) => _at = at;

    public Pebble Pebble { get; private set; } = null!;

    public ChallengeDns Dns { get; private set; } = null!;

    public SealockProcess Process { get; private set; } = null!;

    /// <summary>The port of its own API, where TLS-ALPN-01 is answered too.</summary>
    public int TlsPort => _at.TlsPort;

    public int HttpPort => _at.HttpPort;

    /// <summary>Starts all, with an issuer <c>pebble</c> that has these solvers (YAML flow).</summary>
    public static async Task<IssuingServer> StartAsync(
        string solvers, PebbleOptions? options = null, string? dnsServer = null, ValidationAddress? at = null, bool isForwarded = true, params string[] flags)
    {
        var server = new IssuingServer(at ?? ValidationAddress.Take());
        at = server._at;
        server.Dns = await ChallengeDns.StartAsync(at.Address);
        server.Pebble = await Pebble.StartAsync((options ?? new()) with
        {
            HttpPort = at.HttpPort,
            TlsPort = at.TlsPort,
            DnsServer = dnsServer ?? server.Dns.Address,
        });
        server._flags.AddRange(
        [
            "server", "--data", server._folder["data"], "--bind-address", at.Address, "--secure-port", $"{at.TlsPort}",
            "--http-port", $"{at.HttpPort}", "--acme-dns-servers", dnsServer ?? server.Dns.Address,
            .. isForwarded && !at.IsReal ? (string[])["--acme-tls-alpn-forwarded"] : [], .. flags,
        ]);
        await server.RunAsync();
        (await server.KubectlAsync(null, "create", "namespace", "cert-manager")).Succeeded();
        await server.AddIssuerAsync("pebble", solvers);
        if (options?.ExternalAccounts is not { Count: > 0 })
            await server.ReadyAsync("pebble");
        return server;
    }

    /// <summary>Starts the server where it was ended.</summary>
    public async Task RunAsync() => Process = await SealockProcess.StartAsync([.. _flags]);

    public Task AddIssuerAsync(string name, string solvers, string? directory = null, string more = "", string? ca = null) => ApplyAsync($$"""
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata: {name: {{name}} }
        spec:
          acme:
            server: {{directory ?? Pebble.Directory}}
            email: admin@example.com
            caBundle: {{Convert.ToBase64String(Encoding.ASCII.GetBytes(ca ?? Pebble.Ca))}}
            privateKeySecretRef: {name: {{name}}-account}
            solvers: {{solvers}}
            {{more}}
        """);

    /// <summary>Waits until an issuer is ready.</summary>
    public async Task ReadyAsync(string issuer)
    {
        await WaitAsync($"clusterissuer/{issuer}");
        await UntilAsync(text => text == "True", "get", "clusterissuer", issuer, "-o", "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}");
    }

    /// <summary>Asks for a certificate for names.</summary>
    public Task AddCertificateAsync(string name, string issuer, params string[] dnsNames) => ApplyAsync(Certificate(name, issuer, dnsNames));

    /// <summary>The manifest that asks for a certificate for names, with a short key.</summary>
    public static string Certificate(string name, string issuer, params string[] dnsNames) => $$"""
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: {{name}}, namespace: default}
        spec:
          secretName: {{name}}-tls
          dnsNames: [{{string.Join(", ", dnsNames.Select(dns => $"\"{dns}\""))}}]
          privateKey: {algorithm: ECDSA, size: 256}
          issuerRef: {name: {{issuer}}, kind: ClusterIssuer}
        """;

    public async Task ApplyAsync(string manifest) => (await KubectlAsync(manifest, "apply", "-f", "-")).Succeeded();

    /// <summary>What kubectl prints.</summary>
    public async Task<string> GetAsync(params string[] arguments)
    {
        var result = await KubectlAsync(null, arguments);
        result.Succeeded();
        return result.Output;
    }

    public Task<ToolResult> KubectlAsync(string? input, params string[] arguments) => Tool.RunAsync(
        Peers.Kubectl, ["--kubeconfig", Path.Combine(_folder["data"], "admin.conf"), "--cache-dir", _folder["cache"], .. arguments], input, _folder.Path);

    /// <summary>Waits for what kubectl prints; fails with all there is to see.</summary>
    public async Task<string> UntilAsync(Func<string, bool> condition, params string[] arguments)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            var result = await KubectlAsync(null, arguments);
            if (result.ExitCode == 0 && condition(result.Output))
                return result.Output;
            if (limit.IsCancellationRequested)
            {
                var all = await KubectlAsync(null, "get", "clusterissuers,certificates,certificaterequests,orders,challenges,events", "-o", "wide");
                Assert.Fail($"{string.Join(' ', arguments)}: {result.Output}{result.Errors}\n{all.Output}\n{Process.Log}\n{Pebble.Log}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    /// <summary>Waits until a Certificate has a revision, and answers its leaf, which leads to a pebble's root.</summary>
    public async Task<Pki.Certificates.Certificate> IssuedAsync(string name, int revision = 1, Pebble? from = null)
    {
        await WaitAsync($"certificate/{name}");
        await UntilAsync(
            text => text == $"{revision} True", "get", "certificate", name, "-o",
            "jsonpath={.status.revision} {.status.conditions[?(@.type==\"Ready\")].status}");
        var secret = JsonNode.Parse(await GetAsync("get", "secret", $"{name}-tls", "-o", "json"))!;
        var chain = Pki.Certificates.Certificate.ListFromPem(Encoding.UTF8.GetString(Convert.FromBase64String((string)secret["data"]!["tls.crt"]!)));
        var root = TrustPool.FromPem(await (from ?? Pebble).GetRootAsync());
        var verdict = ChainVerifier.Verify(chain[0], [.. chain.Skip(1)], root, new() { At = TimeProvider.System.GetUtcNow() });
        Assert.True(verdict.IsTrusted, verdict.Reason);
        return chain[0];
    }

    /// <summary>Waits by a watch, which costs the processors less than to ask again and again; whether it was worth it is asked then.</summary>
    private Task<ToolResult> WaitAsync(string subject) =>
        KubectlAsync(null, "wait", "--for=condition=Ready", subject, $"--timeout={Limit.TotalSeconds:0}s");

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        await Pebble.DisposeAsync();
        await Dns.DisposeAsync();
        _folder.Dispose();
    }
}
