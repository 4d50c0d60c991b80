// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sealock.EndToEnd.FrontDoor;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.EndToEnd.Monitoring;

/// <summary>Everything in deploy/ for monitoring, in the hands of Debian's Prometheus and against a real server.</summary>
public sealed partial class PrometheusTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static string Deploy(params string[] path) => Path.Combine([Repository.Root, "deploy", .. path]);

    [PeerFact("promtool")]
    public async Task Rules_hold_up_and_do_what_their_tests_say()
    {
        (await Tool.RunAsync("promtool", ["check", "rules", Deploy("prometheus", "sealock.rules.yml")])).Succeeded();
        (await Tool.RunAsync("promtool", ["test", "rules", Deploy("prometheus", "sealock.rules.test.yml")])).Succeeded();
    }

    [PeerFact("prometheus", "promtool", "kubectl", "openssl", "curl")]
    public async Task Prometheus_scrapes_a_server_and_every_query_of_the_dashboard_has_data()
    {
        await using var server = await StartAsync();
        await using var prometheus = await ScrapeAsync(server);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{prometheus.Port}") };
        // Once with a certificate, once with a token.
        foreach (var job in new[] { "sealock", "sealock-token" })
            await prometheus.Process.WaitUntilAsync(async () => (await AskAsync(http, $"up{{job=\"{job}\"}} == 1")).Count > 0);
        await prometheus.Process.WaitUntilAsync(async () => (await AskAsync(
            http, "sealock_authentication_attempts_total{job=\"sealock-token\",method=\"service_account\",result=\"success\"} > 0")).Count > 0);
        await UseAsync(server);

        var empty = new List<string>();
        var deadline = TimeProvider.System.GetUtcNow() + Patience;
        var rules = JsonNode.Parse(await http.GetStringAsync("/api/v1/rules"))!["data"]!["groups"]!.AsArray()
            .SelectMany(group => group!["rules"]!.AsArray()).ToList();
        foreach (var (title, query) in (await QueriesAsync()).Concat(MetricsOf(rules)))
        {
            while (!(await AskAsync(http, query)).Any(sample => sample!["value"]![1]!.GetValue<string>() != "NaN"))
            {
                if (TimeProvider.System.GetUtcNow() > deadline)
                {
                    empty.Add($"{title}: {query}");
                    break;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
            }
        }

        Assert.Empty(empty);
        rules = [.. JsonNode.Parse(await http.GetStringAsync("/api/v1/rules"))!["data"]!["groups"]!.AsArray()
            .SelectMany(group => group!["rules"]!.AsArray())];
        Assert.All(rules, rule => Assert.NotEqual("err", rule!["health"]!.GetValue<string>()));
        await AssertPageAsync(server);
        await AssertLogAsync(server);
    }

    /// <summary>promtool finds nothing but names that are cert-manager's and so as they are.</summary>
    private static async Task AssertPageAsync(FrontDoorServer server)
    {
        var page = (await server.ShellAsync("kubectl --kubeconfig data/admin.conf get --raw /metrics")).Succeeded();
        var check = await Tool.RunAsync("promtool", ["check", "metrics"], page);
        var findings = (check.Output + check.Errors).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith("certmanager_", StringComparison.Ordinal));
        Assert.Empty(findings);
        Assert.Matches("sealock_serving_proved{endpoint=\"127.0.0.1:[0-9]+\",server_name=\"\"} 1\n", page);
        Assert.Contains("method=\"token\",result=\"failure\"}", page, StringComparison.Ordinal);
        Assert.Contains("reason=\"alert_unknown_ca\"}", page, StringComparison.Ordinal);
        Assert.Matches("x509_cert_not_after{usage=\"signer\",filename=\"ca.crt\",[^}]*subject_CN=\"kubernetes\"}", page);
    }

    /// <summary>The log is JSON, line by line, and has each request with its Audit-ID and without its token.</summary>
    private static async Task AssertLogAsync(FrontDoorServer server)
    {
        (await server.ShellAsync("until_true grep -q asked-for-by-a-test audit.log")).Succeeded();
        List<JsonNode> lines = [];
        for (var tries = 0; tries < 100; tries++)
        {
            lines = [.. server.Process.Log.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!)];
            if (lines.Any(line => line["trace.id"]?.GetValue<string>() == "asked-for-by-a-test"))
                break;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        var mine = Assert.Single(lines, line => line["trace.id"]?.GetValue<string>() == "asked-for-by-a-test");
        Assert.Equal("/api/v1/namespaces", mine["url.path"]!.GetValue<string>());
        Assert.Equal(401, mine["http.response.status_code"]!.GetValue<int>());
        Assert.DoesNotContain("not-a-token", server.Process.Log, StringComparison.Ordinal);
        Assert.All(lines, line => Assert.Equal("8.11.0", line["ecs.version"]!.GetValue<string>()));
    }

    private static Task<FrontDoorServer> StartAsync() => FrontDoorServer.StartAsync(
        async server =>
        {
            await File.WriteAllTextAsync(server["policy.yaml"], "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n");
            await File.WriteAllTextAsync(server["tokens.csv"], "prometheus-has-a-certificate,nobody,1\n");
        },
        "server", "--audit-policy-file=FOLDER/policy.yaml", "--audit-log-path=FOLDER/audit.log", "--token-auth-file=FOLDER/tokens.csv",
        "--log-format=ecs", "--access-log");

    /// <summary>Something of all that is measured: requests, wrong tokens, a client that trusts nobody, a Certificate.</summary>
    private static async Task UseAsync(FrontDoorServer server) => (await server.ShellAsync(
        """
        export KUBECONFIG=$PWD/data/admin.conf
        kubectl apply -f - <<'MANIFEST'
        apiVersion: cert-manager.io/v1
        kind: Issuer
        metadata: {name: self, namespace: default}
        spec: {selfSigned: {}}
        ---
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: web, namespace: default}
        spec: {secretName: web-tls, dnsNames: [web.example.com], issuerRef: {name: self, kind: Issuer}}
        MANIFEST
        for i in 1 2 3; do
          kubectl get namespaces >/dev/null
          ask localhost /api/v1/namespaces -H 'Authorization: Bearer not-a-token' >/dev/null
          ask localhost /version >/dev/null
          openssl s_client -connect 127.0.0.1:$PORT -verify_return_error </dev/null >/dev/null 2>&1 || true
          openssl s_client -connect 127.0.0.1:$PORT -tls1_1 -cipher DEFAULT@SECLEVEL=0 </dev/null >/dev/null 2>&1 || true
        done
        ask localhost '/api/v1/namespaces?not-a-token' -H 'Authorization: Bearer not-a-token' -H 'Audit-ID: asked-for-by-a-test' >/dev/null
        kubectl wait --for=condition=Ready certificate/web --timeout=60s
        """)).Succeeded();

    /// <summary>Prometheus with the configuration of deploy/, other places and a quicker pulse.</summary>
    private static async Task<RunningPrometheus> ScrapeAsync(FrontDoorServer server)
    {
        var folder = Directory.CreateDirectory(server["prometheus"]).FullName;
        var authority = CertificateAuthority.FromPem(
            await File.ReadAllTextAsync(server["data/pki/ca.crt"]), await File.ReadAllTextAsync(server["data/pki/ca.key"]));
        using (var key = KeyPair.Generate())
        {
            var certificate = authority.Issue(
                new IssuanceRequest
                {
                    Subject = DistinguishedName.Create("prometheus", "system:monitoring"),
                    PublicKey = key.PublicKey,
                    Profile = CertificateProfile.Client,
                    Lifetime = TimeSpan.FromDays(1),
                },
                TimeProvider.System.GetUtcNow()).Require();
            await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.key"), key.ToPkcs8Pem());
            await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.crt"), certificate.ToPem());
        }

        File.Copy(server["data/pki/ca.crt"], Path.Combine(folder, "ca.crt"));
        (await server.ShellAsync(
            """
            export KUBECONFIG=$PWD/data/admin.conf
            kubectl create namespace monitoring
            kubectl create serviceaccount prometheus -n monitoring
            kubectl create clusterrolebinding prometheus --clusterrole=system:monitoring --serviceaccount=monitoring:prometheus
            kubectl create token prometheus -n monitoring --duration=720h > prometheus/token
            """)).Succeeded();
        File.Copy(Deploy("prometheus", "sealock.rules.yml"), Path.Combine(folder, "sealock.rules.yml"));
        var configuration = (await File.ReadAllTextAsync(Deploy("prometheus", "prometheus.yml")))
            .Replace("/etc/prometheus/sealock", folder, StringComparison.Ordinal)
            .Replace("sealock.example.com:6443", $"127.0.0.1:{server.Process.Port}", StringComparison.Ordinal)
            .Replace("_interval: 30s", "_interval: 1s", StringComparison.Ordinal);
        // The same job once more, as the file says that it is done with a token.
        var job = configuration[configuration.IndexOf("  - job_name: sealock\n", StringComparison.Ordinal)..];
        configuration += "\n" + string.Join('\n', job.Split('\n')
            .Where(line => !line.Contains("cert_file:", StringComparison.Ordinal) && !line.Contains("key_file:", StringComparison.Ordinal))
            .Select(line => line.Replace("# authorization:", "authorization:", StringComparison.Ordinal)
                .Replace("#   credentials_file:", "  credentials_file:", StringComparison.Ordinal)
                .Replace("job_name: sealock", "job_name: sealock-token", StringComparison.Ordinal)));
        Assert.Contains("\n    authorization:\n      credentials_file: ", configuration, StringComparison.Ordinal);
        var file = Path.Combine(folder, "prometheus.yml");
        await File.WriteAllTextAsync(file, configuration);
        (await Tool.RunAsync("promtool", ["check", "config", file])).Succeeded();
        var port = Ports.Free();
        return new RunningPrometheus(port, ServerProcess.Start(
            "prometheus",
            [
                $"--config.file={file}", $"--storage.tsdb.path={Path.Combine(folder, "tsdb")}", $"--web.listen-address=127.0.0.1:{port}",
                "--log.level=warn",
            ]));
    }

    /// <summary>Everything that a rule goes by is measured.</summary>
    private static List<(string Title, string Query)> MetricsOf(IEnumerable<JsonNode?> rules)
    {
        var metrics = rules.SelectMany(rule => Metric().Matches(rule!["query"]!.GetValue<string>()).Select(match => (rule["name"]!.GetValue<string>(), match.Value)))
            .Distinct().ToList();
        Assert.True(metrics.Count > 15);
        return metrics;
    }

    [GeneratedRegex(@"\b(sealock|x509|certmanager|workqueue)[_:][a-z0-9_:]+|\bup\b")]
    private static partial Regex Metric();

    /// <summary>What the panels ask, as Grafana would send it.</summary>
    private static async Task<IReadOnlyList<(string Title, string Query)>> QueriesAsync()
    {
        var dashboard = JsonNode.Parse(await File.ReadAllTextAsync(Deploy("grafana", "sealock.json")))!;
        List<(string, string)> queries = [.. dashboard["panels"]!.AsArray()
            .SelectMany(panel => (panel!["targets"]?.AsArray() ?? []).Select(target => (
                panel["title"]!.GetValue<string>(),
                // What Grafana shows in place of nothing is not what it is to show.
                Variable().Replace(target!["expr"]!.GetValue<string>().Replace(" or vector(0)", "", StringComparison.Ordinal), match => match.Value switch
                {
                    "$__rate_interval" => "15s",
                    "$job" => "sealock",
                    "$instance" => ".*",
                    var other => throw new InvalidOperationException($"nobody sets {other}"),
                }))))];
        Assert.True(queries.Count > 30);
        return queries;
    }

    private static async Task<JsonArray> AskAsync(HttpClient http, string query)
    {
        var answer = await http.GetStringAsync("/api/v1/query?query=" + Uri.EscapeDataString(query));
        return JsonNode.Parse(answer)!["data"]!["result"]!.AsArray();
    }

    [GeneratedRegex(@"\$\w+")]
    private static partial Regex Variable();

    private sealed record RunningPrometheus(int Port, ServerProcess Process) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}
