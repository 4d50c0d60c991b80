// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Revocation;

/// <summary>Lists on a kube-apiserver that knows of revocation by custom resources only.</summary>
public sealed class OtherClusterTests
{
    [PeerFact("kubernetes", "kubectl", "openssl")]
    public async Task Lists_are_kept_and_what_is_revoked_is_issued_anew()
    {
        using var folder = new TemporaryFolder();
        var ca = await RealApiServer.MakeServingAsync(folder);
        await using var server = await RealApiServer.StartAsync(
            $"--tls-cert-file={folder["server.crt"]}", $"--tls-private-key-file={folder["server.key"]}");
        await server.WriteKubeconfigAsync(folder["admin.conf"], ca);
        await using var controller = await SealockProcess.StartAsync(
            "controller", "--kubeconfig", folder["admin.conf"], "--install-crds", "--leader-elect=false", "--controllers", "issuance,revocation");
        (await server.KubectlAsync("create ns sandbox")).Succeeded();
        (await Tool.ShellAsync(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout users.key -out users.crt -subj /CN=users -days 30 "
            + "-addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null", folder.Path)).Succeeded();
        (await server.KubectlAsync($"create secret tls users-ca -n sandbox --cert {folder["users.crt"]} --key {folder["users.key"]}")).Succeeded();
        (await server.KubectlAsync("apply -f -", """
            apiVersion: cert-manager.io/v1
            kind: Issuer
            metadata: {name: users, namespace: sandbox}
            spec: {ca: {secretName: users-ca}}
            ---
            apiVersion: cert-manager.io/v1
            kind: Certificate
            metadata: {name: jane, namespace: sandbox}
            spec: {secretName: jane, commonName: jane, usages: [client auth], issuerRef: {name: users}}
            """)).Succeeded();
        (await server.KubectlAsync("wait --for=condition=Ready certificate/jane -n sandbox --timeout=60s")).Succeeded();
        await CertificateAsync("jane.crt");
        (await Tool.ShellAsync(
            $"{SealockProcess.Program} revoke jane.crt --issuer sandbox/users --reason keyCompromise --kubeconfig admin.conf", folder.Path)).Succeeded();
        Assert.Equal("error 23", await UntilAsync("jane.crt", "error 23"));
        for (var i = 0; i < 100; i++)
        {
            await CertificateAsync("next.crt");
            if (await File.ReadAllTextAsync(folder["next.crt"]) != await File.ReadAllTextAsync(folder["jane.crt"]))
                break;
        }

        Assert.Equal("good", await UntilAsync("next.crt", "good"));
        // Nothing here keeps anybody from deleting it: the list names it nevertheless, as the next one does.
        (await server.KubectlAsync("delete certificaterevocations --all")).Succeeded();
        (await Tool.ShellAsync(
            $"{SealockProcess.Program} revoke next.crt --issuer sandbox/users --reason superseded --kubeconfig admin.conf", folder.Path)).Succeeded();
        Assert.Equal("error 23", await UntilAsync("next.crt", "error 23"));
        Assert.Equal("error 23", await UntilAsync("jane.crt", "error 23"));
        Assert.Equal(0, await controller.StopAsync());

        async Task CertificateAsync(string file)
        {
            var data = (await server.KubectlAsync("get secret jane -n sandbox -o jsonpath={.data.tls\\.crt}")).Succeeded();
            await File.WriteAllBytesAsync(folder[file], Convert.FromBase64String(data));
        }

        async Task<string> UntilAsync(string file, string wanted)
        {
            var found = "";
            for (var i = 0; i < 100 && found != wanted; i++)
            {
                var list = (await server.KubectlAsync("get revocationlists -o jsonpath={.items[0].status.crl}")).Succeeded();
                await File.WriteAllBytesAsync(folder["crl.der"], Convert.FromBase64String(list));
                found = (await Tool.ShellAsync(
                    $"openssl crl -inform DER -in crl.der -out crl.pem; openssl verify -crl_check -CAfile users.crt -CRLfile crl.pem {file} >out 2>&1 "
                    + "&& echo good || grep -o 'error 23' out", folder.Path)).Output.Trim();
            }

            return found;
        }
    }
}
