// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Making;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Pki;
using Sealock.Pki.Keys;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Rotating;

/// <summary>Makes what a rotation begins with: the new key, and for an authority the new CA certified by the old.</summary>
internal static class RotationStart
{
    /// <summary>Makes keys and certificates, and stores the keys. Nothing of the set is changed.</summary>
    public static ClusterRotation Begin(
        StandingSet standing, string subject, string? passphrase, bool withRoot, TimeSpan tokenLifetime, DateTimeOffset now)
    {
        if (subject == ClusterRotation.ServiceAccounts)
        {
            var (oldPem, oldKey) = ReadServiceAccountKey(standing.Folder);
            using (oldKey)
            using (var newKey = KeyPair.Generate(standing.Plan.Configuration.KeyAlgorithm))
            {
                RotationKeys.Write(standing.Folder, subject, (oldPem, newKey.ToTraditionalPem()));
                return Start(standing, subject, now) with { Key = new(oldKey.PublicKey, newKey.PublicKey), TokenLifetime = tokenLifetime };
            }
        }

        return Start(standing, subject, now) with { Authority = AuthorityStart.Make(standing, subject, passphrase, withRoot, now) };
    }

    /// <summary>The nodes that have to do with a subject.</summary>
    public static IEnumerable<string> NodesOf(ClusterPlan plan, string subject) => plan.Files
        .Where(file => Concerns(file.Content, subject)).Select(file => file.Node.Name).Distinct();

    /// <summary>Whether a file's content depends on what is rotated.</summary>
    public static bool Concerns(FileContent content, string subject) => content switch
    {
        AuthorityBundle file => file.Authority.Name == subject,
        AuthorityCertificate file => file.Authority.Name == subject,
        AuthorityKey file => file.Authority.Name == subject,
        ServiceAccountKey or ServiceAccountPublicKeys => subject == ClusterRotation.ServiceAccounts,
        _ => NodeFiles.CertificateOf(content)?.Authority.Name == subject,
    };

    private static ClusterRotation Start(StandingSet standing, string subject, DateTimeOffset now) => new()
    {
        Subject = subject,
        Started = now,
        State = RotationState.Start(NodesOf(standing.Plan, subject)),
    };

    private static (string Pem, KeyPair Key) ReadServiceAccountKey(SetFolder folder)
    {
        try
        {
            var pem = File.ReadAllText(folder.ServiceAccountKey);
            return (pem, KeyPair.FromPem(pem));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or PkiFormatException)
        {
            throw new RotationException($"{folder.ServiceAccountKey}: {fault.Message}", fault);
        }
    }
}
