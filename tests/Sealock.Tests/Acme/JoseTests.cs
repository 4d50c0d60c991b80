// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Acme.Jose;
using Sealock.Pki;
using Sealock.Pki.Keys;

namespace Sealock.Tests.Acme;

public sealed class JoseTests
{
    // RFC 7515 appendix A.
    private const string Payload = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
    private const string SharedSecret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

    [Fact]
    public void A_shared_secret_signs_as_in_RFC_7515_A_1()
    {
        var jws = JsonNode.Parse(Jws.SignWithSecret(
            Base64Url.DecodeFromChars(SharedSecret), "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}", Encoding.UTF8.GetBytes(Payload)))!;
        Assert.Equal("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9", (string?)jws["protected"]);
        Assert.Equal("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", (string?)jws["signature"]);
    }

    [Fact]
    public void An_RSA_key_signs_as_in_RFC_7515_A_2()
    {
        using var key = Rfc7515RsaKey();
        Assert.Equal("RS256", Jws.AlgorithmOf(key));
        var jws = JsonNode.Parse(Jws.Sign(key, "{\"alg\":\"RS256\"}", Encoding.UTF8.GetBytes(Payload)))!;
        Assert.Equal(
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQ"
            + "jbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqt"
            + "FZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
            (string?)jws["signature"]);
    }

    [Theory]
    [InlineData(KeyAlgorithm.EcdsaP256, "ES256", 64)]
    [InlineData(KeyAlgorithm.EcdsaP384, "ES384", 96)]
    [InlineData(KeyAlgorithm.EcdsaP521, "ES512", 132)]
    public void An_elliptic_key_signs_with_both_numbers_at_full_length(KeyAlgorithm kind, string algorithm, int length)
    {
        using var key = KeyPair.Generate(kind);
        using var verifier = ECDsa.Create();
        verifier.ImportSubjectPublicKeyInfo(key.PublicKey.Der.Span, out _);
        Assert.Equal(algorithm, Jws.AlgorithmOf(key));
        var hash = algorithm switch { "ES256" => HashAlgorithmName.SHA256, "ES384" => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };
        for (var i = 0; i < 300; i++)
        {
            // Among so many there are numbers with zeros in front.
            var jws = JsonNode.Parse(Jws.Sign(key, "{}", [(byte)i]))!;
            var signature = Base64Url.DecodeFromChars((string)jws["signature"]!);
            Assert.Equal(length, signature.Length);
            Assert.True(verifier.VerifyData(
                Encoding.ASCII.GetBytes($"{jws["protected"]}.{jws["payload"]}"), signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        }
    }

    [Fact]
    public void The_thumbprint_is_that_of_RFC_7638()
    {
        using var rsa = RSA.Create(new RSAParameters
        {
            Modulus = Base64Url.DecodeFromChars(
                "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64t"
                + "Z_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91Cb"
                + "OpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"),
            Exponent = Base64Url.DecodeFromChars("AQAB"),
        });
        Assert.Equal(
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", JsonWebKey.Thumbprint(PublicKeyInfo.Parse(rsa.ExportSubjectPublicKeyInfo())));
    }

    [Fact]
    public void A_key_is_written_with_all_its_bytes()
    {
        // The coordinates of RFC 7515 appendix A.3.
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new()
            {
                X = Base64Url.DecodeFromChars("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                Y = Base64Url.DecodeFromChars("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
            },
        });
        Assert.Equal(
            """{"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""",
            JsonWebKey.Write(PublicKeyInfo.Parse(key.ExportSubjectPublicKeyInfo())));
    }

    [Theory]
    [InlineData("", "c2VjcmV0", "key identifier")]
    [InlineData("kid", "", "HMAC key")]
    [InlineData("kid", "not base64!", "HMAC key")]
    public void An_external_account_needs_a_name_and_a_key(string kid, string key, string expected) =>
        Assert.Contains(expected, Assert.Throws<PkiFormatException>(() => new ExternalAccount(kid, key)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_external_accounts_key_is_taken_in_both_alphabets_and_never_shown()
    {
        using var key = KeyPair.Generate();
        var account = new AccountKey(key);
        var bound = new ExternalAccount("kid", "__79").Bind(account, "https://ca.example/new-account");
        Assert.Equal(bound, new ExternalAccount("kid", "//79==").Bind(account, "https://ca.example/new-account"));
        Assert.Equal("external account kid", new ExternalAccount("kid", "__79").ToString());
        var jws = JsonNode.Parse(bound)!;
        Assert.Equal(
            """{"alg":"HS256","kid":"kid","url":"https://ca.example/new-account"}""",
            Encoding.UTF8.GetString(Base64Url.DecodeFromChars((string)jws["protected"]!)));
        Assert.Equal(account.Jwk, Encoding.UTF8.GetString(Base64Url.DecodeFromChars((string)jws["payload"]!)));
    }

    private static KeyPair Rfc7515RsaKey()
    {
        static BigInteger Number(string text) => new(Base64Url.DecodeFromChars(text), isUnsigned: true, isBigEndian: true);
        static byte[] Bytes(BigInteger number, int length)
        {
            var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
            return [.. new byte[length - bytes.Length], .. bytes];
        }

        var modulus = Number(
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpR"
            + "PEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qC"
            + "o5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ");
        var d = Number(
            "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn"
            + "2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juU"
            + "O1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ");
        var p = Number(
            "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc"
            + "1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc");
        var q = Number(
            "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfI"
            + "sRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc");
        using var rsa = RSA.Create(new RSAParameters
        {
            Modulus = Bytes(modulus, 256),
            Exponent = [1, 0, 1],
            D = Bytes(d, 256),
            P = Bytes(p, 128),
            Q = Bytes(q, 128),
            DP = Bytes(d % (p - 1), 128),
            DQ = Bytes(d % (q - 1), 128),
            InverseQ = Bytes(BigInteger.ModPow(q, p - 2, p), 128),
        });
        return KeyPair.FromPkcs8(rsa.ExportPkcs8PrivateKey());
    }
}
