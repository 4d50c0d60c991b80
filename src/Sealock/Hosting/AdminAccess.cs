// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Kubeconfigs;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.Hosting;

/// <summary>
/// The administrator's kubeconfig in the data folder. Its group gets its rights from a ClusterRoleBinding, so that they
/// can be taken away: unlike <c>system:masters</c>, which nothing can revoke.
/// </summary>
internal static class AdminAccess
{
    private const string Group = "kubeadm:cluster-admins";
    private const string Cluster = "kubernetes";
    private const string User = "kubernetes-admin";

    /// <summary>Makes the file where it is missing, points elsewhere, or its certificate has to be renewed.</summary>
    public static void Ensure(DataFolder folder, CertificateAuthority authority, string url, TimeProvider clock)
    {
        if (!IsCurrent(folder, authority, url, clock.GetUtcNow()))
            KubeconfigFiles.Write(folder.AdminKubeconfig, Make(authority, url, User, [Group], ClusterCertificates.LeafLifetime, clock));
    }

    /// <summary>A kubeconfig with a client certificate of the CA.</summary>
    public static Kubeconfig Make(
        CertificateAuthority authority, string url, string user, IEnumerable<string> groups, TimeSpan lifetime, TimeProvider clock)
    {
        using var key = KeyPair.Generate();
        var result = authority.Issue(
            new IssuanceRequest
            {
                Subject = DistinguishedName.Create(user, groups),
                PublicKey = key.PublicKey,
                Profile = CertificateProfile.Client,
                Lifetime = lifetime,
            },
            clock.GetUtcNow());
        if (result.Certificate is not { } certificate)
            throw new CommandException($"the certificate cannot be issued: {result.Refusal}");
        return Compose(url, authority.Certificate.ToPem(), user, new KubeconfigUser
        {
            Name = user,
            ClientCertificateData = [.. Encoding.ASCII.GetBytes(certificate.ToPem())],
            ClientKeyData = [.. Encoding.ASCII.GetBytes(key.ToPkcs8Pem())],
        });
    }

    /// <summary>A kubeconfig for one user of one cluster, CA data embedded.</summary>
    public static Kubeconfig Compose(string url, string caPem, string user, KubeconfigUser credentials) => Kubeconfig.Create(
        new KubeconfigCluster { Name = Cluster, Server = url, CertificateAuthorityData = [.. Encoding.ASCII.GetBytes(caPem)] },
        credentials,
        new KubeconfigContext { Name = $"{user}@{Cluster}", Cluster = Cluster, User = credentials.Name });

    private static bool IsCurrent(DataFolder folder, CertificateAuthority authority, string url, DateTimeOffset now)
    {
        try
        {
            return KubeconfigFiles.Read(folder.AdminKubeconfig).TryResolve(null, out var target, out _)
                && target.Cluster.Server == url && target.User is { } user
                && ClusterCertificates.RenewalReason(
                    Certificate.FromPem(Encoding.ASCII.GetString(user.ClientCertificateData.AsSpan())), authority.Certificate,
                    SubjectAlternativeNames.None, now) is null;
        }
        catch (Exception error) when (error is KubeconfigFileException or PkiFormatException)
        {
            return false;
        }
    }
}
