// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Pki.Pem;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Making;

/// <summary>What the files of all nodes are composed from, beside the leaves.</summary>
public sealed record SetMaterial
{
    /// <summary>The roles of every authority, by name.</summary>
    public required IReadOnlyDictionary<string, AuthorityRoles> Roles { get; init; }

    /// <summary>
    /// The keys of authorities as they stand, in PEM, by name; absent where a key is kept elsewhere or under a passphrase:
    /// who may read a node's files must not get what the passphrase keeps.
    /// </summary>
    public required IReadOnlyDictionary<string, string> AuthorityKeys { get; init; }

    /// <summary>The service account's private key in PEM; null where there is none.</summary>
    public string? ServiceAccountKey { get; init; }

    /// <summary>The service account's public keys in PEM; null where there are none.</summary>
    public string? ServiceAccountPublicKeys { get; init; }

    /// <summary>The material that stands.</summary>
    public static SetMaterial Of(StandingSet standing) => new()
    {
        Roles = standing.Authorities.Where(authority => authority.Roles is not null)
            .ToDictionary(authority => authority.Planned.Name, authority => authority.Roles!), // just asked
        AuthorityKeys = standing.Authorities.Where(authority => authority.KeyFile.Content is not null && !IsEncrypted(authority.KeyFile.Text))
            .ToDictionary(authority => authority.Planned.Name, authority => authority.KeyFile.Text),
        ServiceAccountKey = Text(standing.Folder.ServiceAccountKey),
        ServiceAccountPublicKeys = Text(standing.Folder.ServiceAccountPublicKeys),
    };

    /// <summary>The roles of an authority; null where it is unknown.</summary>
    public AuthorityRoles? RolesOf(PlannedAuthority authority) => Roles.GetValueOrDefault(authority.Name);

    /// <summary>Whether a key's PEM is under a passphrase.</summary>
    public static bool IsEncrypted(string keyPem) => keyPem.Contains($"BEGIN {PemLabels.EncryptedPrivateKey}", StringComparison.Ordinal);

    private static string? Text(string path) => File.Exists(path) ? File.ReadAllText(path) : null;
}
