// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text;
using Sealock.Acme.Challenges;
using Sealock.Acme.Client;
using Sealock.Acme.Jose;
using Sealock.Acme.Messages;
using Sealock.Acme.Orders;
using Sealock.Acme.Solvers;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Tests.Acme;

/// <summary>What is put in place for a server to find, and when to renew: values.</summary>
public sealed class AnswerTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly AcmeChallenge Challenge = new() { Type = "x", Url = "https://ca.example/c", Token = "DGyRejmCefe7v4NfDGDKfA" };

    private readonly KeyPair _signer = KeyPair.Generate();

    private AccountKey Key => new(_signer);

    public void Dispose() => _signer.Dispose();

    [Theory]
    [InlineData("Example.COM.", "dns", "example.com", "example.com")]
    [InlineData("*.example.com", "dns", "*.example.com", "example.com")]
    [InlineData("192.0.2.1", "ip", "192.0.2.1", "192.0.2.1")]
    [InlineData("[2001:DB8:0::1]", "ip", "2001:db8::1", "2001:db8::1")]
    [InlineData("::ffff:192.0.2.1", "ip", "192.0.2.1", "192.0.2.1")]
    public void A_name_becomes_an_identifier(string typed, string type, string value, string baseName)
    {
        var identifier = AcmeIdentifier.Parse(typed);
        Assert.Equal((type, value, baseName), (identifier.Type, identifier.Value, identifier.BaseName));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("bücher.example")]
    [InlineData("*")]
    [InlineData("a.*.example")]
    [InlineData("fe80::1%eth0")]
    public void What_is_no_name_is_refused(string typed) => Assert.Throws<PkiFormatException>(() => AcmeIdentifier.Parse(typed));

    [Fact]
    public void Http_01_and_dns_01_answers_are_those_of_RFC_8555()
    {
        var http = Http01Answer.Create(Key, Challenge);
        Assert.Equal("/.well-known/acme-challenge/DGyRejmCefe7v4NfDGDKfA", http.Path);
        Assert.Equal($"DGyRejmCefe7v4NfDGDKfA.{Key.Thumbprint}", http.Body);
        var dns = Dns01Answer.Create(Key, AcmeIdentifier.Parse("*.www.example.org"), Challenge);
        Assert.Equal("_acme-challenge.www.example.org", dns.Name);
        Assert.Equal(System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(http.Body))), dns.Value);
        Assert.Throws<ArgumentException>(() => Http01Answer.Create(Key, Challenge with { Token = "../../etc/passwd" }));
    }

    [Theory]
    [InlineData("www.example.org", "www.example.org")]
    [InlineData("192.0.2.1", "1.2.0.192.in-addr.arpa")]
    [InlineData("2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")]
    public void A_tls_alpn_01_certificate_is_that_of_RFC_8737(string name, string serverName)
    {
        var answer = TlsAlpn01Answer.Create(Key, AcmeIdentifier.Parse(name), Challenge);
        Assert.Equal(serverName, answer.ServerName);
        using var serving = answer.CreateCertificate(Now);
        var certificate = serving.Certificate;
        Assert.Equal([name], certificate.Names.Select(found => found.Text));
        var extension = Assert.Single(certificate.Extensions, found => found.Oid == "1.3.6.1.5.5.7.1.31");
        Assert.True(extension.IsCritical);
        Assert.Equal(
            (byte[])[4, 32, .. SHA256.HashData(Encoding.ASCII.GetBytes(Key.KeyAuthorization(Challenge.Token)))], extension.Value.ToArray());
        Assert.True(certificate.IsSelfIssued);
        Assert.Null(certificate.RefuseSignature(certificate.PublicKey));
    }

    [Theory]
    [InlineData("GET /.well-known/acme-challenge/token HTTP/1.1\r\nHost: a.example\r\n\r\n", "200 OK", "the body")]
    [InlineData("HEAD /.well-known/acme-challenge/token HTTP/1.1\r\n\r\n", "200 OK", "")]
    [InlineData("GET /.well-known/acme-challenge/token?x=1 HTTP/1.0\r\n\r\n", "200 OK", "the body")]
    [InlineData("GET /.well-known/acme-challenge/../../x HTTP/1.1\r\nHost: a.example\r\n\r\n", "404 Not Found", "no such challenge")]
    [InlineData("GET /a?b=c HTTP/1.1\r\nhost: A.example:80\r\n\r\n", "308 Permanent Redirect", "Location: https://A.example/a?b=c\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "404 Not Found", "use HTTPS")]
    [InlineData("GET / HTTP/1.1\r\nHost: evil.example/path\r\n\r\n", "404 Not Found", "use HTTPS")]
    [InlineData("GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n", "404 Not Found", "use HTTPS")]
    [InlineData("GET //evil.example HTTP/1.1\r\nHost: a.example\r\n\r\n", "400 Bad Request", "")]
    [InlineData("GET http://evil.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n", "400 Bad Request", "")]
    [InlineData("POST / HTTP/1.1\r\nHost: a.example\r\n\r\n", "405 Method Not Allowed", "Allow: GET, HEAD")]
    [InlineData("\u0016\u0003\u0001\r\n\r\n", "400 Bad Request", "HTTP/1.1")]
    public void Port_80_answers_challenges_and_redirects_and_nothing_else(string request, string status, string expected)
    {
        var answer = Encoding.ASCII.GetString(PlainHttp.Answer(
            Encoding.Latin1.GetBytes(request), path => path == "/.well-known/acme-challenge/token" ? "the body" : null));
        Assert.StartsWith($"HTTP/1.1 {status}\r\n", answer, StringComparison.Ordinal);
        Assert.Contains(expected, answer, StringComparison.Ordinal);
        Assert.Equal(request.StartsWith("HEAD", StringComparison.Ordinal), answer.EndsWith("\r\n\r\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("120", 120)]
    [InlineData(" 0 ", 0)]
    [InlineData("99999999999999999999999999", 366 * 86400)]
    [InlineData("Sun, 01 Mar 2026 12:01:00 GMT", 60)]
    [InlineData("Sunday, 01-Mar-26 12:01:00 GMT", 60)]
    [InlineData("Sun Mar  1 12:01:00 2026", 60)]
    [InlineData("Sat, 28 Feb 2026 12:00:00 GMT", 0)]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", 366 * 86400)]
    [InlineData("-5", null)]
    [InlineData("1.5", null)]
    [InlineData("soon", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Retry_after_is_an_instant(string? header, int? seconds) =>
        Assert.Equal(seconds is { } wait ? Now.AddSeconds(wait) : null, RetryAfter.Parse(header, Now));

    [Theory]
    [InlineData("<https://a>;rel=\"alternate\"", "https://a")]
    [InlineData("<https://a>; rel=alternate, <https://b>;rel=\"index up\",<https://c>;title=\"x, <y>\";rel=\"other ALTERNATE\"", "https://a https://c")]
    [InlineData("<https://a>;rel=\"up\"", "")]
    [InlineData("<https://a", "")]
    [InlineData(">;rel=alternate<", "")]
    [InlineData("", "")]
    public void Links_are_found_by_their_relation(string header, string expected) =>
        Assert.Equal(expected, string.Join(' ', LinkHeader.Targets([header], "alternate")));

    [Fact]
    public void A_certificates_name_at_its_CA_is_that_of_RFC_9773()
    {
        // The example of RFC 9773 appendix A: the same key identifier and serial number.
        using var key = KeyPair.Generate();
        var certificate = Sealock.Pki.Issuing.CertificateAuthority.CreateRoot("Example", key, Now).Certificate;
        Assert.Equal(
            $"{Encode(certificate.AuthorityKeyIdentifier)}.{Encode(certificate.SerialNumber.Bytes)}", RenewalTiming.CertificateId(certificate));
        Assert.Equal("AIdlQyE", Encode(SerialNumber.Parse("8765:4321").Bytes));
        Assert.Equal("aYhba4dGQEHhs3uEe6CuLN4ByNQ", Encode(Convert.FromHexString("69885b6b87464041e1b37b847ba0ae2cde01c8d4")));

        static string Encode(ReadOnlyMemory<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes.Span);
    }

    /// <summary>A window in days from the certificate's beginning, which has 90; the chosen day for 0.5, or none for nonsense.</summary>
    [Theory]
    [InlineData(60, 62, 61.0)]
    [InlineData(-2, 2, 0.0)]
    [InlineData(-5, -1, null)]
    [InlineData(-0.75, -0.25, -0.5)]
    [InlineData(62, 60, null)]
    [InlineData(60, 60, null)]
    [InlineData(91, 95, null)]
    [InlineData(80, 100, 85.0)]
    [InlineData(-100000, 1000, null)]
    public void A_suggested_window_gives_an_instant_or_is_nonsense(double start, double end, double? expected)
    {
        var chosen = RenewalTiming.Choose(new(Now.AddDays(start), Now.AddDays(end)), Now, Now.AddDays(90), 0.5);
        if (start < -1000)
        {
            Assert.True(chosen < Now);
            return;
        }

        Assert.Equal(expected is { } day ? Now.AddDays(day) : null, chosen);
    }

    [Theory]
    [InlineData(null, 6 * 60)]
    [InlineData(1, 60)]
    [InlineData(120, 120)]
    [InlineData(100_000, 7 * 24 * 60)]
    public void The_suggestion_is_asked_for_neither_too_often_nor_too_seldom(int? minutes, int expected) =>
        Assert.Equal(Now.AddMinutes(expected), RenewalTiming.NextPoll(Now, minutes is { } wait ? Now.AddMinutes(wait) : null));
}
