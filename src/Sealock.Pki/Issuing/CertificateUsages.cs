// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;

namespace Sealock.Pki.Issuing;

/// <summary>
/// Key usages and key purposes together, and their 23 names in Kubernetes (<c>digital signature</c>,
/// <c>client auth</c>, …).
/// </summary>
public sealed record CertificateUsages
{
    private static readonly (string Name, X509KeyUsageFlags Flag, string? Purpose)[] Table =
    [
        ("signing", X509KeyUsageFlags.DigitalSignature, null),
        ("digital signature", X509KeyUsageFlags.DigitalSignature, null),
        ("content commitment", X509KeyUsageFlags.NonRepudiation, null),
        ("key encipherment", X509KeyUsageFlags.KeyEncipherment, null),
        ("key agreement", X509KeyUsageFlags.KeyAgreement, null),
        ("data encipherment", X509KeyUsageFlags.DataEncipherment, null),
        ("cert sign", X509KeyUsageFlags.KeyCertSign, null),
        ("crl sign", X509KeyUsageFlags.CrlSign, null),
        ("encipher only", X509KeyUsageFlags.EncipherOnly, null),
        ("decipher only", X509KeyUsageFlags.DecipherOnly, null),
        ("any", X509KeyUsageFlags.None, Certificates.KeyPurposes.Any),
        ("server auth", X509KeyUsageFlags.None, Certificates.KeyPurposes.ServerAuth),
        ("client auth", X509KeyUsageFlags.None, Certificates.KeyPurposes.ClientAuth),
        ("code signing", X509KeyUsageFlags.None, Certificates.KeyPurposes.CodeSigning),
        ("email protection", X509KeyUsageFlags.None, Certificates.KeyPurposes.EmailProtection),
        ("s/mime", X509KeyUsageFlags.None, Certificates.KeyPurposes.EmailProtection),
        ("ipsec end system", X509KeyUsageFlags.None, Certificates.KeyPurposes.IpsecEndSystem),
        ("ipsec tunnel", X509KeyUsageFlags.None, Certificates.KeyPurposes.IpsecTunnel),
        ("ipsec user", X509KeyUsageFlags.None, Certificates.KeyPurposes.IpsecUser),
        ("timestamping", X509KeyUsageFlags.None, Certificates.KeyPurposes.TimeStamping),
        ("ocsp signing", X509KeyUsageFlags.None, Certificates.KeyPurposes.OcspSigning),
        ("microsoft sgc", X509KeyUsageFlags.None, Certificates.KeyPurposes.MicrosoftSgc),
        ("netscape sgc", X509KeyUsageFlags.None, Certificates.KeyPurposes.NetscapeSgc),
    ];

    private static readonly FrozenDictionary<string, (X509KeyUsageFlags Flag, string? Purpose)> ByName =
        Table.ToFrozenDictionary(row => row.Name, row => (row.Flag, row.Purpose), StringComparer.Ordinal);

    /// <summary>The keyUsage bits.</summary>
    public X509KeyUsageFlags KeyUsage { get; init; }

    /// <summary>The extendedKeyUsage purposes as OIDs, in order.</summary>
    public IReadOnlyList<string> KeyPurposes { get; init; } = [];

    /// <summary>The 23 names Kubernetes knows, in its order.</summary>
    public static IReadOnlyList<string> KnownNames { get; } = [.. Table.Select(row => row.Name)];

    /// <summary>True for one of the 23 names (case-sensitive).</summary>
    public static bool IsKnown(string name) => ByName.ContainsKey(name);

    /// <summary>The usages of Kubernetes' names.</summary>
    /// <exception cref="PkiFormatException">A name is not known; the message names it.</exception>
    public static CertificateUsages FromNames(params IEnumerable<string> names)
    {
        var flags = X509KeyUsageFlags.None;
        var purposes = new List<string>();
        foreach (var name in names)
        {
            if (!ByName.TryGetValue(name, out var usage))
                throw new PkiFormatException($"expected one of the usages Kubernetes knows, got '{name}'");
            flags |= usage.Flag;
            if (usage.Purpose is { } purpose && !purposes.Contains(purpose))
                purposes.Add(purpose);
        }
        return new() { KeyUsage = flags, KeyPurposes = purposes };
    }

    /// <summary>
    /// Kubernetes' names for these usages (<c>digital signature</c> and <c>email protection</c> rather than their
    /// synonyms); purposes without a name by OID.
    /// </summary>
    public IReadOnlyList<string> ToNames() =>
    [
        .. Table.Where(row => row.Name != "signing" && row.Flag != 0 && KeyUsage.HasFlag(row.Flag)).Select(row => row.Name),
        .. KeyPurposes.Select(Certificates.KeyPurposes.NameOf),
    ];

    /// <summary>The same usages whatever the order of purposes.</summary>
    public bool Equals(CertificateUsages? other) =>
        other is not null && KeyUsage == other.KeyUsage && KeyPurposes.ToHashSet().SetEquals(other.KeyPurposes);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(KeyUsage, KeyPurposes.Count);
}
