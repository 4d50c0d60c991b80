// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.FrontDoor;

/// <summary>TLS ends at a real nginx or haproxy, or passes through it.</summary>
public sealed class ExternalTlsTests
{
    private const string PlainHttpAnswer = "Client sent an HTTP request to an HTTPS server.";

    [PeerFact("nginx", "openssl", "curl", "kubectl")]
    public async Task Behind_nginx_kubectl_works_and_nobody_else_may_speak_plain_http()
    {
        await using var behind = await BehindBalancer.StartAsync(
            "--tls-mode", "external", "--trusted-proxies", "127.0.0.1", "--forwarded-header", "x-forwarded",
            "--deny-cidrs", "127.0.0.7");
        var (nginx, port) = await Balancers.NginxAsync(behind);
        await using var _ = nginx;

        (await behind.KubectlAsync(port, "create", "configmap", "seen", "--from-literal", "a=b")).Succeeded();
        Assert.Contains("seen", (await behind.KubectlAsync(port, "get", "configmaps")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("root", (await behind.KubectlAsync(port, "auth", "whoami")).Succeeded(), StringComparison.Ordinal);
        // A watch comes through at once and ends when it should.
        Assert.StartsWith("200 {\"type\":\"ADDED\"", await behind.CurlAsync(
            $"https://127.0.0.1:{port}/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=1"), StringComparison.Ordinal);

        // The client is whom nginx has seen, whatever he says himself.
        Assert.StartsWith("200 ", await behind.CurlAsync(
            $"https://127.0.0.1:{port}/api/v1/namespaces?from-nginx", "--interface", "127.0.0.5", "-H", "X-Forwarded-For: 203.0.113.1"),
            StringComparison.Ordinal);
        Assert.Equal("127.0.0.5 127.0.0.1", await behind.SourcesAsync("from-nginx"));

        // It is judged by the address that nginx has seen, and what is refused is recorded.
        Assert.StartsWith("403 ", await behind.CurlAsync(
            $"https://127.0.0.1:{port}/api/v1/namespaces?denied", "--interface", "127.0.0.7", "-H", "X-Forwarded-For: 127.0.0.5"),
            StringComparison.Ordinal);
        Assert.Equal("127.0.0.7 127.0.0.1", await behind.SourcesAsync("?denied"));

        // Not from nginx: however he forges what nginx sets.
        string[] forged = ["-H", "X-Forwarded-Proto: https", "-H", "X-Forwarded-For: 127.0.0.1", "-H", "Forwarded: for=127.0.0.1;proto=https"];
        var plain = $"http://127.0.0.1:{behind.Port}/api/v1/namespaces";
        Assert.Contains(PlainHttpAnswer, await behind.CurlAsync(plain, [.. forged, "--http0.9", "--interface", BehindBalancer.Stranger]), StringComparison.Ordinal);
        Assert.StartsWith("200 ", await behind.CurlAsync(
            $"https://127.0.0.1:{behind.Port}/api/v1/namespaces?forged", [.. forged, "--interface", BehindBalancer.Stranger]), StringComparison.Ordinal);
        Assert.Equal(BehindBalancer.Stranger, await behind.SourcesAsync("?forged"));

        // From nginx's address, but without its word on TLS, or with a bad one.
        Assert.StartsWith("400 ", await behind.CurlAsync(plain), StringComparison.Ordinal);
        Assert.StartsWith("400 ", await behind.CurlAsync(plain, "-H", "X-Forwarded-Proto: http"), StringComparison.Ordinal);
        Assert.StartsWith("200 ok", await behind.CurlAsync($"http://127.0.0.1:{behind.Port}/readyz"), StringComparison.Ordinal);
    }

    [PeerFact("openssl", "curl")]
    public async Task Clients_are_told_the_balancers_ca()
    {
        using var folder = new TemporaryFolder();
        (await Tool.ShellAsync(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=balancer-ca -keyout ca.key -out ca.crt", folder.Path))
            .Succeeded();
        await using var behind = await BehindBalancer.StartAsync(
            "--external-tls", "--external-ca-file", folder["ca.crt"], "--trusted-proxies", "127.0.0.1", "--forwarded-header", "forwarded");
        var answer = await behind.CurlAsync($"http://127.0.0.1:{behind.Port}/cacerts", "-H", "Forwarded: for=192.0.2.1;proto=https");
        Assert.Contains((await File.ReadAllTextAsync(folder["ca.crt"])).Trim(), answer, StringComparison.Ordinal);
    }

    [PeerFact("haproxy", "openssl", "curl", "kubectl")]
    public async Task Behind_haproxy_the_client_is_known_by_either_version_of_the_PROXY_protocol_or_by_headers()
    {
        await using var behind = await BehindBalancer.StartAsync(
            "--external-tls", "--trusted-proxies", "127.0.0.1", "--forwarded-header", "x-forwarded", "--proxy-protocol", "optional");
        var names = new[] { "v1", "v2", "ended", "http1", "h2c", "clear", "clear-tcp" };
        var ports = names.ToDictionary(name => name, _ => Ports.Free());
        var ssl = $"ssl crt {behind["balancer.pem"]} alpn h2,http/1.1";
        string Listen(string name, string mode, string bind, string server, string more = "") => $"""
            listen {name}
              mode {mode}
              bind 127.0.0.1:{ports[name]} {bind}
              {more}
              server sealock 127.0.0.1:{behind.Port} {server}

            """;
        const string word = "option forwardfor\n  http-request set-header X-Forwarded-Proto https if { ssl_fc }\n  http-request set-header X-Forwarded-Proto http unless { ssl_fc }";
        await using var haproxy = await Balancers.HaproxyAsync(
            behind,
            // TLS passes through, with a header before it.
            Listen("v1", "tcp", "", "send-proxy")
            + Listen("v2", "tcp", "", "send-proxy-v2 proxy-v2-options ssl,crc32c,authority")
            // TLS ends, nobody looks into HTTP: the header tells about TLS.
            + Listen("ended", "tcp", ssl, "send-proxy-v2 proxy-v2-options ssl,crc32c")
            + Listen("clear-tcp", "tcp", "", "send-proxy-v2 proxy-v2-options ssl")
            // TLS ends, and headers tell about it.
            + Listen("http1", "http", ssl, "", word)
            + Listen("clear", "http", "", "", word)
            + Listen("h2c", "http", ssl, "proto h2", word),
            ports["h2c"]);

        foreach (var name in new[] { "v1", "v2", "ended", "http1", "h2c" })
        {
            Assert.StartsWith("200 ", await behind.CurlAsync(
                $"https://127.0.0.1:{ports[name]}/api/v1/namespaces?by-{name}-", "--interface", "127.0.0.5", "-H", "X-Forwarded-For: 203.0.113.1"),
                StringComparison.Ordinal);
            Assert.Equal("127.0.0.5 127.0.0.1", await behind.SourcesAsync($"by-{name}-"));
        }

        foreach (var name in new[] { "ended", "http1", "h2c" })
            Assert.Contains("default", (await behind.KubectlAsync(ports[name], "get", "namespaces")).Succeeded(), StringComparison.Ordinal);

        // What comes to the balancer in the clear goes no further.
        foreach (var name in new[] { "clear", "clear-tcp" })
            Assert.StartsWith("400 ", await behind.CurlAsync($"http://127.0.0.1:{ports[name]}/api/v1/namespaces"), StringComparison.Ordinal);

        // A PROXY header of anybody else closes the connection.
        const string header = "--haproxy-protocol";
        Assert.StartsWith("200 ", await behind.CurlAsync($"https://127.0.0.1:{behind.Port}/healthz", header), StringComparison.Ordinal);
        Assert.Equal("closed", await behind.CurlAsync($"https://127.0.0.1:{behind.Port}/healthz", header, "--interface", BehindBalancer.Stranger));
    }
}
