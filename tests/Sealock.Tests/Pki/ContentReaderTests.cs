// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki;
using Sealock.Pki.Inspection;
using Sealock.Tests.Support;

namespace Sealock.Tests.Pki;

/// <summary>What is found in the files that openssl writes, whichever form they have.</summary>
public sealed class ContentReaderTests : IClassFixture<ContentReaderTests.Files>
{
    private readonly OpenSsl openssl;

    public ContentReaderTests(Files files) => openssl = files.OpenSsl;

    [Theory]
    [InlineData("x509 -in c.pem -outform DER", "DER: certificate")]
    [InlineData("x509 -in c.pem", "PEM: certificate")]
    [InlineData("x509 -in c.pem -text", "PEM: certificate")]
    [InlineData("x509 -in c.pem -trustout", "PEM: certificate")]
    [InlineData("req -in r.pem -outform DER", "DER: certificate request")]
    [InlineData("req -in r.pem", "PEM: certificate request")]
    [InlineData("req -in r.pem -text", "PEM: certificate request")]
    [InlineData("x509 -in v1.pem -outform DER", "DER: certificate")]
    [InlineData("crl -in l.pem", "PEM: revocation list")]
    [InlineData("crl -in l.pem -outform DER", "DER: revocation list")]
    [InlineData("pkcs8 -topk8 -nocrypt -in k.pem -outform DER", "DER: private key (PKCS#8) ECDSA P-256")]
    [InlineData("pkey -in k.pem -traditional", "PEM: private key (SEC1) ECDSA P-256")]
    [InlineData("pkey -in k.pem -traditional -outform DER", "DER: private key (SEC1) ECDSA P-256")]
    [InlineData("pkey -in rsa.pem -traditional", "PEM: private key (PKCS#1) RSA 2048")]
    [InlineData("pkey -in rsa.pem -traditional -outform DER", "DER: private key (PKCS#1) RSA 2048")]
    [InlineData("pkey -in ed.pem", "PEM: private key (PKCS#8) Ed25519")]
    [InlineData("pkey -in k.pem -pubout", "PEM: public key")]
    [InlineData("pkey -in k.pem -pubout -outform DER", "DER: public key")]
    [InlineData("rsa -in rsa.pem -RSAPublicKey_out", "PEM: public key")]
    [InlineData("rsa -in rsa.pem -RSAPublicKey_out -outform DER", "DER: public key")]
    [InlineData("pkcs8 -topk8 -in k.pem -passout pass:secret", "PEM: private key (PKCS#8) ECDSA P-256")]
    [InlineData("pkcs8 -topk8 -in ed.pem -passout pass:secret", "PEM: private key (PKCS#8) Ed25519")]
    [InlineData("pkcs8 -topk8 -in rsa.pem -passout pass:secret -v2 aes128 -v2prf hmacWithSHA1", "PEM: private key (PKCS#8) RSA 2048")]
    [InlineData("pkcs8 -topk8 -in rsa.pem -passout pass:secret -v2 des3 -v2prf hmacWithSHA512 -outform DER", "DER: private key (PKCS#8) RSA 2048")]
    [InlineData("pkcs8 -topk8 -in k.pem -passout pass:secret -v1 PBE-SHA1-3DES", "PEM: private key (PKCS#8) ECDSA P-256")]
    [InlineData("crl2pkcs7 -nocrl -certfile c.pem -certfile rsac.pem", "PEM: certificate, certificate")]
    [InlineData("crl2pkcs7 -in l.pem -certfile c.pem -outform DER", "PKCS#7: certificate, revocation list")]
    [InlineData("pkcs12 -export -in c.pem -inkey k.pem -passout pass:secret -name mine", "PKCS#12: certificate 'mine', private key (PKCS#8) ECDSA P-256 'mine'")]
    [InlineData("pkcs12 -export -in c.pem -inkey k.pem -certfile rsac.pem -passout pass:secret -legacy",
        "PKCS#12: certificate, certificate, private key (PKCS#8) ECDSA P-256")]
    [InlineData("pkcs12 -export -in c.pem -inkey k.pem -passout pass:secret -legacy -certpbe PBE-SHA1-RC2-128", "PKCS#12: certificate, private key (PKCS#8) ECDSA P-256")]
    [InlineData("pkcs12 -export -in c.pem -inkey k.pem -passout pass:secret -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1",
        "PKCS#12: certificate, private key (PKCS#8) ECDSA P-256")]
    [InlineData("pkcs12 -export -in c.pem -inkey ed.pem -nokeys -passout pass:secret -macalg sha512", "PKCS#12: certificate")]
    [InlineData("pkcs12 -export -in c.pem -inkey k.pem -passout pass:secret -nomac", "PKCS#12: certificate, private key (PKCS#8) ECDSA P-256")]
    [InlineData("pkcs12 -export -in c.pem -inkey k.pem -passout pass:secret -certpbe NONE -keypbe NONE", "PKCS#12: certificate, private key (PKCS#8) ECDSA P-256")]
    [InlineData("ecparam -name prime256v1 -genkey", "PEM: EC parameters, private key (SEC1) ECDSA P-256")]
    public void Every_form_that_openssl_writes_is_read(string command, string expected)
    {
        openssl.Run($"{command} -out written");
        Assert.Equal(expected, Tell(ContentReader.Read(File.ReadAllBytes(openssl.PathOf("written")), "secret", new())));
    }

    [Theory]
    [InlineData("pkcs8 -topk8 -in k.pem -passout pass:secret", null, "it is encrypted; give its passphrase with --passphrase-file FILE")]
    [InlineData("pkcs8 -topk8 -in k.pem -passout pass:secret", "wrong", "the passphrase does not open it")]
    [InlineData("pkcs8 -topk8 -in k.pem -passout pass:secret -scrypt", "secret", "its encryption is not supported here")]
    [InlineData("pkcs8 -topk8 -in k.pem -passout pass:secret -iter 100001", "secret", "more than is spent on one file (100000)")]
    [InlineData("ec -in k.pem -aes128 -passout pass:secret", "secret", "convert it: openssl pkcs8 -topk8")]
    [InlineData("pkcs12 -export -in c.pem -inkey k.pem -passout pass:secret", null, "it is encrypted; give its passphrase with --passphrase-file FILE")]
    [InlineData("pkcs12 -export -in c.pem -inkey k.pem -passout pass:secret", "wrong", "the passphrase does not open it")]
    [InlineData("pkcs12 -export -in c.pem -inkey k.pem -passout pass:secret -legacy", "wrong", "the passphrase does not open it")]
    public void What_stays_closed_tells_what_helps(string command, string? passphrase, string remedy)
    {
        openssl.TryRun($"{command} -out closed");
        var content = Assert.Single(ContentReader.Read(File.ReadAllBytes(openssl.PathOf("closed")), passphrase, new() { MaxDerivationRounds = 100_000 }).Contents);
        Assert.Contains(remedy, content is PrivateKeyContent { Locked: { } locked } ? locked : ((UnreadableContent)content).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_without_passphrase_opens_without_one()
    {
        openssl.Run("pkcs12 -export -in c.pem -inkey k.pem -passout pass: -out open.p12");
        Assert.Equal("PKCS#12: certificate, private key (PKCS#8) ECDSA P-256",
            Tell(ContentReader.Read(File.ReadAllBytes(openssl.PathOf("open.p12")), null, new())));
    }

    [Fact]
    public void Base64_of_a_file_is_read_like_the_file()
    {
        var base64 = Convert.ToBase64String(File.ReadAllBytes(openssl.PathOf("c.pem")), Base64FormattingOptions.InsertLineBreaks);
        Assert.Equal("PEM: certificate", Tell(ContentReader.Read(System.Text.Encoding.ASCII.GetBytes(base64), null, new())));
    }

    [Fact]
    public void Broken_blocks_are_told_of()
    {
        var pem = openssl.Read("c.pem");
        var text = pem + pem[..^40] + "\n" + pem.Replace("MII", "M\u0001I", StringComparison.Ordinal) + "-----BEGIN OTHER-----\nAAAA\n-----END OTHER-----\n";
        var contents = ContentReader.Read(System.Text.Encoding.UTF8.GetBytes(text), null, new()).Contents;
        Assert.Equal(2, contents.OfType<UnreadableContent>().Count(c => c.What == "PEM block CERTIFICATE"));
        Assert.Single(contents.OfType<OtherContent>(), c => c.What == "PEM block OTHER");
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("-----BEGIN")]
    [InlineData("0\u0003\u0002\u0001\u0001")]
    public void Anything_else_is_refused(string text) =>
        Assert.Throws<PkiFormatException>(() => ContentReader.Read(System.Text.Encoding.Latin1.GetBytes(text), null, new()));

    private static string Tell(PkiContents found) => $"{found.Format}: " + string.Join(", ", found.Contents.Select(content => content switch
    {
        PrivateKeyContent { Key: { } key } opened => $"private key ({opened.Form}) {KeyFacts.Of(key).Description}",
        UnreadableContent broken => broken.Reason,
        _ => content.Kind,
    } + (content.Label is { } label ? $" '{label}'" : "")));

    /// <summary>Keys and certificates to convert, made once.</summary>
    public sealed class Files : IDisposable
    {
        public Files()
        {
            OpenSsl.Run("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k.pem");
            OpenSsl.Run("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem");
            OpenSsl.Run("genpkey -algorithm ED25519 -out ed.pem");
            OpenSsl.Run("req -x509 -key k.pem -subj /CN=one -days 9 -out c.pem");
            OpenSsl.Run("req -x509 -key rsa.pem -subj /CN=two -days 9 -out rsac.pem");
            OpenSsl.Run("req -new -key k.pem -subj /CN=three -out r.pem");
            OpenSsl.Run("x509 -req -in r.pem -CA c.pem -CAkey k.pem -CAcreateserial -out v1.pem");
            OpenSsl.Write("index.txt", "");
            OpenSsl.Write("number", "0A\n");
            OpenSsl.Write("ca.cnf", "[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\n");
            OpenSsl.Run("ca -config ca.cnf -cert c.pem -keyfile k.pem -gencrl -crldays 5 -out l.pem");
        }

        internal OpenSsl OpenSsl { get; } = new();

        public void Dispose() => OpenSsl.Dispose();
    }
}
