// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Cluster;

/// <summary>A real control plane with exactly the generated files and flags: what works, and what must not.</summary>
public sealed class ControlPlaneTests(RunningControlPlane running) : IClassFixture<RunningControlPlane>
{
    private ControlPlane Plane => running.Plane;

    private string Address => Plane.AddressOf("master1");

    [PeerFact("kubernetes", "kubectl")]
    public async Task The_administrator_has_its_rights_from_the_binding()
    {
        Assert.Contains("kubernetes-admin", running.AdministratorBefore.Failed(), StringComparison.Ordinal);
        Assert.Equal("yes\n", (await Plane.KubectlAsync("master1", "admin.conf", "auth", "can-i", "*", "*", "--all-namespaces")).Output);
        Assert.Equal("yes\n", (await Plane.KubectlAsync("master3", "admin.conf", "auth", "can-i", "impersonate", "users")).Output);
    }

    // kubeconfig, then questions: what the role may, and what it may not.
    [PeerTheory("kubernetes", "kubectl")]
    [InlineData("master1", "super-admin.conf", "* * -A;escalate clusterroles", "")]
    [InlineData("master2", "controller-manager.conf",
        "create serviceaccounts/token -n kube-system;update leases.coordination.k8s.io/kube-controller-manager -n kube-system;list pods -A;create tokenreviews",
        "delete namespaces;create clusterrolebindings;update nodes;impersonate users;update certificatesigningrequests/approval")]
    [InlineData("master2", "scheduler.conf",
        "list pods -A;create pods/binding -n default;update leases.coordination.k8s.io/kube-scheduler -n kube-system;list nodes",
        "get secrets -n kube-system;create pods -n default;delete nodes;create clusterrolebindings")]
    [InlineData("worker1", "kubelet.conf",
        "create nodes;list services -A;create certificatesigningrequests;create tokenreviews",
        "list secrets -A;delete namespaces;create clusterrolebindings;create deployments -n default;impersonate users")]
    [InlineData("worker1", "kube-proxy.conf",
        "list services -A;watch endpointslices.discovery.k8s.io -A;list nodes;create events",
        "get secrets -n default;create pods -n default;update services -n default;update nodes;create certificatesigningrequests")]
    public async Task A_role_may_what_it_needs_and_no_more(string node, string kubeconfig, string allowed, string refused)
    {
        foreach (var (questions, answer) in new[] { (allowed, "yes"), (refused, "no") })
        {
            foreach (var question in questions.Split(';', StringSplitOptions.RemoveEmptyEntries))
            {
                var result = await Plane.KubectlAsync(node, kubeconfig, ["auth", "can-i", .. Question(question)]);
                Assert.True(result.Output.StartsWith(answer, StringComparison.Ordinal), $"{question}: {result.Output}{result.Errors}");
            }
        }
    }

    [PeerFact("kubernetes", "kubectl")]
    public async Task A_kubelet_is_its_own_node_and_no_other()
    {
        var kubelet = Plane.Kubeconfig("worker1", "kubelet.conf");
        (await Plane.KubectlWithAsync(kubelet, Node("worker1"), "apply", "-f", "-")).Succeeded();
        Assert.Contains(
            "is not allowed to modify node",
            (await Plane.KubectlWithAsync(kubelet, Node("master1"), "create", "-f", "-")).Failed(), StringComparison.Ordinal);
        // A Secret is a kubelet's business only while one of its pods wants it.
        (await Plane.KubectlAsync("master1", "admin.conf", "create", "secret", "generic", "of-nobody", "--from-literal=a=b")).Succeeded();
        Assert.Contains("Forbidden", (await Plane.KubectlAsync("worker1", "kubelet.conf", "get", "secret", "of-nobody")).Failed(), StringComparison.Ordinal);
    }

    [PeerFact("kubernetes", "kubectl")]
    public async Task Pods_are_placed_by_the_scheduler()
    {
        (await Plane.KubectlWithAsync(Plane.Kubeconfig("worker1", "kubelet.conf"), Node("worker1"), "apply", "-f", "-")).Succeeded();
        const string Pod = """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"placed","namespace":"default"},"spec":{
              "tolerations":[{"operator":"Exists"}],"containers":[{"name":"a","image":"a.example.com/a"}]}}
            """;
        (await Plane.KubectlWithAsync(Plane.Kubeconfig("master1", "admin.conf"), Pod, "create", "-f", "-")).Succeeded();
        await Plane.UntilAsync(
            () => Plane.KubectlAsync("master2", "admin.conf", "get", "pod", "placed", "-o", "jsonpath={.spec.nodeName}"), name => name == "worker1");
    }

    [PeerFact("kubernetes", "kubectl")]
    public async Task Static_pods_are_pods_to_the_api_server()
    {
        var accepted = (await Plane.KubectlAsync(
            "master1", "admin.conf", "apply", "--dry-run=server", "--validate=true", "-f", Plane.RootOf("master1") + "/etc/kubernetes/manifests")).SucceededQuietly();
        Assert.Equal(4, accepted.Split('\n').Count(line => line.StartsWith("pod/", StringComparison.Ordinal)));
    }

    [PeerFact("kubernetes", "kubectl", "curl")]
    public async Task Strangers_are_refused()
    {
        // Without credentials there is the health that probes ask for, and nothing else.
        Assert.Equal("200", await StatusAsync("/livez"));
        Assert.Equal("403", await StatusAsync("/api/v1/namespaces"));
        // A certificate of another authority, a token that nobody gave out, and plain HTTP.
        Assert.Equal("401", await StatusAsync("/api", "--cert", File("etcd/healthcheck-client.crt"), "--key", File("etcd/healthcheck-client.key")));
        Assert.Equal("401", await StatusAsync("/api", "-H", "Authorization: Bearer nobody"));
        Assert.Contains("HTTP request to an HTTPS server", (await CurlAsync($"http://{Address}:6443/livez")).Output, StringComparison.Ordinal);
        (await CurlAsync("--cacert", File("front-proxy-ca.crt"), $"https://{Address}:6443/livez")).Failed();
        // The front proxy's headers count only with its certificate.
        string[] asMaster = ["-H", "X-Remote-User: master", "-H", "X-Remote-Group: system:masters"];
        Assert.Equal("403", await StatusAsync("/api/v1/secrets", asMaster));
        Assert.Equal("200", await StatusAsync(
            "/api/v1/secrets", [.. asMaster, "--cert", File("front-proxy-client.crt"), "--key", File("front-proxy-client.key")]));
    }

    [PeerFact("kubernetes", "curl")]
    public async Task Every_server_wants_current_tls_and_credentials()
    {
        foreach (var port in new[] { 6443, 10257, 10259 })
        {
            var url = $"https://{Address}:{port}/metrics";
            Assert.Equal("403", (await CurlAsync("-k", "-o", "/dev/null", "-w", "%{http_code}", url)).Succeeded());
            (await CurlAsync("-k", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0", url)).Failed();
            (await CurlAsync("-k", "--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:AES128-GCM-SHA256", url)).Failed();
            (await CurlAsync("-k", "--tls-max", "1.2", url)).Succeeded();
        }

        // The ports that served plain HTTP until 1.22.
        foreach (var port in new[] { 8080, 10251, 10252 })
            (await CurlAsync($"http://{Address}:{port}/healthz")).Failed();
    }

    [PeerFact("kubernetes", "kubectl", "etcdctl")]
    public async Task Secrets_are_encrypted_in_etcd_and_read_by_every_api_server()
    {
        (await Plane.KubectlAsync("master1", "admin.conf", "create", "secret", "generic", "hidden", "--from-literal=word=open-sesame")).Succeeded();
        var stored = (await Plane.EtcdctlAsync("master3", "get", "/registry/secrets/default/hidden", "--print-value-only")).Succeeded();
        Assert.StartsWith("k8s:enc:secretbox:v1:key1:", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("open-sesame", stored, StringComparison.Ordinal);
        Assert.Equal("b3Blbi1zZXNhbWU=", (await Plane.KubectlAsync(
            "master2", "admin.conf", "--server", $"https://{Plane.AddressOf("master2")}:6443", "get", "secret", "hidden", "-o", "jsonpath={.data.word}")).Succeeded());
    }

    [PeerFact("kubernetes", "kubectl")]
    public async Task Service_account_tokens_and_the_token_file_are_believed_by_every_api_server()
    {
        var answer = (await Plane.KubectlWithAsync(
            Plane.Kubeconfig("master1", "admin.conf"), """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}""",
            "create", "--raw", "/api/v1/namespaces/default/serviceaccounts/default/token", "-f", "-")).Succeeded();
        var bound = System.Text.Json.Nodes.JsonNode.Parse(answer)!["status"]!["token"]!.GetValue<string>();
        var secret = await Plane.UntilAsync(() => Plane.KubectlAsync(
            "master1", "admin.conf", "get", "serviceaccount", "default", "-o", "jsonpath={.secrets[0].name}"), name => name.Length > 0);
        var legacy = System.Text.Encoding.ASCII.GetString(Convert.FromBase64String((await Plane.KubectlAsync(
            "master1", "admin.conf", "get", "secret", secret, "-o", "jsonpath={.data.token}")).Succeeded()));
        var jane = (await System.IO.File.ReadAllTextAsync(Plane.PkiFile("master2", "tokens.csv"))).Split(',')[0];
        foreach (var (token, user) in new[] { (bound, "system:serviceaccount:default:default"), (legacy, "system:serviceaccount:default:default"), (jane, "jane") })
        {
            var result = await CurlAsync(
                "--cacert", File("ca.crt"), "-H", $"Authorization: Bearer {token}", $"https://{Plane.AddressOf("master2")}:6443/api/v1/secrets");
            Assert.Contains($"User \\\"{user}\\\" cannot list", result.Succeeded(), StringComparison.Ordinal);
        }

        // What pods are told to trust is what was made.
        Assert.Equal(
            (await System.IO.File.ReadAllTextAsync(File("ca.crt"))).TrimEnd(),
            (await Plane.KubectlAsync("master1", "admin.conf", "get", "configmap", "kube-root-ca.crt", "-o", "jsonpath={.data.ca\\.crt}")).Succeeded().TrimEnd());
    }

    [PeerFact("kubernetes", "kubectl")]
    public async Task Requests_are_signed_by_the_controller_manager_and_the_certificates_work() => await Certification.ShowAsync(Plane);

    private string File(string relative) => Plane.PkiFile("master1", relative);

    private async Task<string> StatusAsync(string path, params string[] arguments) => (await CurlAsync(
        ["--cacert", File("ca.crt"), "-o", "/dev/null", "-w", "%{http_code}", .. arguments, $"https://{Address}:6443{path}"])).Succeeded();

    private static Task<ToolResult> CurlAsync(params string[] arguments) => Tool.RunAsync("curl", ["-sS", "--max-time", "10", .. arguments]);

    private static string Node(string name) =>
        $$$"""
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"{{{name}}}"},
         "status":{"capacity":{"cpu":"4","memory":"8Gi","pods":"10"},"allocatable":{"cpu":"4","memory":"8Gi","pods":"10"},
                   "conditions":[{"type":"Ready","status":"True"}]}}
        """;

    /// <summary>A verb, a resource with its subresource or name, and options, as kubectl auth can-i takes them.</summary>
    private static string[] Question(string text)
    {
        var words = text.Split(' ');
        if (words[1].Split('/') is not [var resource, var rest] || resource.Contains('.', StringComparison.Ordinal))
            return words;
        return [words[0], resource, "--subresource", rest, .. words[2..]];
    }
}
