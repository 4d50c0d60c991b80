// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Kubeconfigs;
using Sealock.Gateway.Setup;
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
    /// <summary>The context of the administrator's kubeconfig that reaches the server on its own machine, whatever its host name.</summary>
    public const string LocalContext = "local";

    private const string Cluster = "kubernetes";
    private const string User = "kubernetes-admin";

    /// <summary>Makes the file where it is missing, points elsewhere, or its certificate has to be renewed.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="authority">The CA.</param>
    /// <param name="urls">Where the server is reached.</param>
    /// <param name="moreCas">CAs of the serving certificate, PEM, beside the CA; may be empty.</param>
    /// <param name="clock">The clock.</param>
    public static void Ensure(DataFolder folder, CertificateAuthority authority, AdminUrls urls, string moreCas, TimeProvider clock)
    {
        if (IsCurrent(folder, authority, urls, clock.GetUtcNow()))
            return;
        var made = Make(authority, urls.Url, User, [SetupEndpoint.AdministratorGroup], ClusterCertificates.LeafLifetime, clock, moreCas);
        if (urls.Local != urls.Url)
        {
            var context = made.CurrentContext;
            made = made.With(made.Clusters[0] with { Name = LocalContext, Server = urls.Local })
                .With(new KubeconfigContext { Name = LocalContext, Cluster = LocalContext, User = made.Users[0].Name })
                .WithCurrentContext(context);
        }

        KubeconfigFiles.Write(folder.AdminKubeconfig, made);
    }

    /// <summary>A kubeconfig with a client certificate of the CA.</summary>
    public static Kubeconfig Make(
        CertificateAuthority authority, string url, string user, IEnumerable<string> groups, TimeSpan lifetime, TimeProvider clock,
        string moreCas = "")
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
        return Compose(url, authority.Certificate.ToPem() + moreCas, user, new KubeconfigUser
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

    private static bool IsCurrent(DataFolder folder, CertificateAuthority authority, AdminUrls urls, DateTimeOffset now)
    {
        try
        {
            var present = KubeconfigFiles.Read(folder.AdminKubeconfig);
            return present.TryResolve(null, out var target, out _)
                && target.Cluster.Server == urls.Url && target.User is { } user
                && (present.TryResolve(LocalContext, out var local, out _) ? local.Cluster.Server == urls.Local : urls.Local == urls.Url)
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

/// <summary>Where a server is reached.</summary>
/// <param name="Local">On its own machine.</param>
/// <param name="Hostname">The host name that it was set up with; null where there is none.</param>
internal readonly record struct AdminUrls(string Local, string? Hostname)
{
    /// <summary>From everywhere, as far as that is known.</summary>
    public string Url => Hostname is { } name
        ? new UriBuilder(Local) { Host = name.Contains(':', StringComparison.Ordinal) ? $"[{name}]" : name }.Uri.ToString().TrimEnd('/')
        : Local;
}
