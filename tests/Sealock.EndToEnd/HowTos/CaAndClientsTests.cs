// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.HowTos;

/// <summary>A how-to whose certificates are X.509 version 1: its command line, its curl and its kubeconfig.</summary>
public sealed class CaAndClientsTests
{
    [PeerFact("openssl", "curl", "kubectl")]
    public async Task Its_certificates_command_line_curl_and_kubeconfig_work()
    {
        using var folder = new TemporaryFolder();
        (await Tool.ShellAsync(OpenSslFiles.CaAndClients, folder.Path)).Succeeded();
        (await Tool.ShellAsync(OpenSslFiles.ApiServer, folder.Path)).Succeeded();

        // As printed, the certificate belongs to admin.key, so the pair that is printed in the flags cannot start.
        var refused = await Tool.RunAsync(SealockProcess.Program, Flags(folder, "apiserver.crt", "apiserver.key"));
        Assert.Contains("apiserver.key", refused.Failed(), StringComparison.Ordinal);
        Assert.Contains("does not belong to", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(2, refused.ExitCode);

        await using var sealock = await SealockProcess.StartAsync(Flags(folder, "apiserver.crt", "admin.key"));
        await BindAsync(folder, sealock, "kube-apiserver");

        string[] curl = ["-sS", "--resolve", $"kube-apiserver:{sealock.Port}:127.0.0.1", $"https://kube-apiserver:{sealock.Port}/api/v1/pods/",
            "--key", "admin.key", "--cert", "admin.crt", "--cacert", "ca.crt"];
        var pods = (await Tool.RunAsync("curl", curl, folder: folder.Path)).Succeeded();
        Assert.Contains("\"kind\": \"PodList\"", pods, StringComparison.Ordinal);
        Assert.Equal(0, await sealock.StopAsync());
    }

    [PeerFact("openssl", "kubectl")]
    public async Task Its_kubeconfig_with_file_paths_works_once_the_serving_certificate_has_its_names()
    {
        using var folder = new TemporaryFolder();
        (await Tool.ShellAsync(OpenSslFiles.CaAndClients, folder.Path)).Succeeded();
        (await Tool.ShellAsync(OpenSslFiles.ApiServer, folder.Path)).Succeeded();

        // Go programs do not read a host name from CN, so kubectl needs what "openssl x509 -req" dropped. With the page's
        // key usage among it, openssl (and so curl) takes the certificate for no server's.
        (await Tool.ShellAsync(
            """
            sed -i 's/^IP.2 = .*/IP.2 = 127.0.0.1/; s/^keyUsage = .*/keyUsage = digitalSignature, keyEncipherment/' openssl.cnf
            openssl x509 -req -in apiserver.csr -CA ca.crt -CAkey ca.key -out apiserver.crt \
                -extfile openssl.cnf -extensions v3_req
            """, folder.Path)).Succeeded();
        await using var sealock = await SealockProcess.StartAsync(Flags(folder, "apiserver.crt", "admin.key"));
        await BindAsync(folder, sealock, "kubernetes");
        await File.WriteAllTextAsync(folder["kube-config.yaml"],
            $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: kubernetes
              cluster:
                certificate-authority: ca.crt
                server: {sealock.Url}
            users:
            - name: kubernetes-admin
              user:
                client-certificate: admin.crt
                client-key: admin.key
            contexts:
            - name: admin
              context: {"{"}cluster: kubernetes, user: kubernetes-admin{"}"}
            current-context: admin
            """);
        var output = (await Tool.RunAsync(Peers.Kubectl, ["--kubeconfig", "kube-config.yaml", "get", "namespaces"], folder: folder.Path)).Succeeded();
        Assert.Contains("kube-system", output, StringComparison.Ordinal);
    }

    /// <summary>
    /// The page's group is "system:master", one letter short of the one with all rights. Who holds the CA's key makes a
    /// certificate with the right one, and with that gives the page's group a role.
    /// </summary>
    private static async Task BindAsync(TemporaryFolder folder, SealockProcess sealock, string host) => (await Tool.ShellAsync(
        $$"""
        openssl req -newkey rsa:2048 -nodes -keyout masters.key -subj "/O=system:masters/CN=root" -out masters.csr
        openssl x509 -req -in masters.csr -CA ca.crt -CAkey ca.key -out masters.crt
        curl -sSf --resolve {{host}}:{{sealock.Port}}:127.0.0.1 --cacert ca.crt --cert masters.crt --key masters.key \
          -H 'Content-Type: application/json' https://{{host}}:{{sealock.Port}}/apis/rbac.authorization.k8s.io/v1/clusterrolebindings -d '{
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "masters"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:master"}]}'
        """, folder.Path)).Succeeded();

    private static string[] Flags(TemporaryFolder folder, string certificate, string key) =>
    [
        "server", "--data", folder["data"], "--bind-address=127.0.0.1", "--secure-port=0",
        $"--client-ca-file={folder["ca.crt"]}",
        $"--etcd-cafile={folder["ca.crt"]}",
        $"--etcd-certfile={folder["admin.crt"]}",
        $"--etcd-keyfile={folder["admin.key"]}",
        $"--tls-cert-file={folder[certificate]}",
        $"--tls-private-key-file={folder[key]}",
    ];
}
