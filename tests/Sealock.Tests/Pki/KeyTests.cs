// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki;
using Sealock.Pki.Keys;
using Sealock.Tests.Support;

namespace Sealock.Tests.Pki;

public sealed class KeyTests : IDisposable
{
    private readonly OpenSsl openssl = new();

    public void Dispose() => openssl.Dispose();

    [Theory]
    [InlineData(KeyAlgorithm.EcdsaP256, "ECDSA P-256")]
    [InlineData(KeyAlgorithm.EcdsaP384, "ECDSA P-384")]
    [InlineData(KeyAlgorithm.EcdsaP521, "ECDSA P-521")]
    [InlineData(KeyAlgorithm.Rsa2048, "RSA 2048")]
    [InlineData(KeyAlgorithm.Rsa3072, "RSA 3072")]
    public void Openssl_reads_every_form_we_write_and_we_read_it_back(KeyAlgorithm algorithm, string description)
    {
        using var key = KeyPair.Generate(algorithm);
        Assert.Equal(description, key.PublicKey.Description);
        openssl.Write("public.pem", key.PublicKey.ToPem());
        Assert.Equal(key.PublicKey, PublicKeyInfo.FromPem(key.PublicKey.ToPem()));

        foreach (var (form, pem, passphrase) in new[]
        {
            ("PKCS#8", key.ToPkcs8Pem(), null),
            ("traditional", key.ToTraditionalPem(), null),
            ("encrypted PKCS#8", key.ToEncryptedPkcs8Pem("päss wörd", iterations: 1000), "päss wörd"),
        })
        {
            openssl.Write("key.pem", pem);
            openssl.Write("passphrase", (passphrase ?? "unused") + "\n");
            var written = openssl.Run("pkey -in key.pem -passin file:passphrase -pubout");
            Assert.True(written == key.PublicKey.ToPem(), form);
            using var again = KeyPair.FromPem(pem, passphrase);
            Assert.Equal(key.PublicKey, again.PublicKey);
        }

        var data = "to be signed"u8.ToArray();
        File.WriteAllBytes(openssl.PathOf("data"), data);
        File.WriteAllBytes(openssl.PathOf("signature"), key.Sign(data));
        var digest = $"-{key.SignatureAlgorithm.Hash.Name}".ToLowerInvariant();
        Assert.Contains("Verified OK", openssl.Run($"dgst {digest} -verify public.pem -signature signature data"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("genrsa -out key.pem 2048", null)]
    [InlineData("genrsa -traditional -out key.pem 2048", null)]
    [InlineData("ecparam -name prime256v1 -genkey -out key.pem", null)]
    [InlineData("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out key.pem", null)]
    [InlineData("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -aes-256-cbc -pass pass:secret -out key.pem", "secret")]
    [InlineData("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -aes-128-cbc -pass pass:secret -out key.pem", "secret")]
    public void We_read_every_form_openssl_writes(string command, string? passphrase)
    {
        openssl.Run(command);
        using var key = KeyPair.FromPem(openssl.Read("key.pem"), passphrase);
        Assert.Equal(openssl.Run($"pkey -in key.pem -passin pass:{passphrase} -pubout"), key.PublicKey.ToPem());
    }

    [Fact]
    public void A_wrong_or_missing_passphrase_says_so()
    {
        openssl.Run("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-256-cbc -pass pass:secret -out key.pem");
        var pem = openssl.Read("key.pem");
        Assert.Contains("passphrase is needed", Assert.Throws<PkiFormatException>(() => KeyPair.FromPem(pem)).Message,
            StringComparison.Ordinal);
        Assert.Contains("wrong passphrase", Assert.Throws<PkiFormatException>(() => KeyPair.FromPem(pem, "other")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("genpkey -algorithm ED25519 -out key.pem", "Ed25519")]
    [InlineData("ecparam -name secp256k1 -genkey -noout -out key.pem", "P-256")]
    [InlineData("ecparam -name prime256v1 -param_enc explicit -genkey -noout -out key.pem", "named curve")]
    [InlineData("genrsa -traditional -aes128 -passout pass:secret -out key.pem 2048", "openssl pkcs8")]
    [InlineData("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout other.pem -out key.pem", "found CERTIFICATE")]
    public void Other_keys_are_refused_with_the_reason(string command, string expected)
    {
        openssl.Run(command);
        var refused = Assert.Throws<PkiFormatException>(() => KeyPair.FromPem(openssl.Read("key.pem"), "secret"));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }
}
