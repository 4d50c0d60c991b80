// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Sealock.EndToEnd.Acme;

/// <summary>Declared Certificates of a real, strict pebble, which validates on the server's own listeners.</summary>
public sealed class DeclaredTests
{
    private const string TlsAlpn = "[{tlsALPN01: {}}]";

    [PeerFact("kubectl", "pebble", "pebble-challtestsrv")]
    public async Task A_pebble_that_forgot_everything_gets_account_and_order_anew_and_renewal_goes_on()
    {
        await using var server = await IssuingServer.StartAsync(TlsAlpn);
        await server.AddCertificateAsync("web", "pebble", "a.example.com");
        await server.IssuedAsync("web");
        await server.Pebble.RestartAsync();
        // As `cmctl renew` asks for it.
        (await server.KubectlAsync(
            null, "patch", "certificate", "web", "--subresource=status", "--type=merge", "-p",
            """{"status": {"conditions": [{"type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "by hand"}]}}""")).Succeeded();
        await server.IssuedAsync("web", 2);
    }

    [PeerFact("kubectl", "pebble", "pebble-challtestsrv")]
    public async Task One_bad_name_is_told_with_its_remedy_and_holds_nobody_up()
    {
        await using var server = await IssuingServer.StartAsync(TlsAlpn);
        await server.Dns.SetAddressesAsync("bad.example.com", "127.0.0.2");
        var good = Enumerable.Range(0, 20).Select(i => string.Create(CultureInfo.InvariantCulture, $"good-{i}")).ToList();
        await server.ApplyAsync(string.Join("\n---\n", [
            IssuingServer.Certificate("bad", "pebble", "bad.example.com"), .. good.Select(name => IssuingServer.Certificate(name, "pebble", $"{name}.example.com")),
        ]));
        (await server.KubectlAsync(
            null, ["wait", "--for=condition=Ready", "--timeout=60s", .. good.Select(name => $"certificate/{name}")])).Succeeded();
        var message = await server.UntilAsync(
            text => text.Contains("Failed to connect", StringComparison.Ordinal), "get", "certificate", "bad", "-o",
            "jsonpath={.status.conditions[?(@.type==\"Issuing\")].message}");
        Assert.Contains("bad.example.com: ", message, StringComparison.Ordinal);
        Assert.Contains("Remedy: ", message, StringComparison.Ordinal);
    }

    [PeerFact("kubectl", "pebble", "pebble-challtestsrv")]
    public async Task Killed_again_and_again_it_makes_one_certificate_and_leaves_no_order()
    {
        await using var server = await IssuingServer.StartAsync(TlsAlpn);
        var random = new Random(5);
        for (var i = 0; i < 5; i++)
        {
            await server.AddCertificateAsync(string.Create(CultureInfo.InvariantCulture, $"web-{i}"), "pebble", $"web-{i}.example.com");
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(600)), TimeProvider.System);
            await server.Process.KillAsync();
            await server.Process.DisposeAsync();
            await server.RunAsync();
        }

        for (var i = 0; i < 5; i++)
            await server.IssuedAsync(string.Create(CultureInfo.InvariantCulture, $"web-{i}"));
        Assert.Equal(5, (await server.GetAsync("get", "certificaterequests", "-o", "name")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await server.UntilAsync(text => text.Length == 0, "get", "challenges", "-o", "name");
    }

    [PeerFact("kubectl", "pebble", "pebble-challtestsrv")]
    public async Task Without_port_443_TLS_ALPN_is_refused_with_the_remedy_and_nothing_is_ordered()
    {
        await using var server = await IssuingServer.StartAsync(TlsAlpn, at: new("127.0.0.1", Ports.Free(), Ports.Free()), isForwarded: false);
        await server.AddCertificateAsync("web", "pebble", "a.example.com");
        var reason = await server.UntilAsync(text => text.Length > 0, "get", "orders", "-o", "jsonpath={.items[0].status.reason}");
        Assert.Contains("--acme-tls-alpn-forwarded", reason, StringComparison.Ordinal);
        Assert.Equal("", await server.GetAsync("get", "orders", "-o", "jsonpath={.items[0].status.url}"));
    }

    [PeerFact("kubectl", "pebble", "pebble-challtestsrv")]
    public async Task The_plain_port_redirects_and_answers_nothing_else()
    {
        await using var server = await IssuingServer.StartAsync(TlsAlpn, at: new("127.0.0.1", Ports.Free(), Ports.Free()));
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        var root = $"http://127.0.0.1:{server.HttpPort}";
        using var moved = await http.GetAsync(new Uri($"{root}/api/v1/namespaces?limit=5"));
        Assert.Equal(HttpStatusCode.PermanentRedirect, moved.StatusCode);
        Assert.Equal($"https://127.0.0.1:{server.TlsPort}/api/v1/namespaces?limit=5", moved.Headers.Location?.OriginalString);
        using var missing = await http.GetAsync(new Uri($"{root}/.well-known/acme-challenge/nothing"));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        using var large = await http.PostAsync(new Uri($"{root}/.well-known/acme-challenge/nothing"), new StringContent(new string('x', 100_000)));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, large.StatusCode);
        using var list = await http.GetAsync(new Uri($"{root}/crl/nothing.crl"));
        Assert.Equal(HttpStatusCode.NotFound, list.StatusCode);

        // Without a challenge under way, acme-tls/1 is not spoken.
        using var socket = new TcpClient("127.0.0.1", server.TlsPort);
        using var tls = new SslStream(socket.GetStream());
        await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "a.example.com",
            ApplicationProtocols = [new SslApplicationProtocol("acme-tls/1")],
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        }));
    }
}
