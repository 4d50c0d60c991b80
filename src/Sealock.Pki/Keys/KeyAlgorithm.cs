// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Pki.Keys;

/// <summary>The kinds of key that are generated here. The default is <see cref="EcdsaP256"/>.</summary>
public enum KeyAlgorithm
{
    /// <summary>ECDSA on NIST P-256.</summary>
    EcdsaP256,

    /// <summary>ECDSA on NIST P-384.</summary>
    EcdsaP384,

    /// <summary>ECDSA on NIST P-521.</summary>
    EcdsaP521,

    /// <summary>RSA with a 2048-bit modulus.</summary>
    Rsa2048,

    /// <summary>RSA with a 3072-bit modulus.</summary>
    Rsa3072,

    /// <summary>RSA with a 4096-bit modulus.</summary>
    Rsa4096,

    /// <summary>RSA with an 8192-bit modulus.</summary>
    Rsa8192,
}

/// <summary>The family a public key belongs to.</summary>
public enum KeyKind
{
    /// <summary>A key type that is not known here; it can be neither verified nor certified.</summary>
    Unknown,

    /// <summary>RSA (rsaEncryption).</summary>
    Rsa,

    /// <summary>RSA restricted to PSS signatures (id-RSASSA-PSS).</summary>
    RsaPss,

    /// <summary>Elliptic curve on a named NIST curve.</summary>
    Ecdsa,

    /// <summary>Ed25519 (RFC 8410).</summary>
    Ed25519,
}
