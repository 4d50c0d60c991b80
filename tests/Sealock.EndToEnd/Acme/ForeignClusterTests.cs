// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sealock.EndToEnd.Acme;

/// <summary>ACME on a kube-apiserver that knows nothing of Sealock: HTTP-01 comes over an Ingress to the controller's own listener.</summary>
public sealed class ForeignClusterTests
{
    [PeerFact("kubernetes", "kubectl", "pebble", "pebble-challtestsrv")]
    public async Task Http_01_is_led_to_the_controller_by_an_Ingress_with_the_rights_of_its_manifest()
    {
        using var folder = new TemporaryFolder();
        var ca = await RealApiServer.MakeServingAsync(folder);
        await using var server = await RealApiServer.StartAsync(
            $"--tls-cert-file={folder["server.crt"]}", $"--tls-private-key-file={folder["server.key"]}");
        await server.WriteKubeconfigAsync(folder["admin.conf"], ca);
        foreach (var flag in (string[])["--print-crds", "--print-rbac"])
            (await server.KubectlAsync("apply -f -", (await Tool.RunAsync(SealockProcess.Program, ["controller", flag])).Succeeded())).Succeeded();
        var token = (await server.KubectlAsync("create token sealock-controller -n sealock-system")).Succeeded().Trim();
        await server.WriteKubeconfigAsync(folder["account.conf"], ca, token);

        // No Ingress controller runs here: pebble comes to where the Ingress leads. Endpoints cannot be on loopback.
        var address = OwnAddress();
        var port = Ports.Free();
        await using var dns = await ChallengeDns.StartAsync();
        await dns.SetAddressesAsync("a.example.com", $"{address}");
        await using var pebble = await Pebble.StartAsync(new() { HttpPort = port, DnsServer = dns.Address });
        await using var controller = await SealockProcess.StartAsync(
            "controller", "--kubeconfig", folder["account.conf"], "--controllers", "issuance", "--leader-election-namespace", "sealock-system",
            "--acme-http01-solver-listen", $"0.0.0.0:{port}", "--acme-http01-solver-address", $"{address}", "--acme-dns-servers", dns.Address);
        (await server.KubectlAsync("create ns sandbox")).Succeeded();
        Assert.Equal("", (await server.KubectlAsync("apply -f -", $$"""
            apiVersion: cert-manager.io/v1
            kind: Issuer
            metadata: {name: pebble, namespace: sandbox}
            spec:
              acme:
                server: {{pebble.Directory}}
                caBundle: {{Convert.ToBase64String(Encoding.ASCII.GetBytes(pebble.Ca))}}
                privateKeySecretRef: {name: account}
                solvers: [{waitInsteadOfSelfCheck: 3s, http01: {ingress: {ingressClassName: nginx} } }]
            ---
            apiVersion: cert-manager.io/v1
            kind: Certificate
            metadata: {name: web, namespace: sandbox}
            spec: {dnsNames: [a.example.com], secretName: web, privateKey: {algorithm: ECDSA}, issuerRef: {name: pebble} }
            """)).Errors);
        var ingress = "";
        for (var i = 0; i < 100 && ingress.Length == 0; i++)
        {
            ingress = (await server.KubectlAsync(
                "get ingress -n sandbox -o jsonpath={.items[*].spec.rules[0].host}{.items[*].spec.rules[0].http.paths[0].path}")).Output;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        Assert.StartsWith("a.example.com/.well-known/acme-challenge/", ingress, StringComparison.Ordinal);
        Assert.Equal($"{address}", (await server.KubectlAsync("get endpoints -n sandbox -o jsonpath={.items[*].subsets[0].addresses[0].ip}")).Output);
        var waited = await server.KubectlAsync("wait --for=condition=Ready certificate/web -n sandbox --timeout=60s");
        Assert.True(waited.ExitCode == 0, $"{waited.Errors}\n{(await server.KubectlAsync("get orders,challenges -A -o wide")).Output}\n{controller.Log}");
        for (var i = 0; i < 100; i++)
        {
            var left = (await server.KubectlAsync("get ingress,services,endpoints,challenges -n sandbox -o name")).Output;
            if (left.Length == 0)
                break;
            Assert.True(i < 99, left);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        Assert.DoesNotContain("forbidden", controller.Log, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>An address of this machine that is not loopback.</summary>
    private static IPAddress OwnAddress()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        // Nothing is sent.
        socket.Connect(IPAddress.Parse("192.0.2.1"), 9);
        return ((IPEndPoint)socket.LocalEndPoint!).Address;
    }
}
