// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.FrontDoor;

/// <summary>
/// The port as those see it who look for weaknesses: testssl and sslscan, in every mode that has TLS. eng/long/tls-scan.sh has
/// testssl run all that it knows, in all of them.
/// </summary>
public sealed class TlsScanTests
{
    private const string Name = "k8s.example.com";

    [PeerFact("testssl", "sslscan", "openssl")]
    public async Task Before_set_up()
    {
        await using var server = await FrontDoorServer.UpAsync();
        await TlsScan.CheckAsync(new("selfSigned-before", "any.example.org", server.Process.Port, server["data/pki/ca.crt"]), TlsScan.Everything);
    }

    [PeerFact("testssl", "sslscan", "pebble", "pebble-challtestsrv")]
    public async Task With_a_certificate_from_an_acme_server()
    {
        var (https, http) = (Ports.Free(), Ports.Free());
        await using var dns = await ChallengeDns.StartAsync();
        await using var pebble = await Pebble.StartAsync(new() { TlsPort = https, HttpPort = http, DnsServer = dns.Address });
        await using var server = await FrontDoorServer.StartAsync(
            null, "server", "--bind-address", "127.0.0.1", "--secure-port", $"{https}", "--tls-mode", "acme", "--acme-server", pebble.Directory,
            "--acme-ca-file", pebble.CaFile, "--acme-dns-servers", dns.Address, "--acme-tls-alpn-forwarded", "--hostname", Name);
        await File.WriteAllTextAsync(server["root.crt"], await pebble.GetRootAsync());
        await ServedAsync(server, "root.crt");
        await TlsScan.CheckAsync(new("acme", Name, server.Process.Port, server["root.crt"]), TlsScan.Everything);
    }

    [PeerFact("testssl", "sslscan", "openssl")]
    public async Task With_files()
    {
        await using var server = await FrontDoorServer.StartAsync(
            prepared =>
            {
                var certificates = new Certificates(prepared.Folder);
                certificates.WriteCa();
                certificates.Write("tls", 0, Name);
                return Task.CompletedTask;
            },
            "server", "--tls-cert-file", "FOLDER/tls.crt", "--tls-private-key-file", "FOLDER/tls.key", "--tls-ca-file", "FOLDER/other-ca.crt");
        await TlsScan.CheckAsync(new("files", Name, server.Process.Port, server["other-ca.crt"]), TlsScan.Everything);
    }

    /// <summary>RSA keys have suites of their own in TLS 1.2.</summary>
    [PeerFact("testssl", "sslscan", "openssl")]
    public async Task With_an_rsa_key()
    {
        await using var server = await FrontDoorServer.StartAsync(
            async prepared => (await Tool.ShellAsync($"""
                openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj /CN=ca -keyout ca.key -out ca.crt
                openssl req -newkey rsa:2048 -nodes -subj /CN={Name} -keyout tls.key -out tls.csr
                openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -days 60 -out tls.crt \
                  -extfile <(printf 'subjectAltName=DNS:{Name}\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature')
                """, prepared.Folder)).Succeeded(),
            "server", "--tls-cert-file", "FOLDER/tls.crt", "--tls-private-key-file", "FOLDER/tls.key", "--tls-ca-file", "FOLDER/ca.crt");
        await TlsScan.CheckAsync(new("files-rsa", Name, server.Process.Port, server["ca.crt"]), TlsScan.Everything);
    }

    [PeerFact("testssl", "sslscan", "kubectl", "curl")]
    public async Task With_a_secret()
    {
        await using var server = await FrontDoorServer.StartAsync(null, "server", "--tls-mode", "secret", "--tls-secret", "default/web", "--hostname", Name);
        var certificates = new Certificates(server.Folder);
        certificates.WriteCa();
        certificates.Write("web", 0, Name);
        (await server.ShellAsync("kubectl --kubeconfig data/admin.conf create secret tls web --cert web.crt --key web.key")).Succeeded();
        await ServedAsync(server, "other-ca.crt");
        await TlsScan.CheckAsync(new("secret", Name, server.Process.Port, server["other-ca.crt"]), TlsScan.Everything);
    }

    /// <summary>TLS goes on to be answered where a load balancer may come without.</summary>
    [PeerFact("testssl", "sslscan", "openssl")]
    public async Task Where_tls_ends_at_a_load_balancer()
    {
        await using var server = await FrontDoorServer.StartAsync(
            null, "server", "--tls-mode", "external", "--trusted-proxies", "127.0.0.2", "--forwarded-header", "x-forwarded", "--hostname", Name);
        await server.SetUpAsync(Name);
        await TlsScan.CheckAsync(new("external", Name, server.Process.Port, server["data/pki/ca.crt"]), TlsScan.Everything);
    }

    private static async Task ServedAsync(FrontDoorServer server, string ca) => (await server.ShellAsync(
        $"""until_true curl -sS --cacert {ca} --resolve "{Name}:$PORT:127.0.0.1" "https://{Name}:$PORT/ping" """)).Succeeded();
}
