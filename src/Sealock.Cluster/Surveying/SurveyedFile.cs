// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Pki.Certificates;
using Sealock.Pki.Files;

namespace Sealock.Cluster.Surveying;

/// <summary>One file as it was found.</summary>
public sealed record SurveyedFile
{
    /// <summary>The node; empty where it is not known, and in the folder of authorities.</summary>
    public required string Node { get; init; }

    /// <summary>Where it stands here.</summary>
    public required string Path { get; init; }

    /// <summary>Where it stands on its node.</summary>
    public required string PathOnNode { get; init; }

    /// <summary>What it is for.</summary>
    public required FileRole Role { get; init; }

    /// <summary>The plan's entry; null where the plan does not name it, or there is none.</summary>
    public PlannedFile? Planned { get; init; }

    /// <summary>Its permissions.</summary>
    public UnixFileMode Mode { get; init; }

    /// <summary>Its owner, where it is a secret on the machine that uses it; null elsewhere: in a set files are whoever's keeps it.</summary>
    public FileOwner? Owner { get; init; }

    /// <summary>Its length in bytes.</summary>
    public long Length { get; init; }

    /// <summary>What was found in it.</summary>
    public required FileBody Body { get; init; }

    /// <summary>True where a plan names it and it is not there.</summary>
    public bool IsMissing => Body is NoBody { Problem: null };

    /// <summary>PEM blocks in it; null where it holds anything else.</summary>
    public PemBody? Pem => Body as PemBody;

    /// <summary>True where it holds a private key, a token or a password.</summary>
    public bool IsSecret => Role.Kind is RoleKind.AuthorityKey or RoleKind.LeafKey or RoleKind.ServiceAccountKey or RoleKind.SecretSetting
        || Pem is { PrivateKeys.Count: > 0 }
        || Body is KubeconfigBody { Target.User: { } user } && (user.Token.Length > 0 || user.ClientKeyData.Length > 0);

    /// <inheritdoc/>
    public override string ToString() => Path;
}

/// <summary>A leaf certificate as it was found, with its key and who signed it.</summary>
public sealed record SurveyedLeaf
{
    /// <summary>The file that holds it.</summary>
    public required SurveyedFile File { get; init; }

    /// <summary>What it must be; null where nothing is known of it.</summary>
    public required ExpectedLeaf? Expected { get; init; }

    /// <summary>The certificate.</summary>
    public required Certificate Certificate { get; init; }

    /// <summary>What stands after it in the file.</summary>
    public IReadOnlyList<Certificate> Above { get; init; } = [];

    /// <summary>The file that holds its key; null where there is none.</summary>
    public SurveyedFile? KeyFile { get; init; }

    /// <summary>Its key; null where there is none.</summary>
    public SurveyedKey? Key { get; init; }

    /// <summary>Who signed it.</summary>
    public required IssuerAnswer Issuer { get; init; }

    /// <summary>The certificate's name: the plan's, or the file's.</summary>
    public string Name => Expected is { IsPlanned: true } or { Name: "kubelet-serving" } ? Expected.Name
        : File.Body is KubeconfigBody ? System.IO.Path.GetFileName(File.Path)
        : RoleNames.Stem(System.IO.Path.GetFileName(File.Path)).Stem is var stem && System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(File.Path)) == "etcd"
            ? "etcd-" + stem : stem;

    /// <summary>The name in messages, with the node's before it.</summary>
    public string Title => File.Node.Length == 0 ? Name : $"{File.Node}/{Name}";

    /// <inheritdoc/>
    public override string ToString() => Title;
}

/// <summary>A CA certificate as it was found.</summary>
/// <param name="File">The file that holds it.</param>
/// <param name="Certificate">The certificate.</param>
/// <param name="Index">Its place among the certificates of the file, from 0.</param>
public sealed record SurveyedAuthority(SurveyedFile File, Certificate Certificate, int Index)
{
    /// <summary>The authority; null where it is none of a cluster's.</summary>
    public PlannedAuthority? Authority => File.Role.Authority;

    /// <summary>The name in messages, with the node's before it.</summary>
    public string Title
    {
        get
        {
            var name = Authority?.Name ?? System.IO.Path.GetFileNameWithoutExtension(File.Path);
            return File.Node.Length == 0 ? name : $"{File.Node}/{name}";
        }
    }
}
