// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using Sealock.Pki.Keys;

namespace Sealock.Pki.Inspection;

/// <summary>What a public key is, as plain values; also of keys that are not accepted anywhere here.</summary>
public sealed record KeyFacts
{
    /// <summary>The family: <c>RSA</c>, <c>RSA-PSS</c>, <c>ECDSA</c>, <c>Ed25519</c>, <c>Ed448</c>, <c>DSA</c>…, or the OID.</summary>
    public required string Algorithm { get; init; }

    /// <summary>Bits of the modulus or of the field; 0 where unknown.</summary>
    public required int Bits { get; init; }

    /// <summary>The curve's name or OID; null where the key has none.</summary>
    public required string? Curve { get; init; }

    /// <summary>In short: <c>ECDSA P-256</c>, <c>RSA 2048</c>, <c>Ed25519</c>.</summary>
    public required string Description { get; init; }

    /// <summary>SHA-256 of the SubjectPublicKeyInfo in lower-case hexadecimal: the same for certificate, request and key.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Why the key should not be used, in plain words; null where nothing speaks against it.</summary>
    public required string? Problem { get; init; }

    /// <summary>Describes a key.</summary>
    public static KeyFacts Of(PublicKeyInfo key)
    {
        var sha256 = Convert.ToHexStringLower(key.ComputeSha256());
        if (key.Kind == KeyKind.Unknown)
            return Der.Parse("a public key", key.Der, reader => OfUnknown(reader, sha256));
        return new()
        {
            Algorithm = key.Kind switch
            {
                KeyKind.Rsa => "RSA",
                KeyKind.RsaPss => "RSA-PSS",
                KeyKind.Ecdsa => "ECDSA",
                _ => key.Description,
            },
            Bits = key.Bits,
            Curve = key.Curve,
            Description = key.Description,
            Sha256 = sha256,
            Problem = key.IsWeak ? $"the key is weak ({key.Description})" : null,
        };
    }

    /// <summary>A SubjectPublicKeyInfo that is outside the bounds of what is accepted, told as far as it can be.</summary>
    private static KeyFacts OfUnknown(AsnReader outer, string sha256)
    {
        var sequence = outer.ReadSequence();
        var algorithm = sequence.ReadSequence();
        var bits = sequence.ReadBitString(out _);
        var oid = algorithm.ReadObjectIdentifier();
        var (size, curve) = SizeAndCurve(oid, algorithm, bits);
        var name = oid == Oids.EcPublicKey ? "ECDSA" : OidNames.NameOf(oid);
        var description = curve is not null ? $"{name} {curve}" : size > 0 && oid != Oids.Ed448 ? $"{name} {size}" : name;
        return new()
        {
            Algorithm = name,
            Bits = size,
            Curve = curve,
            Description = description,
            Sha256 = sha256,
            Problem = $"the key ({description}) is of a kind or size that Kubernetes does not accept",
        };
    }

    private static (int Bits, string? Curve) SizeAndCurve(string oid, AsnReader parameters, byte[] key)
    {
        try
        {
            return oid switch
            {
                Oids.Rsa or Oids.RsaPss => (BitsOfFirstInteger(new AsnReader(key, AsnEncodingRules.BER)), null),
                Oids.Dsa when parameters.HasData => (BitsOfFirstInteger(parameters), null),
                Oids.Ed448 => (456, null),
                Oids.EcPublicKey when parameters.HasData && parameters.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier) =>
                    (0, OidNames.NameOf(parameters.ReadObjectIdentifier())),
                Oids.EcPublicKey => (0, "explicit parameters"),
                _ => (0, null),
            };
        }
        catch (AsnContentException)
        {
            return (0, null);
        }
    }

    private static int BitsOfFirstInteger(AsnReader reader) => (int)reader.ReadSequence().ReadInteger().GetBitLength();
}
