// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;

namespace Sealock.Pki.Keystores;

/// <summary>How the parts of a PKCS#12 container are encrypted.</summary>
internal enum Pkcs12Cipher
{
    /// <summary>RC2 with 40 bits: what Java 8 and old Windows read.</summary>
    Rc2With40Bits,

    /// <summary>Triple DES.</summary>
    TripleDes,

    /// <summary>AES-256 in CBC mode, the key by PBKDF2 with HMAC-SHA-256.</summary>
    Aes256,
}

/// <summary>
/// The algorithms of a PKCS#12 container. Readers differ: the legacy profiles are read by everything and protect little, so the
/// container must be kept as secret as its key.
/// </summary>
public sealed record Pkcs12Profile
{
    private const int Rounds = 2048;

    private Pkcs12Profile(string name) => Name = name;

    /// <summary>Certificates under RC2, the key under Triple DES, a MAC by SHA-1: cert-manager's default.</summary>
    public static Pkcs12Profile LegacyRc2 { get; } = new("LegacyRC2")
    {
        Certificates = Pkcs12Cipher.Rc2With40Bits,
        Key = Pkcs12Cipher.TripleDes,
        MacHash = HashAlgorithmName.SHA1,
    };

    /// <summary>Triple DES throughout, a MAC by SHA-1.</summary>
    public static Pkcs12Profile LegacyDes { get; } = new("LegacyDES")
    {
        Certificates = Pkcs12Cipher.TripleDes,
        Key = Pkcs12Cipher.TripleDes,
        MacHash = HashAlgorithmName.SHA1,
    };

    /// <summary>AES-256 and a MAC by SHA-256: OpenSSL 1.1, Java 8u301 and Windows Server 2019 on.</summary>
    public static Pkcs12Profile Modern2023 { get; } = new("Modern2023");

    /// <summary>AES-256 and PBMAC1 (RFC 9579): OpenSSL 3.4 and Java 26 on.</summary>
    public static Pkcs12Profile Modern2026 { get; } = new("Modern2026") { UsesPbmac1 = true };

    /// <summary>The name of the profile.</summary>
    public string Name { get; }

    internal Pkcs12Cipher Certificates { get; private init; } = Pkcs12Cipher.Aes256;

    internal Pkcs12Cipher Key { get; private init; } = Pkcs12Cipher.Aes256;

    internal HashAlgorithmName MacHash { get; private init; } = HashAlgorithmName.SHA256;

    internal bool UsesPbmac1 { get; private init; }

    internal int Iterations { get; } = Rounds;

    /// <summary>The profile of a name; an unknown or empty one means <see cref="LegacyRc2"/>.</summary>
    public static Pkcs12Profile Named(string name) => name switch
    {
        "LegacyDES" => LegacyDes,
        "Modern2023" => Modern2023,
        "Modern2026" => Modern2026,
        _ => LegacyRc2,
    };
}
