// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Pki.Certificates;

namespace Sealock.Cluster.Surveying;

/// <summary>What a file of a cluster is for.</summary>
public enum RoleKind
{
    /// <summary>Not known: neither planned nor of a usual name.</summary>
    Unknown,

    /// <summary>The certificates of an authority that are trusted.</summary>
    AuthorityBundle,

    /// <summary>The one certificate of an authority that signs.</summary>
    SigningCertificate,

    /// <summary>The private key of an authority.</summary>
    AuthorityKey,

    /// <summary>A leaf certificate, and what stands between it and what is trusted.</summary>
    Leaf,

    /// <summary>The private key of a leaf.</summary>
    LeafKey,

    /// <summary>A kubeconfig.</summary>
    Kubeconfig,

    /// <summary>The key that signs service account tokens.</summary>
    ServiceAccountKey,

    /// <summary>The keys that verify service account tokens.</summary>
    ServiceAccountPublicKeys,

    /// <summary>Settings of a component.</summary>
    Setting,

    /// <summary>Settings with secrets in them.</summary>
    SecretSetting,
}

/// <summary>What a file is for: as a plan says, or as its name tells.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Authority">The authority, where the file is one's.</param>
/// <param name="Leaf">What the certificate must be, where the file carries one or its key.</param>
/// <param name="Server">The URL that a kubeconfig must have; null: not known.</param>
public sealed record FileRole(RoleKind Kind, PlannedAuthority? Authority = null, ExpectedLeaf? Leaf = null, string? Server = null)
{
    /// <summary>A file of which nothing is known.</summary>
    public static FileRole None { get; } = new(RoleKind.Unknown);

    /// <summary>What a planned file is for.</summary>
    public static FileRole Of(PlannedFile planned) => planned.Content switch
    {
        AuthorityBundle bundle => new(RoleKind.AuthorityBundle, bundle.Authority),
        AuthorityCertificate certificate => new(RoleKind.SigningCertificate, certificate.Authority),
        AuthorityKey key => new(RoleKind.AuthorityKey, key.Authority),
        LeafCertificate leaf => new(RoleKind.Leaf, leaf.Certificate.Authority, ExpectedLeaf.Of(leaf.Certificate)),
        LeafKey leaf => new(RoleKind.LeafKey, leaf.Certificate.Authority, ExpectedLeaf.Of(leaf.Certificate)),
        LeafKubeconfig leaf => new(RoleKind.Kubeconfig, leaf.Certificate.Authority, ExpectedLeaf.Of(leaf.Certificate), leaf.Server),
        ServiceAccountKey => new(RoleKind.ServiceAccountKey),
        ServiceAccountPublicKeys => new(RoleKind.ServiceAccountPublicKeys),
        SecretSetting => new(RoleKind.SecretSetting),
        _ => new(RoleKind.Setting),
    };
}

/// <summary>What a component needs of its certificate.</summary>
public sealed record ExpectedLeaf
{
    /// <summary>The certificate's name on the command line: <c>apiserver</c>, <c>admin.conf</c>…</summary>
    public required string Name { get; init; }

    /// <summary>Who must have signed it; null where anyone may.</summary>
    public PlannedAuthority? Authority { get; init; }

    /// <summary>The common name; null where any will do.</summary>
    public string? CommonName { get; init; }

    /// <summary>What the common name must start with, where <see cref="CommonName"/> is not known.</summary>
    public string? CommonNamePrefix { get; init; }

    /// <summary>Organizations of which each list must have one in the certificate; empty where any will do.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Organizations { get; init; } = [];

    /// <summary>The extended key usages that it needs, as OIDs.</summary>
    public required IReadOnlyList<string> Purposes { get; init; }

    /// <summary>The names that it must have.</summary>
    public IReadOnlyList<GeneralName> Names { get; init; } = [];

    /// <summary>True where a configuration says all this; false where a file's name does.</summary>
    public bool IsPlanned { get; init; }

    /// <summary>True where TLS shows it as a server's.</summary>
    public bool IsServer => Purposes.Contains(KeyPurposes.ServerAuth);

    /// <summary>What a plan asks for.</summary>
    public static ExpectedLeaf Of(PlannedCertificate planned) => new()
    {
        Name = planned.Name,
        Authority = planned.Authority,
        CommonName = planned.Subject.CommonName,
        Organizations = [.. planned.Subject.Organizations.Select(Equivalents)],
        Purposes = planned.Profile.KeyPurposes,
        Names = planned.Names,
        IsPlanned = true,
    };

    /// <summary>Older clusters have their administrators in the group that RBAC cannot restrict.</summary>
    private static IReadOnlyList<string> Equivalents(string organization) =>
        organization == CertificateTable.Administrators ? [organization, "system:masters"] : [organization];
}
