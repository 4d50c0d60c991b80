// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.FrontDoor;

/// <summary>
/// The server's own certificate from an ACME server, which validates on the server's own ports: 443 and 80 where the test may
/// bind them.
/// </summary>
public sealed class AcmeModeTests
{
    private const string ExternalKey = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

    [PeerTheory("kubectl", "openssl", "curl", "pebble", "pebble-challtestsrv")]
    [InlineData("tls-alpn-01")]
    [InlineData("http-01")]
    public async Task After_set_up_the_host_names_certificate_is_ordered_and_served_and_a_move_orders_another(string challenge)
    {
        var at = ValidationAddress.Take();
        await using var dns = await ChallengeDns.StartAsync(at.Address);
        await using var pebble = await Pebble.StartAsync(new()
        {
            TlsPort = at.TlsPort,
            HttpPort = at.HttpPort,
            DnsServer = dns.Address,
            // Some ACME servers give accounts to their customers alone.
            ExternalAccounts = challenge == "http-01" ? new Dictionary<string, string> { ["kid-1"] = ExternalKey } : new Dictionary<string, string>(),
        });
        string[] how = challenge == "http-01"
            ? ["--acme-challenge", challenge, "--http-port", $"{at.HttpPort}", "--acme-eab-kid", "kid-1", "--acme-eab-key-file", "FOLDER/eab"]
            : at.IsReal ? [] : ["--acme-tls-alpn-forwarded"];
        await using var server = await FrontDoorServer.StartAsync(
            prepared => File.WriteAllTextAsync(prepared["eab"], ExternalKey + "\n"),
            [
                "server", "--bind-address", at.Address, "--secure-port", $"{at.TlsPort}", "--tls-mode", "acme",
                "--acme-server", pebble.Directory, "--acme-ca-file", pebble.CaFile, "--acme-email", "admin@example.com",
                "--acme-dns-servers", dns.Address, .. how,
            ]);
        await File.WriteAllTextAsync(server["root.crt"], await pebble.GetRootAsync());
        var result = await server.ShellAsync(
            $$"""
            served() { curl -sS --cacert root.crt --resolve "$1:$PORT:{{at.Address}}" "https://$1:$PORT/ping"; }
            sans() { openssl s_client -connect {{at.Address}}:$PORT -servername $1 </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName | tail -1 | tr -d ' '; }
            sans k8s.example.com | grep -c DNS:localhost
            sealock setup --data data --hostname k8s.example.com --password-file password >/dev/null
            until_true served k8s.example.com; served k8s.example.com; echo
            sans k8s.example.com; sans localhost | grep -c DNS:localhost
            kubectl --kubeconfig data/admin.conf get certificate -n sealock-system sealock-serving -o jsonpath='{.spec.dnsNames}'; echo
            until_true sh -c 'kubectl --kubeconfig data/admin.conf get events -n sealock-system -o jsonpath="{.items[*].reason}" | grep -w Served'
            sealock setup move --data data --hostname new.example.com >/dev/null
            until_true served new.example.com; served new.example.com; echo; served k8s.example.com; echo
            """);
        Assert.True(result.ExitCode == 0, $"{result.Output}{result.Errors}\n{server.Process.Log}\n{pebble.Log}");
        Assert.Equal(
            ["1", "pong", "DNS:k8s.example.com", "1", """["k8s.example.com"]""", "pong", "pong"],
            result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain(ExternalKey, server.Process.Log, StringComparison.Ordinal);
    }
}
