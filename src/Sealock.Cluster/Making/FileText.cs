// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Kubeconfigs;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;
using Sealock.Pki.Certificates;

namespace Sealock.Cluster.Making;

/// <summary>The text that belongs into a planned file. Pure.</summary>
public static class FileText
{
    /// <summary>The text; null where the material does not hold what it takes, or the file is a component's settings.</summary>
    /// <param name="file">The file.</param>
    /// <param name="configuration">Names the cluster in kubeconfigs.</param>
    /// <param name="material">Authorities and service account keys.</param>
    /// <param name="leaf">The leaf that the file carries; null for files without one.</param>
    /// <param name="standing">A kubeconfig that stands there already: what is not ours in it stays.</param>
    public static string? Of(
        PlannedFile file, ClusterConfiguration configuration, SetMaterial material, MadeLeaf? leaf = null, Kubeconfig? standing = null) =>
        file.Content switch
        {
            AuthorityBundle bundle => material.RolesOf(bundle.Authority) is { } roles ? Certificate.ToPem(roles.Trusted) : null,
            AuthorityCertificate certificate => material.RolesOf(certificate.Authority)?.Signing[0].ToPem(),
            AuthorityKey key => material.AuthorityKeys.GetValueOrDefault(key.Authority.Name),
            LeafCertificate when leaf is not null => Certificate.ToPem(leaf.Chain),
            LeafKey when leaf is not null => leaf.KeyPem,
            LeafKubeconfig kubeconfig when leaf is not null && material.RolesOf(kubeconfig.Certificate.Authority) is { } roles =>
                Compose(kubeconfig, configuration, Certificate.ToPem(roles.Trusted), leaf, standing),
            ServiceAccountKey => material.ServiceAccountKey,
            ServiceAccountPublicKeys => material.ServiceAccountPublicKeys,
            _ => null,
        };

    private static string Compose(
        LeafKubeconfig wanted, ClusterConfiguration configuration, string bundle, MadeLeaf leaf, Kubeconfig? standing)
    {
        var name = leaf.Planned.Subject.CommonName ?? leaf.Planned.Name;
        var target = standing is not null && standing.TryResolve(null, out var found, out _) ? found : null;
        var cluster = (target?.Cluster ?? new() { Name = configuration.Name, Server = wanted.Server }) with
        {
            CertificateAuthority = "",
            CertificateAuthorityData = [.. Encoding.ASCII.GetBytes(bundle)],
        };
        var user = (target?.User ?? new() { Name = name }) with
        {
            ClientCertificate = "",
            ClientCertificateData = [.. Encoding.ASCII.GetBytes(Certificate.ToPem(leaf.Chain))],
            ClientKey = "",
            ClientKeyData = [.. Encoding.ASCII.GetBytes(leaf.KeyPem)],
        };
        return (target is { User: not null } && standing is not null
            ? standing.With(cluster).With(user)
            : Kubeconfig.Create(cluster, user, new() { Name = $"{name}@{configuration.Name}", Cluster = configuration.Name, User = name })).ToYaml();
    }
}
