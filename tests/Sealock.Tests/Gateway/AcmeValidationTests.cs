// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sealock.Gateway.Plain;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Tls;

namespace Sealock.Tests.Gateway;

/// <summary>ACME validations as the front door and the plain port answer them, and nothing beside.</summary>
public class AcmeValidationTests
{
    private const string AcmeTls = "acme-tls/1";

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_validation_sees_the_challenges_certificate_and_can_ask_nothing(SslProtocols version)
    {
        using var challenge = Challenge();
        await using var rig = await GatewayRig.StartAsync(options => options with
        {
            ChallengeCertificate = name => name == "a.example.com" ? challenge : null,
        });
        using var socket = new TcpClient("127.0.0.1", rig.Endpoint.Port);
        await using var tls = await HandshakeAsync(socket, "a.example.com", version, AcmeTls);
        Assert.Equal(new SslApplicationProtocol(AcmeTls), tls.NegotiatedApplicationProtocol);
        Assert.Equal("CN=challenge", tls.RemoteCertificate!.Subject);
        int read;
        try
        {
            await tls.WriteAsync("GET /version HTTP/1.1\r\nHost: a.example.com\r\n\r\n"u8.ToArray());
            read = await tls.ReadAsync(new byte[100]);
        }
        catch (IOException)
        {
            read = 0;
        }

        Assert.Equal(0, read);
    }

    [Theory]
    [InlineData("other.example.com", AcmeTls)]
    [InlineData("", AcmeTls)]
    public async Task Without_a_challenge_its_protocol_is_not_spoken(string name, string protocol)
    {
        using var challenge = Challenge();
        await using var rig = await GatewayRig.StartAsync(options => options with
        {
            ChallengeCertificate = asked => asked == "a.example.com" ? challenge : null,
        });
        using var socket = new TcpClient("127.0.0.1", rig.Endpoint.Port);
        await Assert.ThrowsAnyAsync<Exception>(async () => await (await HandshakeAsync(socket, name, SslProtocols.Tls13, protocol)).DisposeAsync());
    }

    [Theory]
    [InlineData("h2", AcmeTls)]
    [InlineData("http/1.1")]
    public async Task Whoever_offers_other_protocols_sees_the_servers_own_certificate(params string[] protocols)
    {
        using var challenge = Challenge();
        await using var rig = await GatewayRig.StartAsync(options => options with { ChallengeCertificate = _ => challenge });
        using var socket = new TcpClient("127.0.0.1", rig.Endpoint.Port);
        await using var tls = await HandshakeAsync(socket, "a.example.com", SslProtocols.Tls13, protocols);
        Assert.Equal("CN=localhost", tls.RemoteCertificate!.Subject);
        Assert.Equal(protocols[0], tls.NegotiatedApplicationProtocol.ToString());
    }

    [Theory]
    [InlineData("GET /.well-known/acme-challenge/t1 HTTP/1.1\r\nHost: a.example\r\n", "200", "t1.key")]
    [InlineData("HEAD /.well-known/acme-challenge/t1 HTTP/1.1\r\nHost: a.example\r\n", "200", "")]
    [InlineData("GET /.well-known/acme-challenge/t1?x=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n", "200", "t1.key")]
    [InlineData("GET /.well-known/acme-challenge/t2 HTTP/1.1\r\nHost: a.example\r\n", "404", "there is no such challenge")]
    [InlineData("GET /.well-known/acme-challenge/../../etc/passwd HTTP/1.1\r\nHost: a.example\r\n", "308", "use HTTPS")]
    [InlineData("GET /.well-known/acme-challenge/%2e%2e/t1 HTTP/1.1\r\nHost: a.example\r\n", "308", "")]
    [InlineData("DELETE /.well-known/acme-challenge/t1 HTTP/1.1\r\nHost: a.example\r\n", "405", "")]
    [InlineData("GET /api/v1/pods?watch=true HTTP/1.1\r\nHost: a.example:80\r\n", "308", "Location: https://a.example:8443/api/v1/pods?watch=true")]
    [InlineData("POST /api/v1/pods HTTP/1.1\r\nHost: [2001:db8::1]\r\nContent-Length: 5\r\n", "308", "Location: https://[2001:db8::1]:8443/api/v1/pods")]
    [InlineData("GET / HTTP/1.1\r\nHost: a_b<script>\r\n", "400", "")]
    [InlineData("GET / HTTP/1.0\r\n", "404", "")]
    [InlineData("GET //evil.example/ HTTP/1.1\r\nHost: a.example\r\n", "404", "")]
    [InlineData("GET http://evil.example/x HTTP/1.1\r\nHost: evil.example\r\n", "404", "")]
    [InlineData("CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n", "404", "")]
    [InlineData("GET /crl/x.crl HTTP/1.1\r\nHost: a.example\r\n", "308", "")]
    public async Task The_plain_port_answers_challenges_redirects_and_nothing_else(string request, string status, string part)
    {
        await using var server = await PlainAsync(httpsPort: 8443);
        var answer = await AskAsync(server, request);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains(part, answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Server:", answer, StringComparison.Ordinal);
        if (request.StartsWith("HEAD", StringComparison.Ordinal))
            Assert.DoesNotContain("t1.key", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_HTTPS_nobody_is_sent_anywhere()
    {
        await using var server = await PlainAsync(httpsPort: null);
        Assert.StartsWith("HTTP/1.1 404 ", await AskAsync(server, "GET / HTTP/1.1\r\nHost: a.example\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5_000, "414")]
    [InlineData(20_000, "414")]
    public async Task Long_requests_are_cut_off(int length, string status)
    {
        await using var server = await PlainAsync(httpsPort: 443);
        Assert.StartsWith($"HTTP/1.1 {status} ", await AskAsync(server, $"GET /{new string('x', length)} HTTP/1.1\r\nHost: a.example\r\n"), StringComparison.Ordinal);
    }

    private static async Task<PlainServer> PlainAsync(int? httpsPort)
    {
        var server = new PlainServer(new PlainOptions
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Challenge = token => token == "t1" ? "t1.key" : null,
            HttpsPort = httpsPort,
        });
        await server.StartAsync(default);
        return server;
    }

    private static async Task<string> AskAsync(PlainServer server, string head)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Endpoints[0]);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head + "Connection: close\r\n\r\n"));
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer);
        }
        catch (IOException)
        {
            // Cut off before all was read.
        }

        return Encoding.ASCII.GetString(answer.ToArray());
    }

    private static async Task<SslStream> HandshakeAsync(TcpClient socket, string name, SslProtocols version, params string[] protocols)
    {
        var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = name,
            EnabledSslProtocols = version,
            ApplicationProtocols = [.. protocols.Select(protocol => new SslApplicationProtocol(protocol))],
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        });
        return tls;
    }

    private static ServingCertificate Challenge()
    {
        using var key = KeyPair.Generate();
        var leaf = CertificateAuthority.SelfSign(
            new()
            {
                Subject = DistinguishedName.Create("challenge"),
                PublicKey = key.PublicKey,
                Profile = CertificateProfile.Server,
                Names = SubjectAlternativeNames.ForHosts("a.example.com"),
                Lifetime = TimeSpan.FromDays(1),
            },
            key, TimeProvider.System.GetUtcNow()).Require();
        return ServingCertificate.Create([leaf], key);
    }
}
