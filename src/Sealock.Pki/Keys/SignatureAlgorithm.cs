// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Sealock.Pki.Keys;

/// <summary>How a signature is made.</summary>
public enum SignatureScheme
{
    /// <summary>An algorithm that is not known here.</summary>
    Unknown,

    /// <summary>RSA with PKCS#1 v1.5 padding.</summary>
    RsaPkcs1,

    /// <summary>RSA with PSS padding, the salt as long as the hash.</summary>
    RsaPss,

    /// <summary>ECDSA, the signature as a DER sequence.</summary>
    Ecdsa,

    /// <summary>Ed25519.</summary>
    Ed25519,
}

/// <summary>A signature algorithm of X.509: scheme, hash, and its AlgorithmIdentifier in DER.</summary>
public sealed record SignatureAlgorithm
{
    private SignatureAlgorithm(string name, string oid, SignatureScheme scheme, HashAlgorithmName hash, byte[] der) =>
        (Name, Oid, Scheme, Hash, Der) = (name, oid, scheme, hash, der);

    /// <summary>The name Go and most tools print, e.g. <c>ECDSA-SHA256</c>; the OID where unknown.</summary>
    public string Name { get; }

    /// <summary>The object identifier.</summary>
    public string Oid { get; }

    /// <summary>How the signature is made.</summary>
    public SignatureScheme Scheme { get; }

    /// <summary>The hash; the default value for Ed25519 and unknown algorithms.</summary>
    public HashAlgorithmName Hash { get; }

    /// <summary>The AlgorithmIdentifier.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>True for MD2, MD5 and SHA-1: not accepted in any chain.</summary>
    public bool IsInsecure => Hash == HashAlgorithmName.SHA1 || IsBroken;

    /// <summary>True for MD2 and MD5: not accepted at all.</summary>
    public bool IsBroken => Hash == HashAlgorithmName.MD5 || Name == "MD2-RSA";

    /// <summary>ECDSA with SHA-256.</summary>
    public static SignatureAlgorithm EcdsaSha256 { get; } = Ecdsa("ECDSA-SHA256", "1.2.840.10045.4.3.2", HashAlgorithmName.SHA256);

    /// <summary>ECDSA with SHA-384.</summary>
    public static SignatureAlgorithm EcdsaSha384 { get; } = Ecdsa("ECDSA-SHA384", "1.2.840.10045.4.3.3", HashAlgorithmName.SHA384);

    /// <summary>ECDSA with SHA-512.</summary>
    public static SignatureAlgorithm EcdsaSha512 { get; } = Ecdsa("ECDSA-SHA512", "1.2.840.10045.4.3.4", HashAlgorithmName.SHA512);

    /// <summary>RSA PKCS#1 v1.5 with SHA-256.</summary>
    public static SignatureAlgorithm RsaSha256 { get; } = Rsa("SHA256-RSA", "1.2.840.113549.1.1.11", HashAlgorithmName.SHA256);

    /// <summary>RSA PKCS#1 v1.5 with SHA-384.</summary>
    public static SignatureAlgorithm RsaSha384 { get; } = Rsa("SHA384-RSA", "1.2.840.113549.1.1.12", HashAlgorithmName.SHA384);

    /// <summary>RSA PKCS#1 v1.5 with SHA-512.</summary>
    public static SignatureAlgorithm RsaSha512 { get; } = Rsa("SHA512-RSA", "1.2.840.113549.1.1.13", HashAlgorithmName.SHA512);

    /// <summary>RSA PSS with SHA-256.</summary>
    public static SignatureAlgorithm RsaPssSha256 { get; } = Pss("SHA256-RSAPSS", HashAlgorithmName.SHA256, Oids.Sha256, 32);

    /// <summary>RSA PSS with SHA-384.</summary>
    public static SignatureAlgorithm RsaPssSha384 { get; } = Pss("SHA384-RSAPSS", HashAlgorithmName.SHA384, Oids.Sha384, 48);

    /// <summary>RSA PSS with SHA-512.</summary>
    public static SignatureAlgorithm RsaPssSha512 { get; } = Pss("SHA512-RSAPSS", HashAlgorithmName.SHA512, Oids.Sha512, 64);

    /// <summary>Ed25519 (verification only).</summary>
    public static SignatureAlgorithm Ed25519 { get; } =
        Plain("Ed25519", Oids.Ed25519, SignatureScheme.Ed25519, default, withNull: false);

    private static readonly SignatureAlgorithm[] Known =
    [
        EcdsaSha256, EcdsaSha384, EcdsaSha512, RsaSha256, RsaSha384, RsaSha512, Ed25519,
        Ecdsa("ECDSA-SHA1", "1.2.840.10045.4.1", HashAlgorithmName.SHA1),
        Rsa("SHA1-RSA", "1.2.840.113549.1.1.5", HashAlgorithmName.SHA1),
        Rsa("SHA1-RSA", "1.3.14.3.2.29", HashAlgorithmName.SHA1),
        Rsa("MD5-RSA", "1.2.840.113549.1.1.4", HashAlgorithmName.MD5),
        Rsa("MD2-RSA", "1.2.840.113549.1.1.2", default),
    ];

    /// <summary>The algorithm a key signs with unless told otherwise: the hash as strong as the key.</summary>
    /// <exception cref="ArgumentException">Keys of that kind do not sign here.</exception>
    public static SignatureAlgorithm DefaultFor(PublicKeyInfo key) => key switch
    {
        { Kind: KeyKind.Ecdsa, Bits: <= 256 } => EcdsaSha256,
        { Kind: KeyKind.Ecdsa, Bits: 384 } => EcdsaSha384,
        { Kind: KeyKind.Ecdsa } => EcdsaSha512,
        { Kind: KeyKind.Rsa } => RsaSha256,
        { Kind: KeyKind.RsaPss } => RsaPssSha256,
        { Kind: KeyKind.Ed25519 } => Ed25519,
        _ => throw new ArgumentException($"no signature algorithm for a key of type {key.Description}", nameof(key)),
    };

    /// <summary>Reads the next AlgorithmIdentifier; an unknown one is a value, not a fault.</summary>
    internal static SignatureAlgorithm Read(AsnReader reader)
    {
        var der = reader.PeekEncodedValue();
        var sequence = reader.ReadSequence();
        var oid = sequence.ReadObjectIdentifier();
        if (oid == Oids.RsaPss)
        {
            foreach (var pss in (ReadOnlySpan<SignatureAlgorithm>)[RsaPssSha256, RsaPssSha384, RsaPssSha512])
                if (der.Span.SequenceEqual(pss.Der.Span))
                    return pss;
            return new("RSA-PSS with unusual parameters", oid, SignatureScheme.Unknown, default, der.ToArray());
        }
        var parameters = sequence.HasData ? sequence.ReadEncodedValue() : default;
        sequence.ThrowIfNotEmpty();
        var plain = parameters.Length == 0 || parameters.Span.SequenceEqual((ReadOnlySpan<byte>)[5, 0]);
        if (plain)
            foreach (var known in Known)
                if (known.Oid == oid)
                    return known;
        return new(oid, oid, SignatureScheme.Unknown, default, der.ToArray());
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static SignatureAlgorithm Ecdsa(string name, string oid, HashAlgorithmName hash) =>
        Plain(name, oid, SignatureScheme.Ecdsa, hash, withNull: false);

    private static SignatureAlgorithm Rsa(string name, string oid, HashAlgorithmName hash) =>
        Plain(name, oid, SignatureScheme.RsaPkcs1, hash, withNull: true);

    private static SignatureAlgorithm Plain(string name, string oid, SignatureScheme scheme, HashAlgorithmName hash, bool withNull) =>
        new(name, oid, scheme, hash, Pki.Der.Write(writer =>
        {
            using var _ = writer.PushSequence();
            writer.WriteObjectIdentifier(oid);
            if (withNull)
                writer.WriteNull();
        }));

    private static SignatureAlgorithm Pss(string name, HashAlgorithmName hash, string hashOid, int saltLength) =>
        new(name, Oids.RsaPss, SignatureScheme.RsaPss, hash, Pki.Der.Write(writer =>
        {
            using var _ = writer.PushSequence();
            writer.WriteObjectIdentifier(Oids.RsaPss);
            using var parameters = writer.PushSequence();
            using (writer.PushSequence(Pki.Der.Context0))
                WriteHash(writer);
            using (writer.PushSequence(Pki.Der.Context1))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Oids.Mgf1);
                WriteHash(writer);
            }
            using (writer.PushSequence(Pki.Der.Context2))
                writer.WriteInteger(saltLength);

            void WriteHash(AsnWriter to)
            {
                using var hashIdentifier = to.PushSequence();
                to.WriteObjectIdentifier(hashOid);
                to.WriteNull();
            }
        }));
}
