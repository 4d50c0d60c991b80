// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;
using Sealock.Pki.Pem;
using Sealock.Pki.Requests;
using Sealock.Pki.Revocation;
using Sealock.Pki.Tls;
using Sealock.Tests.Support;
using Xunit.Abstractions;

namespace Sealock.Tests.Pki;

/// <summary>
/// Mutated inputs to every parser of certificates, keys and first bytes that a stranger reaches; see <see cref="FuzzRun"/>.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Lazy<FuzzSamples> Samples = new(FuzzSamples.Create);

    [Fact]
    public void Requests_end_in_a_value_or_a_format_exception() =>
        Run("certificate requests", Samples.Value.Requests, bytes => CertificateSigningRequest.Parse(bytes).IsSignatureValid);

    [Fact]
    public void Certificates_end_in_a_value_or_a_format_exception() =>
        Run("certificates", Samples.Value.Certificates, bytes =>
        {
            var certificate = Certificate.Parse(bytes);
            _ = certificate.ToString() + certificate.Names + Lint.Run(certificate).Count;
            return ChainVerifier.Verify(certificate, Samples.Value.Parsed, Samples.Value.Pool, new() { At = Now, HostName = "a.example.com" }).IsTrusted;
        });

    [Fact]
    public void Mutated_issuers_end_in_a_verdict() =>
        Run("issuers", Samples.Value.Certificates, bytes =>
        {
            var issuer = Certificate.Parse(bytes);
            return ChainVerifier.Verify(Samples.Value.Parsed[^1], [issuer], new TrustPool([issuer]), new() { At = Now }).IsTrusted;
        });

    [Fact]
    public void Revocation_lists_end_in_a_value_or_a_format_exception() =>
        Run("revocation lists", Samples.Value.RevocationLists, bytes =>
            CertificateRevocationList.Parse(bytes).Refuse(Samples.Value.Parsed[0]) is null);

    [Fact]
    public void Pem_ends_in_a_document() =>
        Run("PEM", Samples.Value.PemTexts, bytes => PemDocument.Parse(bytes).Blocks.Count > 0);

    [Fact]
    public void Private_keys_end_in_a_key_or_a_format_exception() =>
        Run("private keys", Samples.Value.Keys, bytes =>
        {
            using var key = KeyPair.FromPkcs8(bytes);
            return true;
        });

    [Fact]
    public void Key_files_end_in_a_key_or_a_format_exception() =>
        Run("key files", Samples.Value.KeyFiles, bytes =>
        {
            using var key = KeyPair.FromPem(Encoding.Latin1.GetString(bytes), "secret");
            return true;
        });

    [Fact]
    public void Names_end_in_a_name_or_a_format_exception() =>
        Run("distinguished names", Samples.Value.Names, bytes =>
        {
            var name = DistinguishedName.ParseText(Encoding.Latin1.GetString(bytes));
            return DistinguishedName.ParseText(name.ToString()).ToString() == name.ToString();
        });

    [Fact]
    public void First_bytes_end_in_an_answer() =>
        Run("first bytes of connections", Samples.Value.ClientHellos, bytes => ClientHelloReader.Read(bytes).Kind == FirstBytesKind.ClientHello);

    [Fact]
    public void Both_sides_of_a_handshake_end_in_messages() =>
        Run("handshakes without keys", [.. RecordedHandshake.All.SelectMany(one => new[] { one.Server, one.Client })], bytes =>
        {
            var (client, server) = TlsFlow.ReadBoth(bytes, bytes);
            foreach (var message in client.Messages)
            {
                _ = ClientHelloDetails.Read(message.Body.Span);
                _ = ServerHello.Read(message.Body.Span);
                _ = Tls12Messages.ReadCertificates(message.Body.Span);
                _ = CertificateRequestMessage.Read(message.Body.Span, ClientHello.Tls12);
                _ = ServerKeyExchangeMessage.Read(message.Body.Span, ClientHello.Tls12, 0xc02c);
                _ = ServerKeyExchangeMessage.Read(message.Body.Span, ClientHello.Tls12, 0x009f);
            }
            return server.Problem is null;
        });

    private void Run(string parser, IReadOnlyList<byte[]> samples, Func<byte[], bool> parse)
    {
        foreach (var sample in samples)
            parse(sample);
        FuzzRun.Bytes<PkiFormatException>(output, parser, samples, parse);
    }

    private sealed record FuzzSamples(
        IReadOnlyList<byte[]> Requests,
        IReadOnlyList<byte[]> Certificates,
        IReadOnlyList<Certificate> Parsed,
        TrustPool Pool,
        IReadOnlyList<byte[]> RevocationLists,
        IReadOnlyList<byte[]> PemTexts,
        IReadOnlyList<byte[]> Keys,
        IReadOnlyList<byte[]> KeyFiles,
        IReadOnlyList<byte[]> Names,
        IReadOnlyList<byte[]> ClientHellos)
    {
        public static FuzzSamples Create()
        {
            using var ec = KeyPair.Generate();
            using var rsa = KeyPair.Generate(KeyAlgorithm.Rsa2048);
            var names = new SubjectAlternativeNames([
                GeneralName.Dns("a.example.com"), GeneralName.Ip(IPAddress.Parse("10.0.0.1")), GeneralName.Email("a@example.com"),
                GeneralName.Uri("https://a.example.com/"), GeneralName.OtherName("1.2.3.4", "x"),
                GeneralName.Directory(DistinguishedName.Create("dir", "o"))]);
            var root = CertificateAuthority.CreateRoot("root", ec, Now);
            var middle = new CertificateAuthority([root.Issue(new()
            {
                Subject = DistinguishedName.Create("middle"),
                PublicKey = rsa.PublicKey,
                Profile = CertificateProfile.Ca,
                NameConstraints = new()
                {
                    Permitted = [NameConstraints.DnsSubtree("example.com"), NameConstraints.IpSubtree("10.0.0.0/8"),
                        NameConstraints.EmailSubtree(".example.com"), NameConstraints.UriSubtree("a.example.com")],
                    Excluded = [NameConstraints.DnsSubtree("b.example.com"), NameConstraints.EmailSubtree("x@example.com")],
                },
            }, Now).Require(), root.Certificate], rsa);
            var leaf = middle.Issue(new()
            {
                Subject = DistinguishedName.Create("jané", "dev"),
                PublicKey = ec.PublicKey,
                Profile = CertificateProfile.Peer,
                Names = new(names.Where(n => n.Kind != GeneralNameKind.Email)),
                CrlUrls = ["http://a.example.com/crl"],
                OcspUrls = ["http://a.example.com/ocsp"],
            }, Now).Require();
            var list = root.IssueCrl(new()
            {
                Number = 3,
                ThisUpdate = Now,
                NextUpdate = Now.AddDays(1),
                Revoked = [new(leaf.SerialNumber, Now, RevocationReason.KeyCompromise), new(SerialNumber.Parse("80"), Now)],
            });
            Certificate[] parsed = [root.Certificate, middle.Certificate, leaf];
            return new(
                [CertificateSigningRequest.Create(ec, leaf.Subject, names, leaf.KeyUsage, leaf.KeyPurposes).Der.ToArray(),
                    CertificateSigningRequest.Create(rsa, leaf.Subject, names).Der.ToArray()],
                [.. parsed.Select(c => c.Der.ToArray())],
                parsed,
                new TrustPool([root.Certificate]),
                [list.Der.ToArray()],
                [Encoding.ASCII.GetBytes(Certificate.ToPem(parsed)), Encoding.ASCII.GetBytes("text\n" + list.ToPem() + "text")],
                [ec.ToPkcs8(), rsa.ToPkcs8()],
                [Encoding.ASCII.GetBytes(ec.ToTraditionalPem()), Encoding.ASCII.GetBytes(rsa.ToTraditionalPem()),
                    Encoding.ASCII.GetBytes(ec.ToEncryptedPkcs8Pem("secret", 10))],
                [Encoding.ASCII.GetBytes("CN=jane\\, x,O=dev+OU=ops,1.2.3=#0c0141,L=\\ a\\C3\\A9")],
                [ClientHelloTests.Sample("a.example.com", [0x0304, 0x0303], "h2", "http/1.1"), Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n")]);
        }
    }
}
