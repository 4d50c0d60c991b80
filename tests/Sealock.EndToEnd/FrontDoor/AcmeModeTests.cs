// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.FrontDoor;

/// <summary>The server's own certificate from an ACME server, which validates on the server's own port.</summary>
public sealed class AcmeModeTests
{
    [PeerTheory("kubectl", "openssl", "curl", "pebble", "pebble-challtestsrv")]
    [InlineData("tls-alpn-01")]
    [InlineData("http-01")]
    public async Task After_set_up_the_host_names_certificate_is_ordered_and_served_and_a_move_orders_another(string challenge)
    {
        var (https, http) = (Ports.Free(), Ports.Free());
        await using var dns = await ChallengeDns.StartAsync();
        await using var pebble = await Pebble.StartAsync(new() { TlsPort = https, HttpPort = http, DnsServer = dns.Address });
        await using var server = await FrontDoorServer.StartAsync(
            null, "server", "--bind-address", "127.0.0.1", "--secure-port", $"{https}", "--http-port", $"{http}", "--tls-mode", "acme",
            "--acme-server", pebble.Directory, "--acme-ca-file", pebble.CaFile, "--acme-email", "admin@example.com",
            "--acme-challenge", challenge, "--acme-dns-servers", dns.Address, "--acme-tls-alpn-forwarded");
        await File.WriteAllTextAsync(server["root.crt"], await pebble.GetRootAsync());
        var result = await server.ShellAsync(
            """
            served() { curl -sS --cacert root.crt --resolve "$1:$PORT:127.0.0.1" "https://$1:$PORT/ping"; }
            san k8s.example.com | grep -c DNS:localhost
            sealock setup --data data --hostname k8s.example.com --password-file password >/dev/null
            until_true served k8s.example.com; served k8s.example.com; echo
            san k8s.example.com; san localhost | grep -c DNS:localhost
            kubectl --kubeconfig data/admin.conf get certificate -n sealock-system sealock-serving -o jsonpath='{.spec.dnsNames}'; echo
            until_true sh -c 'kubectl --kubeconfig data/admin.conf get events -n sealock-system -o jsonpath="{.items[*].reason}" | grep -w Served'
            sealock setup move --data data --hostname new.example.com >/dev/null
            until_true served new.example.com; served new.example.com; echo; served k8s.example.com; echo
            """);
        Assert.True(result.ExitCode == 0, $"{result.Output}{result.Errors}\n{server.Process.Log}\n{pebble.Log}");
        Assert.Equal(
            ["1", "pong", "DNS:k8s.example.com", "1", """["k8s.example.com"]""", "pong", "pong"],
            result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
