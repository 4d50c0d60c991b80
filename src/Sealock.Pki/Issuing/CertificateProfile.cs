// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Pki.Issuing;

/// <summary>What a certificate is for: its usages, whether it is a CA, and how long it lives unless told otherwise.</summary>
public sealed record CertificateProfile
{
    /// <summary>The profile's name in messages and configuration.</summary>
    public required string Name { get; init; }

    /// <summary>Key purposes as OIDs; none means any purpose (for CAs).</summary>
    public IReadOnlyList<string> KeyPurposes { get; init; } = [];

    /// <summary>
    /// The keyUsage bits, or null for what suits the key: digitalSignature, and keyEncipherment beside it for RSA;
    /// certSign and cRLSign for a CA.
    /// </summary>
    public X509KeyUsageFlags? KeyUsage { get; init; }

    /// <summary>True for a CA.</summary>
    public bool IsCa { get; init; }

    /// <summary>How many CAs may stand below (CAs only); null for no limit of its own.</summary>
    public int? PathLength { get; init; }

    /// <summary>The lifetime where the request names none.</summary>
    public TimeSpan DefaultLifetime { get; init; } = TimeSpan.FromDays(365);

    /// <summary>A TLS server.</summary>
    public static CertificateProfile Server { get; } = new() { Name = "server", KeyPurposes = [Certificates.KeyPurposes.ServerAuth] };

    /// <summary>A TLS client.</summary>
    public static CertificateProfile Client { get; } = new() { Name = "client", KeyPurposes = [Certificates.KeyPurposes.ClientAuth] };

    /// <summary>Both at once, as etcd members need.</summary>
    public static CertificateProfile Peer { get; } = new()
    {
        Name = "peer",
        KeyPurposes = [Certificates.KeyPurposes.ServerAuth, Certificates.KeyPurposes.ClientAuth],
    };

    /// <summary>A certificate authority, ten years.</summary>
    public static CertificateProfile Ca { get; } = new()
    {
        Name = "ca",
        IsCa = true,
        DefaultLifetime = TimeSpan.FromDays(3650),
    };

    /// <summary>
    /// Exactly these usages (Kubernetes' CSRs, cert-manager's <c>usages</c>); for a CA certSign and cRLSign beside them, so that it can
    /// revoke what it signs.
    /// </summary>
    public static CertificateProfile Custom(CertificateUsages usages, bool isCa = false) => new()
    {
        Name = "custom",
        KeyUsage = isCa ? usages.KeyUsage | X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign : usages.KeyUsage,
        KeyPurposes = usages.KeyPurposes,
        IsCa = isCa,
    };

    /// <summary>The keyUsage bits for a key of this kind.</summary>
    public X509KeyUsageFlags KeyUsageFor(KeyKind kind) => (KeyUsage, IsCa) switch
    {
        (null, true) => X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign,
        ({ } usage, true) => usage | X509KeyUsageFlags.KeyCertSign,
        (null, false) when kind == KeyKind.Rsa => X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment,
        (null, false) => X509KeyUsageFlags.DigitalSignature,
        ({ } usage, false) => usage,
    };
}
