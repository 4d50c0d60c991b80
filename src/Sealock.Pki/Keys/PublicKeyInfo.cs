// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using System.Security.Cryptography;
using Sealock.Pki.Pem;

namespace Sealock.Pki.Keys;

/// <summary>
/// A SubjectPublicKeyInfo as a value: what kind of key, how strong, and its DER. Equal where the DER is equal.
/// The handle for verifying is made once, on first use, and shared.
/// </summary>
public sealed class PublicKeyInfo : IEquatable<PublicKeyInfo>
{
    private readonly Lazy<SignatureVerifier> verifier;
    private readonly ReadOnlyMemory<byte> keyBits;

    private PublicKeyInfo(ReadOnlyMemory<byte> der, KeyKind kind, int bits, string? curve, ReadOnlyMemory<byte> keyBits)
    {
        Der = der;
        Kind = kind;
        Bits = bits;
        Curve = curve;
        this.keyBits = keyBits;
        verifier = new(() => SignatureVerifier.Create(this));
    }

    /// <summary>The DER of the SubjectPublicKeyInfo.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>The family of the key.</summary>
    public KeyKind Kind { get; }

    /// <summary>Size of the modulus or of the field, in bits; 0 where the kind is unknown.</summary>
    public int Bits { get; }

    /// <summary>The curve by its NIST name (<c>P-256</c>), or null.</summary>
    public string? Curve { get; }

    /// <summary>E.g. <c>ECDSA P-256</c>, <c>RSA 2048</c>, <c>Ed25519</c>.</summary>
    public string Description => Kind switch
    {
        KeyKind.Rsa => $"RSA {Bits}",
        KeyKind.RsaPss => $"RSA-PSS {Bits}",
        KeyKind.Ecdsa => $"ECDSA {Curve}",
        KeyKind.Ed25519 => "Ed25519",
        _ => "unknown key type",
    };

    /// <summary>True for RSA below 2048 bits and for P-224.</summary>
    public bool IsWeak => Kind is KeyKind.Rsa or KeyKind.RsaPss ? Bits < 2048 : Kind == KeyKind.Ecdsa && Bits < 256;

    /// <summary>Whether it is a key as <see cref="KeyPair.Generate"/> makes it for this algorithm.</summary>
    public bool IsOf(KeyAlgorithm algorithm) => algorithm switch
    {
        KeyAlgorithm.EcdsaP256 => Curve == "P-256",
        KeyAlgorithm.EcdsaP384 => Curve == "P-384",
        KeyAlgorithm.EcdsaP521 => Curve == "P-521",
        KeyAlgorithm.Rsa2048 => Kind == KeyKind.Rsa && Bits == 2048,
        KeyAlgorithm.Rsa3072 => Kind == KeyKind.Rsa && Bits == 3072,
        KeyAlgorithm.Rsa4096 => Kind == KeyKind.Rsa && Bits == 4096,
        _ => false,
    };

    internal SignatureVerifier Verifier => verifier.Value;

    /// <summary>
    /// The key identifier that goes into subjectKeyIdentifier: the leftmost 160 bits of the SHA-256 of the
    /// subjectPublicKey bits (RFC 7093 section 2, method 1).
    /// </summary>
    public byte[] ComputeKeyIdentifier() => SHA256.HashData(keyBits.Span)[..20];

    /// <summary>The SHA-256 of the DER, as in a public key pin.</summary>
    public byte[] ComputeSha256() => SHA256.HashData(Der.Span);

    /// <summary>
    /// Reads a SubjectPublicKeyInfo. RSA takes 1024 to 16384 bits and an odd exponent of 2 to 31 bits, as Go does; EC
    /// takes the named curves P-224, P-256, P-384 and P-521, never explicit parameters.
    /// </summary>
    /// <exception cref="PkiFormatException">The DER is malformed or the key is outside those bounds.</exception>
    public static PublicKeyInfo Parse(ReadOnlyMemory<byte> der)
    {
        if (der.Length > 16 * 1024)
            throw new PkiFormatException("expected a public key of at most 16 KiB");
        return Pki.Der.Parse("a SubjectPublicKeyInfo", der, reader => Read(reader, der));
    }

    /// <summary>The same for looking only: a key outside the bounds is of kind unknown, and verifies nothing.</summary>
    /// <exception cref="PkiFormatException">It is no SubjectPublicKeyInfo.</exception>
    internal static PublicKeyInfo ParseAny(ReadOnlyMemory<byte> der)
    {
        try
        {
            return Parse(der);
        }
        catch (PkiFormatException)
        {
            return Pki.Der.Parse("a SubjectPublicKeyInfo", der, outer =>
            {
                var sequence = outer.ReadSequence();
                sequence.ReadSequence().ReadObjectIdentifier();
                var bits = sequence.ReadBitString(out _);
                sequence.ThrowIfNotEmpty();
                return new PublicKeyInfo(der, KeyKind.Unknown, 0, null, bits);
            });
        }
    }

    /// <summary>Reads a <c>PUBLIC KEY</c> or <c>RSA PUBLIC KEY</c> PEM block.</summary>
    /// <exception cref="PkiFormatException">The text holds anything else.</exception>
    public static PublicKeyInfo FromPem(string pem)
    {
        var block = PemDocument.Parse(pem).Single(PemLabels.PublicKey, PemLabels.RsaPublicKey);
        if (block.Label == PemLabels.PublicKey)
            return Parse(block.Content);
        return Parse(WrapRsa(block.Content));
    }

    /// <summary>A PKCS#1 RSA public key as SubjectPublicKeyInfo.</summary>
    internal static byte[] WrapRsa(ReadOnlyMemory<byte> pkcs1) => Pki.Der.Write(writer =>
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Oids.Rsa);
                writer.WriteNull();
            }
            writer.WriteBitString(pkcs1.Span);
        }
    });

    /// <summary>The key as a <c>PUBLIC KEY</c> PEM block.</summary>
    public string ToPem() => PemText.Write(PemLabels.PublicKey, Der.Span);

    private static PublicKeyInfo Read(AsnReader outer, ReadOnlyMemory<byte> der)
    {
        var sequence = outer.ReadSequence();
        var algorithm = sequence.ReadSequence();
        var bits = sequence.ReadBitString(out var unused);
        sequence.ThrowIfNotEmpty();
        if (unused != 0)
            throw new PkiFormatException("expected a public key of whole bytes");

        var oid = algorithm.ReadObjectIdentifier();
        switch (oid)
        {
            case Oids.Rsa or Oids.RsaPss:
                if (oid == Oids.Rsa)
                    algorithm.ReadNull();
                else if (algorithm.HasData)
                    algorithm.ReadEncodedValue();
                algorithm.ThrowIfNotEmpty();
                var size = ReadRsaSize(bits);
                return new(der, oid == Oids.Rsa ? KeyKind.Rsa : KeyKind.RsaPss, size, null, bits);
            case Oids.EcPublicKey:
                if (!algorithm.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier))
                    throw new PkiFormatException("expected a named curve, not explicit curve parameters");
                var (name, fieldBits) = CurveOf(algorithm.ReadObjectIdentifier());
                algorithm.ThrowIfNotEmpty();
                var coordinate = (fieldBits + 7) / 8;
                if (bits.Length != 1 + (2 * coordinate) || bits[0] != 4)
                    throw new PkiFormatException($"expected an uncompressed point on {name}");
                return new(der, KeyKind.Ecdsa, fieldBits, name, bits);
            case Oids.Ed25519:
                algorithm.ThrowIfNotEmpty();
                if (bits.Length != 32)
                    throw new PkiFormatException("expected an Ed25519 key of 32 bytes");
                return new(der, KeyKind.Ed25519, 256, null, bits);
            default:
                return new(der, KeyKind.Unknown, 0, null, bits);
        }
    }

    private static int ReadRsaSize(byte[] key)
    {
        var outer = new AsnReader(key, AsnEncodingRules.DER);
        var sequence = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var modulus = sequence.ReadInteger();
        var exponent = sequence.ReadInteger();
        sequence.ThrowIfNotEmpty();
        if (modulus.Sign <= 0)
            throw new PkiFormatException("expected a positive RSA modulus");
        var size = (int)modulus.GetBitLength();
        if (size is < 1024 or > 16384)
            throw new PkiFormatException($"expected an RSA modulus of 1024 to 16384 bits, got {size}");
        if (exponent < 3 || exponent > int.MaxValue || exponent.IsEven)
            throw new PkiFormatException("expected an odd RSA exponent of at least 3 and less than 2^31");
        return size;
    }

    private static (string Name, int Bits) CurveOf(string oid) => oid switch
    {
        Oids.P224 => ("P-224", 224),
        Oids.P256 => ("P-256", 256),
        Oids.P384 => ("P-384", 384),
        Oids.P521 => ("P-521", 521),
        _ => throw new PkiFormatException($"expected one of the curves P-224, P-256, P-384, P-521, got {oid}"),
    };

    /// <inheritdoc/>
    public bool Equals(PublicKeyInfo? other) => other is not null && Der.Span.SequenceEqual(other.Der.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PublicKeyInfo);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Der.Span);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => Description;
}
