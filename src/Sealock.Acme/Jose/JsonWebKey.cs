// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using Sealock.Pki;
using Sealock.Pki.Keys;

namespace Sealock.Acme.Jose;

/// <summary>A public key as a JSON Web Key (RFC 7517), in the one form that its thumbprint is taken of (RFC 7638).</summary>
public static class JsonWebKey
{
    /// <summary>
    /// The required members only, in lexicographic order and without white space: fit for a <c>jwk</c> header and for hashing.
    /// </summary>
    /// <exception cref="PkiFormatException">The key is neither RSA nor on P-256, P-384 or P-521.</exception>
    public static string Write(PublicKeyInfo key)
    {
        var bits = new AsnReader(key.Der, AsnEncodingRules.DER).ReadSequence();
        bits.ReadSequence();
        var content = bits.ReadBitString(out _);
        switch (key)
        {
            case { Kind: KeyKind.Ecdsa, Curve: "P-256" or "P-384" or "P-521" }:
                // An uncompressed point, as PublicKeyInfo has made sure: 04, x, y.
                var half = (content.Length - 1) / 2;
                var (x, y) = (Base64Url.EncodeToString(content.AsSpan(1, half)), Base64Url.EncodeToString(content.AsSpan(1 + half)));
                return $$"""{"crv":"{{key.Curve}}","kty":"EC","x":"{{x}}","y":"{{y}}"}""";
            case { Kind: KeyKind.Rsa }:
                var numbers = new AsnReader(content, AsnEncodingRules.DER).ReadSequence();
                var (modulus, exponent) = (Unsigned(numbers), Unsigned(numbers));
                return $$"""{"e":"{{exponent}}","kty":"RSA","n":"{{modulus}}"}""";
            default:
                throw new PkiFormatException($"expected an RSA or ECDSA key (P-256, P-384, P-521), got {key.Description}");
        }
    }

    /// <summary>The SHA-256 thumbprint in base64url (RFC 7638 section 3).</summary>
    /// <exception cref="PkiFormatException">The key is neither RSA nor on P-256, P-384 or P-521.</exception>
    public static string Thumbprint(PublicKeyInfo key) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Write(key))));

    private static string Unsigned(AsnReader reader) =>
        Base64Url.EncodeToString(reader.ReadInteger().ToByteArray(isUnsigned: true, isBigEndian: true));
}
