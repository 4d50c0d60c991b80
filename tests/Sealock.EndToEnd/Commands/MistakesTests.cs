// SPDX-License-Identifier: Apache-2.0

namespace Sealock.EndToEnd.Commands;

/// <summary>What goes wrong before a server serves: one line that names the remedy, and no stack trace.</summary>
public sealed class MistakesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("up --bind-address 192.0.2.1 --secure-port 0 --data data", "Choose an address of this machine")]
    [InlineData("up --data ''", "--data: name a folder")]
    [InlineData("up --secure-port 70000 --data data", "\"70000\" is not a whole number from 0 to 65535")]
    [InlineData("up --hostname a_/b --data data", "\"a_/b\" is neither a name nor an address")]
    [InlineData("up --tls-cert-file=a.crt --data data", "--tls-cert-file: is not a known flag")]
    [InlineData("up --secure-prt 1 --data data", "--secure-prt: is not a known flag (did you mean --secure-port?)")]
    [InlineData("server --secure-prt 1 --data data", "--secure-prt: is not a known flag (did you mean --secure-port?)")]
    [InlineData("login --pasword hunter2", "--pasword: is not a known flag")]
    [InlineData("login --pasword:hunter2", "--pasword: is not a known flag")]
    [InlineData("server --etcd-servers=https://127.0.0.1 --config", "Required argument missing for option: '--config'")]
    [InlineData("pki inti", "inti: is not a known command (did you mean init?)")]
    [InlineData("inspct", "inspct: is not a known command (did you mean inspect?)")]
    [InlineData("version twice", "an argument too many is given")]
    [InlineData("kubeconfig --user jane --data ''", "--data: name a folder")]
    [InlineData("kubeconfig --user '' --data data", "--user: give a name")]
    [InlineData("kubeconfig --user jane --server 127.0.0.1:6443 --data data", "is not an HTTPS URL")]
    [InlineData("controller --signer nonsense", "expected SIGNER=NAMESPACE/SECRET")]
    [InlineData("controller --controllers issuing", "\"issuing\" is none of issuance, requests, revocation, trust")]
    [InlineData("controller --controllers *,-issuance,-requests,-revocation,-trust", "nothing is left")]
    [InlineData("controller --controllers requests", "give --signer, --cluster-signing-cert-file, or --approve-kubelets")]
    [InlineData("controller --metrics-bind-address 9402", "is not ADDRESS:PORT")]
    [InlineData("controller --metrics-cert-file a.crt --metrics-bind-address 127.0.0.1:0", "--metrics-cert-file and --metrics-key-file go together")]
    [InlineData("controller --namespace A_B", "\"A_B\" is not the name of a namespace")]
    [InlineData("server --cluster-resource-namespace A_B", "\"A_B\" is not the name of a namespace")]
    public async Task A_wrong_argument_is_told_in_one_line(string arguments, string remedy) =>
        AssertToldInOneLine(await SealockAsync([.. arguments.Split(' ').Select(part => part.Trim('\''))]), remedy);

    [Fact]
    public async Task A_public_key_cannot_sign_tokens()
    {
        (await Tool.ShellAsync(
            "openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout -out sa.pub", _folder.Path)).Succeeded();
        AssertToldInOneLine(
            await SealockAsync("server", "--secure-port", "0", "--data", "data", "--service-account-signing-key-file", "sa.pub"),
            "sa.pub is a public key");
    }

    /// <summary>Every flag that kubeadm writes for kube-apiserver and kube-controller-manager, but for etcd and the files.</summary>
    [Fact]
    public async Task The_flags_that_kubeadm_writes_start_a_server()
    {
        await using var server = await SealockProcess.StartAsync(
            "server", "--data", _folder["data"], "--advertise-address=198.51.100.1", "--allow-privileged=true",
            "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", "--enable-bootstrap-token-auth=true",
            "--insecure-port=0", "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
            "--requestheader-allowed-names=front-proxy-client", "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            "--requestheader-group-headers=X-Remote-Group", "--requestheader-username-headers=X-Remote-User", "--secure-port=0",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local", "--service-cluster-ip-range=10.96.0.0/12",
            "--allocate-node-cidrs=true", "--bind-address=127.0.0.1", "--cluster-cidr=10.244.0.0/16", "--cluster-name=kubernetes",
            "--controllers=*,bootstrapsigner,tokencleaner", "--leader-elect=true", "--use-service-account-credentials=true",
            "--anonymous-auth=false", "--service-account-max-token-expiration=48h", "--profiling=false", "--port=0");
        var answer = await Tool.ShellAsync($"curl -sk -o /dev/null -w '%{{http_code}}' {server.Url}/api");
        Assert.Equal("401", answer.Succeeded());
    }

    [Theory]
    [InlineData("rm encryption-keys.json", "encryption-keys.json is missing")]
    [InlineData("sed -i 's/\"id\": \"[^\"]*\"/\"id\": \"other\"/' encryption-keys.json", "Put back the ")]
    [InlineData("sed -i 's/\"secret\": \".../\"secret\": \"AAA/' encryption-keys.json", "Put back the ")]
    [InlineData(": > pki/ca.crt", "pki/ca.crt: expected a PEM block")]
    [InlineData("rm admin.conf; mkdir admin.conf", "admin.conf")]
    [InlineData("rm pki/apiserver.key; mkdir pki/apiserver.key", "pki/apiserver.key")]
    public async Task A_data_folder_that_lacks_something_is_refused(string harm, string remedy)
    {
        await using (var server = await SealockProcess.StartAsync("up", "--data", _folder["data"], "--secure-port", "0"))
        {
            (await Tool.ShellAsync(
                $$"""
                field() { sed -n "s/.*$1: //p" data/admin.conf | base64 -d > $1; }
                field client-certificate-data; field client-key-data
                curl -sf --cacert data/pki/ca.crt --cert client-certificate-data --key client-key-data \
                  -H 'Content-Type: application/yaml' -d 'metadata: {name: one}' {{server.Url}}/api/v1/namespaces/default/secrets
                """,
                _folder.Path)).Succeeded();
            Assert.Equal(0, await server.StopAsync());
        }

        (await Tool.ShellAsync(harm, _folder["data"])).Succeeded();
        AssertToldInOneLine(await SealockAsync("up", "--data", "data", "--secure-port", "0"), remedy);
    }

    public void Dispose() => _folder.Dispose();

    private Task<ToolResult> SealockAsync(params string[] arguments) =>
        Tool.RunAsync(SealockProcess.Program, arguments, folder: _folder.Path);

    private static void AssertToldInOneLine(ToolResult result, string remedy)
    {
        var errors = result.Failed();
        Assert.True(result.ExitCode is 1 or 2, $"exit code {result.ExitCode}\n{errors}");
        var line = Assert.Single(errors.Split('\n'), line => line.StartsWith("sealock: ", StringComparison.Ordinal));
        Assert.Contains(remedy, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }
}
