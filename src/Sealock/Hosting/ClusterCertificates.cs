// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Files;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;
using Sealock.Pki.Tls;

namespace Sealock.Hosting;

/// <summary>The certificates that a server makes for itself: what is valid is kept, what is missing or wrong is made.</summary>
internal sealed class ClusterCertificates(DataFolder folder, TimeProvider clock)
{
    /// <summary>Lifetime of the CA.</summary>
    public static readonly TimeSpan CaLifetime = TimeSpan.FromDays(3650);

    /// <summary>Lifetime of serving and administrator's certificates.</summary>
    public static readonly TimeSpan LeafLifetime = TimeSpan.FromDays(365);

    private static readonly TimeSpan OnTheFlyLifetime = TimeSpan.FromDays(7);

    /// <summary>The CA, made on first use.</summary>
    /// <exception cref="CommandException">Only one of its files is there, or they do not fit together.</exception>
    public CertificateAuthority Authority()
    {
        var hasCertificate = File.Exists(folder.CaCertificate);
        if (hasCertificate != File.Exists(folder.CaKey))
        {
            var (there, missing) = hasCertificate ? (folder.CaCertificate, folder.CaKey) : (folder.CaKey, folder.CaCertificate);
            throw new CommandException($"{there} is there, but {missing} is not. Restore it from a backup, or move {there} away to start with a new CA.");
        }

        if (hasCertificate)
        {
            PemFiles.Read(folder.CaCertificate, () => Certificate.FromPem(File.ReadAllText(folder.CaCertificate)));
            return PemFiles.Read(folder.CaKey, () =>
                CertificateAuthority.FromPem(File.ReadAllText(folder.CaCertificate), File.ReadAllText(folder.CaKey)));
        }

        var key = KeyPair.Generate();
        var authority = CertificateAuthority.CreateRoot("kubernetes", key, clock.GetUtcNow(), CaLifetime);
        AtomicFile.Write(folder.CaKey, Encoding.ASCII.GetBytes(key.ToPkcs8Pem()), AtomicFile.Secret);
        AtomicFile.Write(folder.CaCertificate, Encoding.ASCII.GetBytes(authority.Certificate.ToPem()), AtomicFile.Public);
        return authority;
    }

    /// <summary>Makes or renews the serving certificate where that is due.</summary>
    /// <param name="authority">The CA.</param>
    /// <param name="names">The names that it must have.</param>
    /// <param name="exactly">Whether it must have no others.</param>
    /// <returns>Why it was made, or null where it was kept.</returns>
    public string? EnsureServing(CertificateAuthority authority, IEnumerable<string> names, bool exactly = false)
    {
        var wanted = SubjectAlternativeNames.ForHosts(names.Distinct());
        var present = PemFiles.TryReadPair(folder.ServingCertificate, folder.ServingKey);
        var reason = RenewalReason(present, authority.Certificate, wanted, clock.GetUtcNow());
        if (reason is null && exactly && present?.Names.Except(wanted).FirstOrDefault() is { } surplus)
            reason = $"it names {surplus}, which is not served any more";
        if (reason is null)
            return null;
        using var key = KeyPair.Generate();
        var result = authority.Issue(
            new IssuanceRequest
            {
                Subject = DistinguishedName.Create("kube-apiserver"),
                PublicKey = key.PublicKey,
                Profile = CertificateProfile.Server,
                Names = wanted,
                Lifetime = LeafLifetime,
            },
            clock.GetUtcNow());
        if (result.Certificate is not { } certificate)
        {
            throw new CommandException($"{folder.ServingCertificate} cannot be made: {result.Refusal}. "
                + $"Put a valid CA into {folder.CaCertificate} and {folder.CaKey}, or move both away to start with a new CA.");
        }

        AtomicFile.Write(folder.ServingKey, Encoding.ASCII.GetBytes(key.ToPkcs8Pem()), AtomicFile.Secret);
        AtomicFile.Write(folder.ServingCertificate, Encoding.ASCII.GetBytes(certificate.ToPem()), AtomicFile.Public);
        return reason;
    }

    /// <summary>
    /// A short-lived serving certificate for one name, which is written nowhere: for whoever reaches the server before its
    /// host name is known.
    /// </summary>
    /// <exception cref="PkiFormatException">The CA refuses.</exception>
    public ServingCertificate MakeOnTheFly(CertificateAuthority authority, string name, TrustPool? clientAuthorities)
    {
        using var key = KeyPair.Generate();
        var result = authority.Issue(
            new IssuanceRequest
            {
                Subject = DistinguishedName.Create("kube-apiserver"),
                PublicKey = key.PublicKey,
                Profile = CertificateProfile.Server,
                Names = SubjectAlternativeNames.ForHosts(name),
                Lifetime = OnTheFlyLifetime,
            },
            clock.GetUtcNow());
        return result.Certificate is { } certificate
            ? ServingCertificate.Create([certificate], key, clientAuthorities)
            : throw new PkiFormatException($"{result.Refusal}");
    }

    /// <summary>Makes the service account key pair where it is missing. It is never the key of a certificate.</summary>
    public void EnsureServiceAccountKey()
    {
        if (File.Exists(folder.ServiceAccountKey))
            return;
        using var key = KeyPair.Generate();
        AtomicFile.Write(folder.ServiceAccountKey, Encoding.ASCII.GetBytes(key.ToPkcs8Pem()), AtomicFile.Secret);
        AtomicFile.Write(folder.ServiceAccountPublicKey, Encoding.ASCII.GetBytes(key.PublicKey.ToPem()), AtomicFile.Public);
    }

    /// <summary>Why a leaf has to be made anew; null keeps it.</summary>
    public static string? RenewalReason(
        Certificate? present, Certificate authority, SubjectAlternativeNames wanted, DateTimeOffset now)
    {
        if (present is null)
            return "it does not exist";
        if (present.RefuseSignature(authority.PublicKey) is not null)
            return "the CA has changed";
        if (wanted.Except(present.Names).FirstOrDefault() is { } missing)
            return $"it does not name {missing}";
        if (now >= present.NotAfter)
            return "it has expired";
        return present.NotAfter - now < present.Lifetime / 3 ? "less than a third of its lifetime is left" : null;
    }

    /// <summary>The names that Kubernetes clients call an API server by, and those of this machine.</summary>
    public static IEnumerable<string> UsualNames(IEnumerable<IPEndPoint> listen, IEnumerable<string> further) =>
    [
        "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost",
        .. HostName(), "127.0.0.1", "::1", "10.96.0.1",
        .. listen.Select(point => point.Address)
            .Where(address => !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))
            .Select(address => address.ToString()),
        .. further,
    ];

    private static IEnumerable<string> HostName()
    {
        var name = Dns.GetHostName().ToLowerInvariant();
        return Uri.CheckHostName(name) == UriHostNameType.Dns ? [name] : [];
    }
}
