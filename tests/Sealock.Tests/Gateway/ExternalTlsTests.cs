// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Gateway;
using Sealock.Gateway.Addresses;
using Sealock.Gateway.Forwarding;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Pipeline;

namespace Sealock.Tests.Gateway;

/// <summary>TLS ends at a load balancer: plain HTTP from it, and from nobody else.</summary>
public class ExternalTlsTests
{
    private const string PlainHttpAnswer = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
    private const string Tokens = "s3cret,ann,7,\"system:masters\"\n";
    private static readonly IPAddress Stranger = IPAddress.Parse("127.0.0.9");

    [Fact]
    public async Task A_balancer_speaks_plain_http_and_everybody_else_is_told_off()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with
        {
            Traffic = Balancer.Trusted with { TrustedProxies = CidrSet.Parse("127.0.0.1") },
        }, Tokens);
        var request = Balancer.Get("/api/v1/pods", "Authorization: Bearer s3cret", "X-Forwarded-Proto: https", "X-Forwarded-For: 198.51.100.7");
        var answer = await Balancer.PlainAsync(rig.Endpoint, request);
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("ann|system:masters", answer, StringComparison.Ordinal);
        Assert.Contains("Strict-Transport-Security", answer, StringComparison.Ordinal);
        // Who is no balancer may say what he likes.
        Assert.Equal(PlainHttpAnswer, await Balancer.PlainAsync(rig.Endpoint, request, Stranger));
        // TLS is there for all.
        Assert.StartsWith("HTTP/1.1 200", await Balancer.TlsAsync(rig.Endpoint, "", request, Stranger), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Forwarded-Proto: http", "came to the load balancer without TLS")]
    [InlineData("X-Forwarded-Proto: https, http", "came to the load balancer without TLS")]
    [InlineData("X-Forwarded-For: 198.51.100.7", "does not say whether the request came to it over TLS")]
    [InlineData("Forwarded: proto=https", "does not say whether the request came to it over TLS")]
    public async Task What_came_to_the_balancer_in_the_clear_or_may_have_is_refused(string header, string why)
    {
        await using var rig = await GatewayRig.StartAsync(options => options with { Traffic = Balancer.Trusted }, Tokens);
        var answer = await Balancer.PlainAsync(rig.Endpoint, Balancer.Get("/api/v1/pods", "Authorization: Bearer s3cret", header));
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains(why, answer, StringComparison.Ordinal);
        Assert.Contains("\"reason\":\"BadRequest\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_balancer_need_not_say_so_its_word_is_not_waited_for()
    {
        await using var rig = await GatewayRig.StartAsync(
            options => options with { Traffic = Balancer.Trusted with { ExternalTlsAssumed = true } }, Tokens);
        var request = new[] { "Authorization: Bearer s3cret" };
        Assert.StartsWith("HTTP/1.1 200", await Balancer.PlainAsync(rig.Endpoint, Balancer.Get("/api/v1/pods", request)), StringComparison.Ordinal);
        Assert.StartsWith(
            "HTTP/1.1 400",
            await Balancer.PlainAsync(rig.Endpoint, Balancer.Get("/api/v1/pods", [.. request, "X-Forwarded-Proto: http"])),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_balancers_health_checks_say_nothing_of_clients()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with { Traffic = Balancer.Trusted });
        Assert.StartsWith("HTTP/1.1 200", await Balancer.PlainAsync(rig.Endpoint, Balancer.Get("/readyz")), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400", await Balancer.PlainAsync(rig.Endpoint, Balancer.Get("/metrics")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_2_without_tls_is_spoken_with_prior_knowledge()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with { Traffic = Balancer.Trusted }, Tokens);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{rig.Endpoint.Port}"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        client.DefaultRequestHeaders.Authorization = new("Bearer", "s3cret");
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        using var answer = await client.GetAsync("/api/v1/pods");
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (answer.StatusCode, answer.Version));
        Assert.StartsWith("ann|", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_client_is_whom_the_balancer_names()
    {
        await using var rig = await GatewayRig.StartAsync(options => WhoAmI(options) with { Traffic = Balancer.Trusted });
        string[] tls = ["X-Forwarded-Proto: https"];
        Assert.EndsWith("198.51.100.7 127.0.0.1", await Balancer.PlainAsync(
            rig.Endpoint, Balancer.Get("/whence", [.. tls, "X-Forwarded-For: 127.0.0.1, 198.51.100.7"])), StringComparison.Ordinal);
        Assert.EndsWith("127.0.0.1", await Balancer.PlainAsync(rig.Endpoint, Balancer.Get("/whence", tls)), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400", await Balancer.PlainAsync(
            rig.Endpoint, Balancer.Get("/whence", [.. tls, "X-Forwarded-For: somebody"])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forwarding_headers_of_others_change_nothing()
    {
        await using var rig = await GatewayRig.StartAsync(options => WhoAmI(options) with
        {
            Traffic = Balancer.Trusted with { TrustedProxies = CidrSet.Parse("10.0.0.0/8") },
        });
        Assert.EndsWith("127.0.0.1", await Balancer.TlsAsync(
            rig.Endpoint, "", Balancer.Get("/whence", "X-Forwarded-For: 198.51.100.7", "X-Forwarded-Proto: http", "Forwarded: for=198.51.100.8")),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PROXY TCP4 198.51.100.7 10.0.0.1 4711 443\r\n", "198.51.100.7 127.0.0.1")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n!\u0011\0\u000c\u00c6\u0033\u0064\u0007\u000a\0\0\u0001\u0012\u0067\u0001\u00bb", "198.51.100.7 127.0.0.1")]
    [InlineData("PROXY UNKNOWN\r\n", "127.0.0.1")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n \0\0\0", "127.0.0.1")]
    [InlineData("PROXY TCP4 198.51.100.7 10.0.0.1 4711\r\n", null)]
    [InlineData("", null)]
    public async Task A_PROXY_header_names_the_client_and_is_required_where_it_is_said_to_be_there(string header, string? client)
    {
        await using var rig = await GatewayRig.StartAsync(options => WhoAmI(options) with
        {
            Traffic = Balancer.Trusted with { ProxyProtocol = ProxyProtocolUse.Required, Forwarded = ForwardedForm.None, ExternalTlsAssumed = true },
        });
        var (overTls, plain) = (
            await Balancer.TlsAsync(rig.Endpoint, header, Balancer.Get("/whence")),
            await Balancer.PlainAsync(rig.Endpoint, header + Balancer.Get("/whence")));
        Assert.EndsWith(client ?? "", overTls, StringComparison.Ordinal);
        Assert.EndsWith(client ?? "", plain, StringComparison.Ordinal);
        Assert.Equal(client is null, overTls.Length == 0);
        Assert.Equal(client is null, plain.Length == 0);
    }

    [Theory]
    [InlineData(ProxyProtocolUse.Off, "127.0.0.1", false, true)]
    [InlineData(ProxyProtocolUse.Optional, "127.0.0.1", true, true)]
    [InlineData(ProxyProtocolUse.Required, "127.0.0.1", true, false)]
    [InlineData(ProxyProtocolUse.Off, "127.0.0.9", false, true)]
    [InlineData(ProxyProtocolUse.Optional, "127.0.0.9", false, true)]
    [InlineData(ProxyProtocolUse.Required, "127.0.0.9", false, true)]
    public async Task Nobody_but_a_trusted_proxy_may_send_a_PROXY_header(ProxyProtocolUse use, string from, bool withHeader, bool without)
    {
        await using var rig = await GatewayRig.StartAsync(options => WhoAmI(options) with
        {
            Traffic = new TrafficPolicy { TrustedProxies = CidrSet.Parse("127.0.0.1"), ProxyProtocol = use },
        });
        var address = IPAddress.Parse(from);
        const string header = "PROXY TCP4 198.51.100.7 10.0.0.1 4711 443\r\n";
        Assert.Equal(withHeader, (await Balancer.TlsAsync(rig.Endpoint, header, Balancer.Get("/whence"), address)).Length > 0);
        Assert.Equal(without, (await Balancer.TlsAsync(rig.Endpoint, "", Balancer.Get("/whence"), address)).Length > 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("PROXY TCP4 198.51.100.7 10.0.0.1 4711 443\r\n")]
    public async Task A_proxy_that_is_not_trusted_any_more_is_refused_on_connections_that_are_open(string header)
    {
        var policy = Balancer.Trusted with { ProxyProtocol = ProxyProtocolUse.Optional, ExternalTlsAssumed = true };
        await using var rig = await GatewayRig.StartAsync(options => WhoAmI(options) with { Traffic = policy });
        using var tcp = new System.Net.Sockets.TcpClient();
        await tcp.ConnectAsync(rig.Endpoint);
        using var reader = new StreamReader(tcp.GetStream());
        async Task<string?> AskAsync(string before, string connection)
        {
            await tcp.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(
                $"{before}GET /whence HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\n\r\n"));
            return await reader.ReadLineAsync();
        }

        Assert.Equal("HTTP/1.1 200 OK", await AskAsync(header, "keep-alive"));
        rig.Server.Traffic = policy with { TrustedProxies = CidrSet.Parse("10.0.0.0/8") };
        await AskAsync("", "close");
        Assert.Contains("HTTP/1.1 403 Forbidden", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_PROXY_header_tells_of_tls()
    {
        await using var rig = await GatewayRig.StartAsync(options => WhoAmI(options) with
        {
            Authorizer = new Everyone(),
            Traffic = Balancer.Trusted with { ProxyProtocol = ProxyProtocolUse.Required, Forwarded = ForwardedForm.None },
        });
        string Header(char flags) =>
            $"\r\n\r\n\0\r\nQUIT\n!\u0011\0\u0014\u00c6\u0033\u0064\u0007\u000a\0\0\u0001\u0012\u0067\u0001\u00bb \0\u0005{flags}\0\0\0\0";
        Assert.StartsWith("HTTP/1.1 200", await Balancer.PlainAsync(rig.Endpoint, Header('\u0001') + Balancer.Get("/whence")), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400", await Balancer.PlainAsync(rig.Endpoint, Header('\0') + Balancer.Get("/whence")), StringComparison.Ordinal);
        // Passed on by a balancer that has not ended it, TLS is there whatever the header says.
        Assert.StartsWith("HTTP/1.1 200", await Balancer.TlsAsync(rig.Endpoint, Header('\0'), Balancer.Get("/whence")), StringComparison.Ordinal);
    }

    /// <summary>Mounts a path that tells where its client comes from.</summary>
    private static GatewayOptions WhoAmI(GatewayOptions options) => options with
    {
        Mounts =
        [
            new Mount("/whence", MountAccess.Public, exchange => exchange.WriteAsync(
                "text/plain", System.Text.Encoding.ASCII.GetBytes(string.Join(' ', exchange.Client.Addresses)))),
        ],
    };
}
