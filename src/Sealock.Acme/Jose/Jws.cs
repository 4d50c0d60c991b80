// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using Sealock.Pki;
using Sealock.Pki.Keys;

namespace Sealock.Acme.Jose;

/// <summary>JSON Web Signatures in the flattened form (RFC 7515 section 7.2.2), the only one ACME speaks.</summary>
public static class Jws
{
    /// <summary>The <c>alg</c> a key signs with: ES256, ES384, ES512 by its curve; RS256.</summary>
    /// <exception cref="PkiFormatException">The key, or the way its signer signs, has no place in ACME.</exception>
    public static string AlgorithmOf(ISigner signer) => (signer.PublicKey, signer.SignatureAlgorithm) switch
    {
        ({ Curve: "P-256" }, { Scheme: SignatureScheme.Ecdsa } a) when a.Hash == HashAlgorithmName.SHA256 => "ES256",
        ({ Curve: "P-384" }, { Scheme: SignatureScheme.Ecdsa } a) when a.Hash == HashAlgorithmName.SHA384 => "ES384",
        ({ Curve: "P-521" }, { Scheme: SignatureScheme.Ecdsa } a) when a.Hash == HashAlgorithmName.SHA512 => "ES512",
        ({ Kind: KeyKind.Rsa }, { Scheme: SignatureScheme.RsaPkcs1 } a) when a.Hash == HashAlgorithmName.SHA256 => "RS256",
        var (key, algorithm) => throw new PkiFormatException(
            $"expected a key that signs by ES256, ES384, ES512 or RS256, got {key.Description} with {algorithm.Name}"),
    };

    /// <summary>Signs with a private key.</summary>
    /// <param name="signer">The key.</param>
    /// <param name="header">The protected header as JSON; its <c>alg</c> is <see cref="AlgorithmOf"/> the signer.</param>
    /// <param name="payload">The payload; empty for a POST-as-GET.</param>
    /// <returns>The JWS as JSON in UTF-8.</returns>
    public static byte[] Sign(ISigner signer, string header, ReadOnlySpan<byte> payload)
    {
        var input = SigningInput(header, payload);
        var signature = signer.Sign(Encoding.ASCII.GetBytes(input));
        if (signer.PublicKey.Kind == KeyKind.Ecdsa)
            signature = Concatenated(signature, (signer.PublicKey.Bits + 7) / 8);
        return Flattened(input, signature);
    }

    /// <summary>Signs with a shared secret by HMAC-SHA-256 (<c>alg</c> HS256).</summary>
    public static byte[] SignWithSecret(ReadOnlySpan<byte> secret, string header, ReadOnlySpan<byte> payload)
    {
        var input = SigningInput(header, payload);
        return Flattened(input, HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(input)));
    }

    private static string SigningInput(string header, ReadOnlySpan<byte> payload) =>
        $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(payload)}";

    private static byte[] Flattened(string input, byte[] signature)
    {
        var dot = input.IndexOf('.', StringComparison.Ordinal);
        var (header, payload) = (input[..dot], input[(dot + 1)..]);
        return Encoding.ASCII.GetBytes(
            $$"""{"protected":"{{header}}","payload":"{{payload}}","signature":"{{Base64Url.EncodeToString(signature)}}"}""");
    }

    /// <summary>X.509's SEQUENCE of r and s as the two numbers side by side (RFC 7518 section 3.4).</summary>
    private static byte[] Concatenated(byte[] der, int size)
    {
        var sequence = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        var both = new byte[2 * size];
        Put(sequence, both.AsSpan(0, size));
        Put(sequence, both.AsSpan(size));
        return both;

        static void Put(AsnReader from, Span<byte> to)
        {
            var number = from.ReadInteger().ToByteArray(isUnsigned: true, isBigEndian: true);
            number.CopyTo(to[(to.Length - number.Length)..]);
        }
    }
}
