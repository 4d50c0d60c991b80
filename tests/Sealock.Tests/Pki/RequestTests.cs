// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Requests;
using Sealock.Tests.Support;

namespace Sealock.Tests.Pki;

/// <summary>Certificate requests, with the real openssl as the other side.</summary>
public sealed class RequestTests : IDisposable
{
    private readonly OpenSsl openssl = new();

    public void Dispose() => openssl.Dispose();

    public static TheoryData<string, string, string, bool> Requests => new()
    {
        { "-newkey rsa:2048", "RSA 2048", "SHA256-RSA", true },
        { "-newkey rsa:2048 -sha384", "RSA 2048", "SHA384-RSA", true },
        { "-newkey rsa:2048 -sha1", "RSA 2048", "SHA1-RSA", true },
        { "-newkey rsa:2048 -md5", "RSA 2048", "MD5-RSA", false },
        { "-newkey rsa:1024", "RSA 1024", "SHA256-RSA", true },
        { "-newkey rsa:2048 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest", "RSA 2048", "SHA256-RSAPSS", true },
        { "-newkey ec -pkeyopt ec_paramgen_curve:P-224", "ECDSA P-224", "ECDSA-SHA256", true },
        { "-newkey ec -pkeyopt ec_paramgen_curve:P-256", "ECDSA P-256", "ECDSA-SHA256", true },
        { "-newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha384", "ECDSA P-384", "ECDSA-SHA384", true },
        { "-newkey ec -pkeyopt ec_paramgen_curve:P-521 -sha512", "ECDSA P-521", "ECDSA-SHA512", true },
        { "-newkey ed25519", "Ed25519", "Ed25519", true },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void We_read_and_verify_what_openssl_writes(string options, string key, string algorithm, bool valid)
    {
        openssl.Run($"req -new {options} -nodes -keyout key.pem -subj /CN=jane/O=dev -addext subjectAltName=DNS:a.example.com,IP:10.0.0.1 -out csr.pem");
        var request = CertificateSigningRequest.FromPem(openssl.Read("csr.pem"));
        Assert.Equal(key, request.PublicKey.Description);
        Assert.Equal(algorithm, request.SignatureAlgorithm.Name);
        Assert.True(request.IsSignatureValid == valid, request.SignatureProblem);
        Assert.Equal("O=dev,CN=jane", request.Subject.ToString());
        Assert.Equal("DNS:a.example.com, IP:10.0.0.1", request.Names.ToString());

        // The same with one bit of the signature changed.
        var bytes = request.Der.ToArray();
        bytes[^1] ^= 1;
        Assert.False(CertificateSigningRequest.Parse(bytes).IsSignatureValid);
    }

    [Theory]
    [InlineData("-newkey ec -pkeyopt ec_paramgen_curve:secp256k1", "curve")]
    [InlineData("-newkey ec -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit", "named curve")]
    [InlineData("-newkey rsa:512", "1024")]
    public void Keys_that_are_not_accepted_say_why(string options, string expected)
    {
        openssl.Run($"req -new {options} -nodes -keyout key.pem -subj /CN=jane -out csr.pem");
        var e = Assert.Throws<PkiFormatException>(() => CertificateSigningRequest.FromPem(openssl.Read("csr.pem")));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ed25519_key_can_be_certified()
    {
        openssl.Run("req -new -newkey ed25519 -nodes -keyout key.pem -subj /CN=jane -out csr.pem");
        var request = CertificateSigningRequest.FromPem(openssl.Read("csr.pem"));
        using var key = KeyPair.Generate();
        var root = CertificateAuthority.CreateRoot("root", key, TimeProvider.System.GetUtcNow());
        var leaf = root.Issue(new()
        {
            Subject = request.Subject,
            PublicKey = request.PublicKey,
            Profile = CertificateProfile.Client,
        }, TimeProvider.System.GetUtcNow()).Require();
        openssl.Write("root.pem", root.Certificate.ToPem());
        openssl.Write("leaf.pem", leaf.ToPem());
        Assert.Contains("OK", openssl.Run("verify -x509_strict -CAfile root.pem leaf.pem"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(KeyAlgorithm.EcdsaP256)]
    [InlineData(KeyAlgorithm.Rsa2048)]
    public void Openssl_reads_and_verifies_what_we_write(KeyAlgorithm algorithm)
    {
        using var key = KeyPair.Generate(algorithm);
        var request = CertificateSigningRequest.Create(
            key, DistinguishedName.Create("jane", "dev"), SubjectAlternativeNames.ForHosts("a.example.com"),
            X509KeyUsageFlags.DigitalSignature, [KeyPurposes.ClientAuth]);
        openssl.Write("csr.pem", request.ToPem());
        var text = openssl.Run("req -in csr.pem -noout -text -verify -nameopt RFC2253");
        Assert.Contains("verify OK", text, StringComparison.Ordinal);
        Assert.Contains("Subject: CN=jane,O=dev", text, StringComparison.Ordinal);
        Assert.Contains("DNS:a.example.com", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_after_the_request_are_refused()
    {
        using var key = KeyPair.Generate();
        var request = CertificateSigningRequest.Create(key, DistinguishedName.Create("jane"));
        Assert.Throws<PkiFormatException>(() => CertificateSigningRequest.Parse((byte[])[.. request.Der.Span, 0]));
    }
}
