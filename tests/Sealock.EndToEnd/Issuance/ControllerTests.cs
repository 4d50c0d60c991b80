// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.RegularExpressions;

namespace Sealock.EndToEnd.Issuance;

/// <summary><c>sealock controller</c> on a kube-apiserver that knows nothing of Sealock, with the rights of its manifest and no more.</summary>
public sealed partial class ControllerTests
{
    private const string Manifest = """
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata: {name: root}
        spec: {selfSigned: {}}
        ---
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: ca, namespace: sandbox}
        spec: {isCA: true, commonName: ca, secretName: ca, privateKey: {algorithm: ECDSA}, issuerRef: {name: root, kind: ClusterIssuer}}
        ---
        apiVersion: cert-manager.io/v1
        kind: Issuer
        metadata: {name: ca, namespace: sandbox}
        spec: {ca: {secretName: ca}}
        ---
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: web, namespace: sandbox}
        spec: {dnsNames: [web.example], secretName: web, privateKey: {algorithm: ECDSA}, issuerRef: {name: ca}}
        """;

    private const string Bundle = """
        apiVersion: trust.cert-manager.io/v1alpha1
        kind: Bundle
        metadata: {name: everyone}
        spec: {sources: [{secret: {name: ca, key: tls.crt}}], target: {configMap: {key: ca.pem}}}
        """;

    // Stricter than most clusters: what owns an object may be named only by who may hold it back.
    private const string Strict = "--enable-admission-plugins=OwnerReferencesPermissionEnforcement";

    [PeerFact("kubernetes", "kubectl")]
    public async Task It_issues_with_the_rights_of_its_manifest()
    {
        using var folder = new TemporaryFolder();
        var ca = await RealApiServer.MakeServingAsync(folder);
        await using var server = await RealApiServer.StartAsync(
            $"--tls-cert-file={folder["server.crt"]}", $"--tls-private-key-file={folder["server.key"]}", Strict);
        await server.WriteKubeconfigAsync(folder["admin.conf"], ca);

        // Without its kinds it says what to do.
        var refused = await SealockAsync("controller", "--kubeconfig", folder["admin.conf"]);
        Assert.Equal((1, true), (refused.ExitCode, refused.Errors.Contains("run with --install-crds, or apply the output of --print-crds", StringComparison.Ordinal)));

        await ApplyAsync(server, (await SealockAsync("controller", "--print-crds")).Succeeded());
        await ApplyAsync(server, (await SealockAsync("controller", "--print-rbac")).Succeeded());
        Assert.Contains("created", (await server.KubectlAsync("create ns sandbox")).Succeeded(), StringComparison.Ordinal);
        var token = (await server.KubectlAsync("create token sealock-controller -n sealock-system")).Succeeded().Trim();
        await server.WriteKubeconfigAsync(folder["account.conf"], ca, token);

        await using var controller = await SealockProcess.StartAsync(
            "controller", "--kubeconfig", folder["account.conf"], "--controllers", "issuance,revocation,trust", "--trust-namespace", "sandbox",
            "--leader-election-namespace", "sealock-system", "--metrics-bind-address", "127.0.0.1:0");
        Assert.Equal("", (await server.KubectlAsync("apply -f -", Manifest)).Errors);
        (await server.KubectlAsync("wait --for=condition=Ready certificate/web certificate/ca -n sandbox --timeout=60s")).Succeeded();
        await ApplyAsync(server, Bundle);
        (await server.KubectlAsync("wait --for=condition=Synced bundle/everyone --timeout=60s")).Succeeded();
        Assert.StartsWith(
            "-----BEGIN CERTIFICATE", (await server.KubectlAsync("get cm everyone -n default -o jsonpath={.data.ca\\.pem}")).Succeeded(), StringComparison.Ordinal);
        Assert.Matches("web +True +web +[0-9]+s", (await server.KubectlAsync("get cert web -n sandbox")).Succeeded());
        Assert.Matches("True", (await server.KubectlAsync("get secret web -n sandbox -o jsonpath={.metadata.annotations.cert-manager\\.io/certificate-name}{.type}")).Succeeded() is "webkubernetes.io/tls" ? "True" : "False");

        var metrics = await MetricsAsync(controller);
        Assert.Matches("certmanager_certificate_ready_status\\{name=\"web\",namespace=\"sandbox\",issuer_name=\"ca\",issuer_kind=\"Issuer\",issuer_group=\"cert-manager.io\",condition=\"True\"\\} 1", metrics);
        Assert.Contains("certmanager_clusterissuer_ready_status{name=\"root\",namespace=\"\",condition=\"True\"} 1", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("forbidden", controller.Log, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("leads by the lease sealock-system/sealock-controller", controller.Log, StringComparison.Ordinal);
        Assert.Equal(0, await controller.StopAsync());
    }

    [PeerFact("kubernetes", "kubectl")]
    public async Task It_installs_its_kinds_itself_and_looks_after_one_namespace()
    {
        using var folder = new TemporaryFolder();
        var ca = await RealApiServer.MakeServingAsync(folder);
        await using var server = await RealApiServer.StartAsync(
            $"--tls-cert-file={folder["server.crt"]}", $"--tls-private-key-file={folder["server.key"]}");
        await server.WriteKubeconfigAsync(folder["admin.conf"], ca);
        await using var controller = await SealockProcess.StartAsync(
            "controller", "--kubeconfig", folder["admin.conf"], "--install-crds", "--namespace", "sandbox", "--leader-elect=false");
        Assert.Contains("certificates.cert-manager.io: added", controller.Log, StringComparison.Ordinal);
        foreach (var @namespace in (string[])["other", "sandbox"])
        {
            (await server.KubectlAsync($"create ns {@namespace}")).Succeeded();
            Assert.Equal("", (await server.KubectlAsync("apply -f -", Manifest.Replace("namespace: sandbox", $"namespace: {@namespace}", StringComparison.Ordinal))).Errors);
        }

        (await server.KubectlAsync("wait --for=condition=Ready certificate/web -n sandbox --timeout=60s")).Succeeded();
        Assert.Equal("", (await server.KubectlAsync("get certificate/web -n other -o jsonpath={.status}")).Succeeded());
        Assert.Equal(0, await controller.StopAsync());
        var again = await SealockProcess.StartAsync(
            "controller", "--kubeconfig", folder["admin.conf"], "--install-crds", "--controllers", "issuance", "--leader-elect=false");
        Assert.Contains("certificates.cert-manager.io: is up to date", again.Log, StringComparison.Ordinal);
        await again.DisposeAsync();
    }

    [PeerFact("kubernetes", "kubectl")]
    public async Task A_policy_decides_on_what_it_asks_for_itself_and_believes_no_name_that_anyone_may_write()
    {
        const string Access = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: use-shop}
            rules: [{apiGroups: [policy.cert-manager.io], resources: [certificaterequestpolicies], resourceNames: [shop], verbs: [use]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: use-shop, namespace: sandbox}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: use-shop}
            subjects: [{kind: ServiceAccount, namespace: sealock-system, name: sealock-controller}]
            """;
        const string Policy = """
            apiVersion: policy.cert-manager.io/v1alpha1
            kind: CertificateRequestPolicy
            metadata: {name: shop}
            spec:
              allowed: {commonName: {value: "*"}, dnsNames: {values: ["*.example"]}, usages: [digital signature, key encipherment], isCA: true}
              selector: {issuerRef: {}}
            """;
        using var folder = new TemporaryFolder();
        var ca = await RealApiServer.MakeServingAsync(folder);
        await using var server = await RealApiServer.StartAsync(
            $"--tls-cert-file={folder["server.crt"]}", $"--tls-private-key-file={folder["server.key"]}", Strict);
        await ApplyAsync(server, (await SealockAsync("controller", "--print-crds")).Succeeded());
        await ApplyAsync(server, (await SealockAsync("controller", "--print-rbac")).Succeeded());
        (await server.KubectlAsync("create ns sandbox")).Succeeded();
        var token = (await server.KubectlAsync("create token sealock-controller -n sealock-system")).Succeeded().Trim();
        await server.WriteKubeconfigAsync(folder["account.conf"], ca, token);
        await using var controller = await SealockProcess.StartAsync(
            "controller", "--kubeconfig", folder["account.conf"], "--controllers", "issuance", "--leader-election-namespace", "sealock-system");
        await ApplyAsync(server, Policy);
        Assert.Equal("", (await server.KubectlAsync("apply -f -", Manifest)).Errors);
        const string Why = "get certificate/ca -n sandbox -o jsonpath={.status.conditions[?(@.type=='Issuing')].message}";
        await UntilAsync(server, Why, text => text.Contains(
            "No CertificateRequestPolicy applies to this requester: shop (the requester has no right to use it)", StringComparison.Ordinal), controller);
        Assert.Contains("sandbox/ca-1: Waits for approval: No CertificateRequestPolicy applies", controller.Log, StringComparison.Ordinal);

        await ApplyAsync(server, Access);
        (await server.KubectlAsync("wait --for=condition=Ready certificate/web certificate/ca -n sandbox --timeout=60s")).Succeeded();

        var csr = (await server.KubectlAsync("get certificaterequest/web-1 -n sandbox -o jsonpath={.spec.request}")).Succeeded();
        await ApplyAsync(server, $$"""
            apiVersion: cert-manager.io/v1
            kind: CertificateRequest
            metadata: {name: forged, namespace: sandbox}
            spec: {request: {{csr}}, issuerRef: {name: ca}, username: "system:serviceaccount:sealock-system:sealock-controller"}
            """);
        await UntilAsync(
            server, "get certificaterequest/forged -n sandbox -o jsonpath={.status.conditions[0].message}",
            text => text.Contains("--trust-request-identity", StringComparison.Ordinal), controller);
        Assert.Equal("", (await server.KubectlAsync("get certificaterequest/forged -n sandbox -o jsonpath={.status.certificate}")).Succeeded());
        Assert.Equal(0, await controller.StopAsync());
    }

    [PeerFact("kubernetes", "kubectl", "pebble", "pebble-challtestsrv")]
    public async Task It_leads_validations_to_itself_with_the_rights_of_its_manifest()
    {
        using var folder = new TemporaryFolder();
        var ca = await RealApiServer.MakeServingAsync(folder);
        await using var server = await RealApiServer.StartAsync(
            $"--tls-cert-file={folder["server.crt"]}", $"--tls-private-key-file={folder["server.key"]}", Strict);
        await using var dns = await ChallengeDns.StartAsync();
        await using var pebble = await Pebble.StartAsync(new() { DnsServer = dns.Address });
        await ApplyAsync(server, (await SealockAsync("controller", "--print-crds")).Succeeded());
        await ApplyAsync(server, (await SealockAsync("controller", "--print-rbac")).Succeeded());
        var token = (await server.KubectlAsync("create token sealock-controller -n sealock-system")).Succeeded().Trim();
        await server.WriteKubeconfigAsync(folder["account.conf"], ca, token);
        Task<SealockProcess> StartAsync(string address) => SealockProcess.StartAsync(
            "controller", "--kubeconfig", folder["account.conf"], "--controllers", "issuance", "--leader-election-namespace", "sealock-system",
            "--cluster-resource-namespace", "sealock-system", "--acme-dns-servers", dns.Address,
            "--acme-http01-solver-address", address, "--acme-http01-solver-listen", $"127.0.0.1:{Ports.Free()}");
        var first = await StartAsync("192.0.2.7");
        await ApplyAsync(server, $$"""
            apiVersion: cert-manager.io/v1
            kind: ClusterIssuer
            metadata: {name: pebble}
            spec:
              acme:
                server: {{pebble.Directory}}
                caBundle: {{Convert.ToBase64String(Encoding.ASCII.GetBytes(pebble.Ca))}}
                privateKeySecretRef: {name: pebble-account}
                solvers: [{http01: {ingress: {ingressClassName: web} } }]
            ---
            apiVersion: cert-manager.io/v1
            kind: Certificate
            metadata: {name: web, namespace: default}
            spec: {dnsNames: [web.example], secretName: web, privateKey: {algorithm: ECDSA}, issuerRef: {name: pebble, kind: ClusterIssuer} }
            """);
        (await server.KubectlAsync("wait --for=condition=Ready clusterissuer/pebble --timeout=60s")).Succeeded();
        const string Objects = "-n default -l acme.cert-manager.io/http01-solver=true -o name";
        foreach (var (kind, name) in ((string, string)[])[("service", "service"), ("endpoints", "endpoints"), ("ingress", "ingress.networking.k8s.io")])
            await UntilAsync(server, $"get {kind} {Objects}", text => text.StartsWith($"{name}/cm-acme-http-solver-", StringComparison.Ordinal), first);
        Assert.DoesNotContain("forbidden", first.Log, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, await first.StopAsync());
        await first.DisposeAsync();

        // The next one to lead is reached elsewhere.
        await using var controller = await StartAsync("192.0.2.8");
        await UntilAsync(
            server, "get endpoints -n default -l acme.cert-manager.io/http01-solver=true -o jsonpath={.items[*].subsets[*].addresses[*].ip}",
            text => text == "192.0.2.8", controller);

        // What was put in place goes with the Challenge.
        (await server.KubectlAsync("delete certificate web -n default")).Succeeded();
        (await server.KubectlAsync("delete certificaterequests,orders,challenges --all -n default --timeout=60s")).Succeeded();
        await UntilAsync(server, $"get service,endpoints,ingress {Objects}", text => text.Length == 0, controller);
        Assert.DoesNotContain("forbidden", controller.Log, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, await controller.StopAsync());
    }

    private static async Task UntilAsync(RealApiServer server, string arguments, Func<string, bool> condition, SealockProcess controller)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var result = await server.KubectlAsync(arguments);
            if (condition(result.Succeeded()))
                return;
            if (limit.IsCancellationRequested)
                Assert.Fail($"{arguments}: {result.Output}\n{(await server.KubectlAsync("get orders,challenges,events -A -o wide")).Output}\n{controller.Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    private static async Task ApplyAsync(RealApiServer server, string manifest)
    {
        Assert.Equal("", (await server.KubectlAsync("apply -f -", manifest)).Errors);
        var again = await server.KubectlAsync("apply -f -", manifest);
        Assert.All(again.Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.EndsWith(" unchanged", line, StringComparison.Ordinal));
    }

    private static async Task<string> MetricsAsync(SealockProcess controller)
    {
        // The controller made its certificate itself; it is asked on loopback.
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
        using var http = new HttpClient(handler);
        var page = new Uri(MetricsUrl().Match(controller.Log).Groups[1].Value);
        Assert.Equal("ok", await http.GetStringAsync(new Uri(page, "/readyz")));
        return await http.GetStringAsync(page);
    }

    private static Task<ToolResult> SealockAsync(params string[] arguments) => Tool.RunAsync(SealockProcess.Program, arguments);

    [GeneratedRegex("metrics +(https://\\S+)")]
    private static partial Regex MetricsUrl();
}
