// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Revocation;

/// <summary>What stays over restarts and crashes of the server, and what its settings change.</summary>
public sealed class RevocationServerTests
{
    [PeerFact("openssl")]
    public async Task The_address_of_the_list_is_put_into_what_is_signed_where_it_is_wanted()
    {
        using var folder = new TemporaryFolder();
        await using var server = await SealockProcess.StartAsync(
            "server", "--data", folder["data"], "--secure-port", "0", "--crl-url", "http://pki.example.com/");
        var output = (await Tool.ShellAsync(
            $$"""
            set -e
            {{SealockProcess.Program}} kubeconfig --data data --user root --group system:masters --server {{server.Url}} --out root.conf >/dev/null
            {{SealockProcess.Program}} csr create jane --approve --kubeconfig root.conf >/dev/null
            openssl x509 -in jane.crt -noout -ext crlDistributionPoints | grep -o 'http.*'
            openssl x509 -in data/pki/ca.crt -noout -ext subjectKeyIdentifier | tail -1 | tr -d ': ' | tr A-F a-f
            """, folder.Path)).Succeeded().TrimEnd('\n').Split('\n');
        Assert.Equal($"http://pki.example.com/crl/{output[1]}.crl", output[0]);
    }

    /// <summary>The two ways in which the only administrator can lock himself out, and the two ways back that are documented.</summary>
    [PeerFact("kubectl", "openssl")]
    public async Task The_only_administrator_who_locked_himself_out_comes_back()
    {
        using var folder = new TemporaryFolder();
        await using (var server = await SealockProcess.StartAsync("up", "--data", folder["data"], "--secure-port", "0"))
        {
            var output = (await Tool.ShellAsync(
                $$"""
                export KUBECONFIG=data/admin.conf HOME=$PWD
                kubectl() { {{Peers.Kubectl}} "$@"; }
                kubectl create -f - <<EOF
                apiVersion: sealock.dev/v1
                kind: AccessRevocation
                metadata: {name: admin, annotations: {sealock.dev/locks-out-myself: "true"} }
                spec: {user: kubernetes-admin}
                EOF
                kubectl delete accessrevocation admin 2>&1 | grep -o Unauthorized | head -1 || true
                {{SealockProcess.Program}} kubeconfig --data data --user rescue --group system:masters --lifetime 10m --out rescue.conf >/dev/null
                kubectl --kubeconfig rescue.conf delete accessrevocation admin
                kubectl get namespaces default -o name
                kubectl config view --raw -o jsonpath='{.users[0].user.client-certificate-data}' | base64 -d > admin.crt
                {{SealockProcess.Program}} revoke admin.crt --yes >/dev/null
                kubectl get namespaces 2>&1 | grep -o Unauthorized | head -1 || true
                rm data/admin.conf
                """, folder.Path)).Succeeded();
            Assert.Equal(
                "accessrevocation.sealock.dev/admin created\nUnauthorized\naccessrevocation.sealock.dev \"admin\" deleted\nnamespace/default\nUnauthorized\n",
                output.Replace(" from default namespace", "", StringComparison.Ordinal));
            Assert.Equal(0, await server.StopAsync());
        }

        await using var again = await SealockProcess.StartAsync("up", "--data", folder["data"], "--secure-port", "0");
        Assert.Equal("namespace/default\n", (await Tool.ShellAsync(
            $"HOME=$PWD {Peers.Kubectl} --kubeconfig data/admin.conf get namespaces default -o name", folder.Path)).Succeeded());
    }

    [PeerFact("kubectl", "openssl")]
    public async Task The_ca_of_a_cluster_issuer_is_found_wherever_the_server_keeps_it()
    {
        using var folder = new TemporaryFolder();
        await using var server = await SealockProcess.StartAsync(
            "up", "--data", folder["data"], "--secure-port", "0", "--cluster-resource-namespace", "house");
        var output = (await Tool.ShellAsync(
            $$"""
            export KUBECONFIG=data/admin.conf HOME=$PWD
            kubectl() { {{Peers.Kubectl}} "$@"; }
            kubectl create namespace house >/dev/null
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -subj /CN=house -days 30 \
              -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
            kubectl create secret tls house-ca -n house --cert ca.crt --key ca.key >/dev/null
            kubectl apply -f - >/dev/null <<EOF
            apiVersion: cert-manager.io/v1
            kind: ClusterIssuer
            metadata: {name: house}
            spec: {ca: {secretName: house-ca} }
            EOF
            {{SealockProcess.Program}} revoke --serial 77aa --issuer house --unseen --cluster-resource-namespace house
            kubectl wait --for=condition=Ready clusterissuer/house --timeout=60s >/dev/null
            for i in $(seq 100); do kubectl get secrets -n house -l sealock.dev/authority-record -o name | grep -q . && break; sleep 0.1; done
            {{SealockProcess.Program}} revoke --serial 77aa --issuer house --unseen
            """, folder.Path)).Succeeded();
        Assert.Matches("^revoked serial 77AA of CN=house: .*\nserial 77AA of CN=house is revoked already: .*\n$", output);
    }

    [Theory]
    [InlineData("pki.example.com")]
    [InlineData("ldap://pki.example.com")]
    [InlineData("http://pki.example.com?x")]
    public async Task An_address_that_is_none_is_told(string url)
    {
        using var folder = new TemporaryFolder();
        var result = await Tool.RunAsync(SealockProcess.Program, ["server", "--data", "data", "--crl-url", url], folder: folder.Path);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("is no address; give one such as http://pki.example.com", result.Errors, StringComparison.Ordinal);
    }

    [PeerFact("openssl", "curl")]
    public async Task A_list_and_what_is_revoked_outlive_the_server_and_its_number_goes_on_rising()
    {
        using var folder = new TemporaryFolder();
        var numbers = new List<long>();
        for (var run = 0; run < 3; run++)
        {
            await using var server = await SealockProcess.StartAsync("up", "--data", folder["data"], "--secure-port", "0");
            var output = (await Tool.ShellAsync(
                $$"""
                set -e
                export KUBECONFIG=data/admin.conf
                id=$(openssl x509 -in data/pki/ca.crt -noout -ext subjectKeyIdentifier | tail -1 | tr -d ': ' | tr A-F a-f)
                {{SealockProcess.Program}} revoke --serial 1{{run}} >/dev/null
                for i in $(seq 100); do
                  curl -sS --cacert data/pki/ca.crt {{server.Url}}/crl/$id.pem -o crl.pem
                  [ "$(openssl crl -in crl.pem -noout -text | grep -c 'Serial Number')" = {{run + 1}} ] && break
                  sleep 0.1
                done
                openssl crl -in crl.pem -noout -text | grep 'Serial Number' | tr -d ' '
                openssl crl -in crl.pem -noout -crlnumber | sed 's/.*=//; s/0x//'
                """, folder.Path)).Succeeded().TrimEnd('\n').Split('\n');
            Assert.Equal(Enumerable.Range(0, run + 1).Select(i => $"SerialNumber:1{i}"), output[..^1].Order());
            numbers.Add(Convert.ToInt64(output[^1], 16));
            await server.KillAsync();
        }

        Assert.Equal(numbers.Distinct().Order(), numbers);
    }
}
