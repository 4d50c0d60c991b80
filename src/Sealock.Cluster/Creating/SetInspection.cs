// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Kubeconfigs;
using Sealock.Cluster.Making;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Pki;
using Sealock.Pki.Files;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Creating;

/// <summary>Gathers what decisions need from what stands. Reads keys, and keeps only their public halves.</summary>
internal static class SetInspection
{
    /// <summary>The facts, and the key itself: reading one under a passphrase takes a fifth of a second. The caller disposes it.</summary>
    public static (AuthorityFacts Facts, KeyPair? Key) Of(StandingAuthority standing, string? passphrase)
    {
        var key = standing.ReadKey(passphrase, out var problem);
        return (new()
        {
            Chain = standing.CertificateFile.Certificates,
            ChainProblem = standing.CertificateFile.Problem ?? standing.CertificateFile.CertificateProblem,
            Key = new(key?.PublicKey, problem),
            IsLocked = key is null && passphrase is null && SetMaterial.IsEncrypted(standing.KeyFile.Text),
            IsRotating = standing.TrustedFile.Content is not null,
        }, key);
    }

    public static LeafFacts Of(StandingCertificate standing, AuthorityOutlook authority)
    {
        if (Pending(standing, authority) is { } pending)
            return pending;
        if (IsElsewhere(standing.Carrier))
            return new() { IsElsewhere = true };
        return new()
        {
            Chain = standing.Chain,
            ChainProblem = standing.Carrier.Problem ?? standing.Carrier.CertificateProblem,
            Key = standing.KeyCarrier.IsMissing ? default : Read(standing.KeyCarrier),
            CarrierMistake = standing.Files.Select(file => KubeconfigMistake(file, standing, authority.Roles)).FirstOrDefault(mistake => mistake is not null),
        };
    }

    /// <summary>A key and perhaps a certificate that wait for a kubeconfig to be made of them.</summary>
    private static LeafFacts? Pending(StandingCertificate standing, AuthorityOutlook authority)
    {
        var places = RequestFiles.Of(standing);
        if (authority.Source != LeafSource.AsksFor || !places.IsKubeconfig || !standing.Carrier.IsMissing)
            return null;
        var (planned, node) = (standing.Planned, standing.Planned.Node);
        var certificate = StandingFile.Read(new(node, places.Certificate, new LeafCertificate(planned), AtomicFile.Public, ""), places.Certificate);
        var key = StandingFile.Read(new(node, places.Key, new LeafKey(planned), AtomicFile.Secret, ""), places.Key);
        return new()
        {
            Chain = certificate.Certificates,
            ChainProblem = certificate.Problem ?? certificate.CertificateProblem,
            Key = Read(key),
            CarrierMistake = "its certificate has been put there",
        };
    }

    private static bool IsElsewhere(StandingFile file) => file.Planned.Content is LeafKubeconfig
        && file.Target?.User is { ClientCertificate.Length: > 0, ClientCertificateData.IsDefaultOrEmpty: true };

    private static StandingKey Read(StandingFile file)
    {
        using var key = file.ReadKey(null, out var problem);
        return new(key?.PublicKey, problem);
    }

    private static string? KubeconfigMistake(StandingFile file, StandingCertificate standing, AuthorityRoles? roles)
    {
        if (file.Planned.Content is not LeafKubeconfig wanted)
            return null;
        if (file.IsMissing)
            return "its kubeconfig is missing";
        if (file.KubeconfigProblem is { } problem)
            return $"its kubeconfig cannot be read ({problem})";
        if (file.Target is not { } target)
            return "its kubeconfig has no context in use";
        if (target.Cluster.Server != wanted.Server)
            return $"its kubeconfig points at {target.Cluster.Server} instead of {wanted.Server}";
        if (roles is not null && !Trusts(target.Cluster, roles))
            return "its kubeconfig does not trust what it should";
        return file.Certificates.SequenceEqual(standing.Chain) ? null : "its kubeconfig holds another certificate";
    }

    private static bool Trusts(KubeconfigCluster cluster, AuthorityRoles roles)
    {
        if (cluster.CertificateAuthorityData.IsDefaultOrEmpty)
            return cluster.CertificateAuthority.Length > 0;
        try
        {
            return TrustPool.FromPem(Encoding.UTF8.GetString(cluster.CertificateAuthorityData.AsSpan())).Certificates.SequenceEqual(roles.Trusted);
        }
        catch (PkiFormatException)
        {
            return false;
        }
    }
}
