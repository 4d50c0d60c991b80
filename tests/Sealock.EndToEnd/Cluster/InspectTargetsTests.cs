// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.EndToEnd.Cluster;

/// <summary><c>sealock inspect</c> as users call it: every kind of file, folder and stream, checks and their exit codes.</summary>
public sealed class InspectTargetsTests : IAsyncLifetime
{
    private const string MakeFiles = """
        new() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $1.key -out $1.crt -subj "/CN=$1" "${@:2}" 2>/dev/null; }
        new ca -days 400
        new short -days 9 -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:a
        mkdir -p node/etc/kubernetes/pki/etcd node/etc/kubernetes/manifests node/var/lib/kubelet/pki
        cp ca.crt ca.key node/etc/kubernetes/pki/
        cp short.crt node/etc/kubernetes/pki/apiserver.crt; cp short.key node/etc/kubernetes/pki/apiserver.key
        cat short.crt short.key > node/var/lib/kubelet/pki/kubelet-client-2026.pem
        ln -s /var/lib/kubelet/pki/kubelet-client-2026.pem node/var/lib/kubelet/pki/kubelet-client-current.pem
        cat > node/etc/kubernetes/kubelet.conf <<END
        apiVersion: v1
        kind: Config
        clusters: [{name: k, cluster: {server: "https://a:6443", certificate-authority-data: $(base64 -w0 ca.crt)}}]
        users: [{name: node, user: {client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem, client-key: /var/lib/kubelet/pki/kubelet-client-current.pem}}]
        END
        cat > node/etc/kubernetes/manifests/kube-apiserver.yaml <<END
        apiVersion: v1
        kind: Pod
        metadata: {name: kube-apiserver}
        spec:
          containers:
          - name: kube-apiserver
            command: [kube-apiserver, --tls-cert-file=/pki/apiserver.crt, --tls-private-key-file=/pki/apiserver.key, --client-ca-file=/pki/gone.crt]
            volumeMounts: [{name: pki, mountPath: /pki}]
          volumes: [{name: pki, hostPath: {path: /etc/kubernetes/pki}}]
        END
        cat > objects.yaml <<END
        apiVersion: v1
        kind: Secret
        metadata: {name: web, namespace: shop}
        data: {tls.crt: $(base64 -w0 short.crt), tls.key: $(base64 -w0 ca.key)}
        ---
        {"apiVersion": "v1", "kind": "List", "items": [{"kind": "ValidatingWebhookConfiguration", "metadata": {"name": "hook"}, "webhooks": [{"name": "a", "clientConfig": {"caBundle": "$(base64 -w0 ca.crt)"}}]}]}
        END
        openssl pkcs12 -export -in short.crt -inkey short.key -passout pass:secret -out store.p12
        echo secret > passphrase; echo wrong > wrong
        """;

    private readonly TemporaryFolder _folder = new();

    public async Task InitializeAsync() => (await Tool.ShellAsync(MakeFiles, _folder.Path)).Succeeded();

    [PeerFact("openssl")]
    public async Task A_manifest_leads_to_the_files_of_another_machines_disk()
    {
        var result = await InspectAsync("--root", "node", "-o", "json", "node/etc/kubernetes/manifests/kube-apiserver.yaml");
        Assert.Equal(1, result.ExitCode);
        var sources = JsonNode.Parse(result.Output)!["sources"]!.AsArray().Where(s => s!["namedBy"] is not null).ToList();
        Assert.Equal(
            ["node/etc/kubernetes/pki/apiserver.crt", "node/etc/kubernetes/pki/apiserver.key", "node/etc/kubernetes/pki/gone.crt"],
            sources.Select(s => s!["name"]!.ToString()));
        Assert.Equal("kube-apiserver.yaml: --client-ca-file", sources[2]!["namedBy"]!.ToString());
        Assert.Equal("there is no such file", sources[2]!["failure"]!.ToString());
        Assert.Equal(2, (int)sources[1]!["items"]![0]!["sameKeyAs"]![0]!["source"]!);
    }

    [PeerFact("openssl")]
    public async Task A_kubeconfig_leads_to_a_linked_certificate()
    {
        var result = await InspectAsync("--root", "node", "node/etc/kubernetes/kubelet.conf");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("certificate (clusters[k].certificate-authority-data)", result.Output, StringComparison.Ordinal);
        Assert.Contains("node/var/lib/kubelet/pki/kubelet-client-2026.pem  PEM, named by kubelet.conf: users[node].client-certificate", result.Output, StringComparison.Ordinal);
        Assert.Contains("belongs to   certificate 1", result.Output, StringComparison.Ordinal);
    }

    [PeerFact("openssl")]
    public async Task A_folder_is_checked_whole()
    {
        var result = await InspectAsync("--check", "--root", "node", "node");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("error    node/etc/kubernetes/pki/apiserver.crt CN=short: it expires in 8 days", result.Output, StringComparison.Ordinal);
        Assert.Contains("gone.crt (named by kube-apiserver.yaml: --client-ca-file): there is no such file", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("key-mismatch", result.Output, StringComparison.Ordinal);
        (await Tool.ShellAsync("rm -r node/etc/kubernetes/manifests", _folder.Path)).Succeeded();
        Assert.Equal(0, (await InspectAsync("--check", "--within", "1d", "--root", "node", "node")).ExitCode);
    }

    [PeerFact("openssl")]
    public async Task Objects_come_from_standard_input_too()
    {
        var text = await File.ReadAllTextAsync(_folder["objects.yaml"]);
        var result = await Tool.RunAsync(SealockProcess.Program, ["inspect", "-"], input: text, folder: _folder.Path);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("standard input  Secret shop/web", result.Output, StringComparison.Ordinal);
        Assert.Contains("! the key does not belong to the certificate beside it", result.Output, StringComparison.Ordinal);
        Assert.Contains("standard input  ValidatingWebhookConfiguration hook", result.Output, StringComparison.Ordinal);
        Assert.Equal(1, (await InspectAsync("--check", "objects.yaml")).ExitCode);
        Assert.Contains("CN=ca", (await Tool.ShellAsync($"{SealockProcess.Program} inspect <(cat ca.crt)", _folder.Path)).Succeeded(), StringComparison.Ordinal);
    }

    [PeerFact("openssl")]
    public async Task A_container_opens_with_its_passphrase_only()
    {
        Assert.Contains("belongs to   certificate 1", (await InspectAsync("--passphrase-file", "passphrase", "store.p12")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("the passphrase does not open it", (await InspectAsync("--passphrase-file", "wrong", "store.p12")).Output, StringComparison.Ordinal);
        var closed = await InspectAsync("--check", "store.p12");
        Assert.Equal(1, closed.ExitCode);
        Assert.Contains("it is encrypted; give its passphrase with --passphrase-file FILE", closed.Output, StringComparison.Ordinal);
    }

    [PeerFact("openssl")]
    public async Task Secrets_are_never_printed_and_pages_are_plain_where_no_terminal_is()
    {
        var key = string.Concat((await File.ReadAllLinesAsync(_folder["ca.key"])).Where(line => !line.StartsWith("--", StringComparison.Ordinal)));
        foreach (var format in new[] { "table", "json", "yaml" })
        {
            var output = (await InspectAsync("-o", format, "ca.key", "objects.yaml", "node")).Output;
            Assert.DoesNotContain(key[..40], output, StringComparison.Ordinal);
            Assert.DoesNotContain("PRIVATE KEY-----", output, StringComparison.Ordinal);
            Assert.DoesNotContain('\e', output);
        }
    }

    [PeerFact("openssl")]
    public async Task Hostile_names_cannot_steer_a_terminal()
    {
        (await Tool.ShellAsync(
            """
            printf '[req]\ndistinguished_name=dn\nutf8=yes\n[dn]\n[e]\nsubjectAltName=@n\n[n]\nDNS=a\e[31mred\n' > hostile.cnf
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout h.key -out h.crt -days 90 -utf8 -config hostile.cnf \
              -extensions e -subj "$(printf '/CN=a\e[2Jb\u202Ec')" 2>/dev/null
            """, _folder.Path)).Succeeded();
        var output = (await InspectAsync("h.crt")).Succeeded();
        Assert.DoesNotContain('\e', output);
        Assert.DoesNotContain('\u202e', output);
        Assert.Contains(@"a\u{1b}[31mred", output, StringComparison.Ordinal);
        Assert.Contains(@"\u{202e}c", output, StringComparison.Ordinal);
    }

    [PeerFact("openssl")]
    public async Task A_malformed_extension_hides_nothing_else()
    {
        (await Tool.ShellAsync(
            """
            printf '[req]\ndistinguished_name=dn\n[dn]\n[e]\nsubjectAltName=DER:30:02:82:05\nkeyUsage=digitalSignature\n' > odd.cnf
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout o.key -out o.crt -days 90 -config odd.cnf -extensions e -subj /CN=odd 2>/dev/null
            """, _folder.Path)).Succeeded();
        var output = (await InspectAsync("o.crt")).Succeeded();
        Assert.Contains("subject      CN=odd", output, StringComparison.Ordinal);
        Assert.Contains("key usage    digital signature", output, StringComparison.Ordinal);
        Assert.Contains("! the extension 2.5.29.17 is malformed", output, StringComparison.Ordinal);
    }

    [PeerTheory("openssl")]
    [InlineData("nothing.crt", 1, "nothing.crt: there is no such file")]
    [InlineData("passphrase", 1, "it is neither PEM, DER, PKCS#7, PKCS#12 nor a manifest with certificates")]
    [InlineData("http://a", 2, "write https://host:port")]
    [InlineData("ca.crt --within soon", 2, "--within: give a time such as 30d")]
    [InlineData("ca.crt --root nowhere", 2, "--root: there is no folder nowhere")]
    [InlineData("- --passphrase-file -", 2, "standard input can be read only once")]
    [InlineData("ca.crt --timeout 0", 2, "--timeout: give a time such as 10s")]
    public async Task Mistakes_name_their_remedy(string arguments, int exitCode, string remedy)
    {
        var result = await InspectAsync(arguments.Split(' '));
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(remedy, Assert.Single(result.Errors.Trim().Split('\n')), StringComparison.Ordinal);
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    private Task<ToolResult> InspectAsync(params string[] arguments) =>
        Tool.RunAsync(SealockProcess.Program, ["inspect", .. arguments], folder: _folder.Path);
}
