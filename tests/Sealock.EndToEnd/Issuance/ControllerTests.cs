// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

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

    [PeerFact("kubernetes", "kubectl")]
    public async Task It_issues_with_the_rights_of_its_manifest()
    {
        using var folder = new TemporaryFolder();
        var ca = await RealApiServer.MakeServingAsync(folder);
        await using var server = await RealApiServer.StartAsync(
            $"--tls-cert-file={folder["server.crt"]}", $"--tls-private-key-file={folder["server.key"]}");
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
            "controller", "--kubeconfig", folder["account.conf"], "--controllers", "issuance,revocation",
            "--leader-election-namespace", "sealock-system", "--metrics-bind-address", "127.0.0.1:0");
        Assert.Equal("", (await server.KubectlAsync("apply -f -", Manifest)).Errors);
        (await server.KubectlAsync("wait --for=condition=Ready certificate/web certificate/ca -n sandbox --timeout=60s")).Succeeded();
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
