// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Sealock.EndToEnd.Acme;

/// <summary>
/// A server that is ended by SIGKILL when an issuance comes to a step, at one step after another, with its store on disk and a
/// real pebble. SEALOCK_KILL_STEPS names the steps (<c>*</c>: all; eng/long/kill-issuance.sh).
/// </summary>
public sealed partial class KilledAtStepsTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly string Killed = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Sealock.KilledServer", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Sealock.KilledServer"));

    private static readonly string Steps = Environment.GetEnvironmentVariable("SEALOCK_KILL_STEPS")
        ?? "request,hand-in,secret,acme.account.register,acme.order.made,acme.challenge.tell,acme.order.finalize,acme.order.certificate";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(150);

    private readonly TemporaryFolder _folder = new();
    private readonly ValidationAddress _at = ValidationAddress.Take();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [PeerFact("kubectl", "newer pebble", "pebble-challtestsrv")]
    public async Task One_certificate_and_one_order_come_of_it_and_no_key_is_lost()
    {
        await using var dns = await ChallengeDns.StartAsync(_at.Address);
        // Nonces are not refused, so that each request is sent once.
        await using var pebble = await Pebble.StartAsync(new()
        {
            HttpPort = _at.HttpPort,
            TlsPort = _at.TlsPort,
            DnsServer = dns.Address,
            Newer = true,
            NonceReject = 0,
        });
        await RunAsync(dns, $$"""
            apiVersion: cert-manager.io/v1
            kind: Issuer
            metadata: {name: pebble, namespace: default}
            spec:
              acme:
                server: {{pebble.Directory}}
                caBundle: {{Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(pebble.Ca))}}
                privateKeySecretRef: {name: account}
                solvers: [{http01: {ingress: {ingressClassName: web} } }]
            ---
            {{Certificate("web", "pebble")}}
            """,
            async () =>
            {
                Assert.Equal("valid", await GetAsync("get", "orders", "-o", "jsonpath={.items[*].status.state}"));
                Assert.Equal("", await GetAsync("get", "challenges", "-o", "name"));
                Assert.Single(Issued().Matches(pebble.Log));
                Assert.Equal(["1"], Accounts().Matches(pebble.Log).Select(match => match.Groups[1].Value).Distinct());
                // The CA comes to look once it is told: where nobody answers then, it takes another order.
                Assert.InRange(Ordered().Count(pebble.Log), 1, Steps.Contains("told", StringComparison.Ordinal) || Steps == "*" ? 2 : 1);
            }, "web");
    }

    [PeerFact("kubectl")]
    public async Task One_certificate_comes_of_a_private_CA_and_no_key_is_lost()
    {
        await using var dns = await ChallengeDns.StartAsync(_at.Address);
        await RunAsync(dns, $$"""
            apiVersion: cert-manager.io/v1
            kind: Issuer
            metadata: {name: self, namespace: default}
            spec: {selfSigned: {} }
            ---
            {{Certificate("root", "self", "isCA: true, commonName: root, ")}}
            ---
            apiVersion: cert-manager.io/v1
            kind: Issuer
            metadata: {name: root, namespace: default}
            spec: {ca: {secretName: root} }
            ---
            {{Certificate("leaf", "root")}}
            """, () => Task.CompletedTask, "root", "leaf");
    }

    private static string Certificate(string name, string issuer, string more = "") => $$"""
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: {{name}}, namespace: default}
        spec: { {{more}}secretName: {{name}}, dnsNames: [{{name}}.example.com], privateKey: {algorithm: ECDSA}, issuerRef: {name: {{issuer}} } }
        """;

    private Task<ToolResult> KubectlAsync(string? input, params string[] arguments) => Tool.RunAsync(
        Peers.Kubectl, ["--kubeconfig", Path.Combine(_folder["data"], "admin.conf"), "--cache-dir", _folder["cache"], "--request-timeout=5s", .. arguments], input);

    private async Task<string> GetAsync(params string[] arguments) => (await KubectlAsync(null, arguments)).Succeeded();

    /// <summary>Kills until nothing is left to be killed at, and looks at what has become of it.</summary>
    private async Task RunAsync(ChallengeDns dns, string manifest, Func<Task> check, params string[] certificates)
    {
        string[] flags =
        [
            "--data", _folder["data"], "--bind-address", _at.Address, "--secure-port", $"{_at.TlsPort}", "--http-port", $"{_at.HttpPort}",
            "--acme-dns-servers", dns.Address,
        ];
        // The first start, and what is asked for: nobody dies.
        await using (await SealockProcess.StartAsync(["server", .. flags]))
            (await KubectlAsync(null, "create", "namespace", "cert-manager")).Succeeded();
        var applied = false;
        for (var began = Stopwatch.StartNew(); ;)
        {
            Assert.True(began.Elapsed < Limit * 3, "it does not come to an end");
            await using var server = ServerProcess.Start(Killed, [_folder["killed"], Steps, .. flags]);
            while (!server.HasExited)
            {
                applied = applied || (await KubectlAsync(manifest, "apply", "-f", "-")).ExitCode == 0;
                if (applied && await IsReadyAsync(certificates))
                {
                    await CheckAsync(certificates);
                    await check();
                    output.WriteLine($"{began.Elapsed.TotalSeconds:0.0} s: done");
                    return;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }

            Assert.True(server.ExitCode == 128 + 9, $"ended with {server.ExitCode}: {server.Log}");
            output.WriteLine($"{began.Elapsed.TotalSeconds:0.0} s: killed at {(await File.ReadAllLinesAsync(_folder["killed"]))[^1]}");
        }
    }

    private async Task<bool> IsReadyAsync(string[] certificates)
    {
        var ready = await KubectlAsync(
            null, ["get", "certificates", "-o", "jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type==\"Ready\")].status}{\"\\n\"}{end}"]);
        var keys = await KubectlAsync(null, "get", "secrets", "-l", "cert-manager.io/next-private-key=true", "-o", "name");
        return ready.ExitCode == 0 && keys is { ExitCode: 0, Output.Length: 0 }
            && certificates.All(name => ready.Output.Split('\n').Contains($"{name} True"));
    }

    private async Task CheckAsync(string[] certificates)
    {
        Assert.Equal(certificates.Select(name => $"{name}-1").Order(), (await GetAsync(
            "get", "certificaterequests", "-o", "jsonpath={.items[*].metadata.name}")).Split(' ').Order());
        foreach (var name in certificates)
        {
            var secret = System.Text.Json.Nodes.JsonNode.Parse(await GetAsync("get", "secret", name, "-o", "json"))!["data"]!;
            string Entry(string entry) => System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)secret[entry]!));
            using var key = Pki.Keys.KeyPair.FromPem(Entry("tls.key"));
            Assert.True(Pki.Certificates.Certificate.ListFromPem(Entry("tls.crt"))[0].Matches(key));
        }
    }

    [GeneratedRegex("Issued certificate serial")]
    private static partial Regex Issued();

    [GeneratedRegex("There are now (\\d+) accounts in memory")]
    private static partial Regex Accounts();

    [GeneratedRegex("POST /order-plz")]
    private static partial Regex Ordered();
}
