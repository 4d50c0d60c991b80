// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Gateway.Listener;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.Tests.FrontDoor;

/// <summary>A serving certificate and its key in PEM, from a CA of this test's own.</summary>
internal sealed record ServingPair(string Certificate, string Key, Certificate Leaf)
{
    /// <summary>Issues one; it is valid from <paramref name="from"/> on.</summary>
    public static ServingPair Issue(
        CertificateAuthority authority, DateTimeOffset from, TimeSpan lifetime, CertificateProfile? profile = null, params string[] names)
    {
        using var key = KeyPair.Generate();
        var leaf = authority.Issue(
            new IssuanceRequest
            {
                Subject = DistinguishedName.Create(names.FirstOrDefault() ?? "nobody"),
                PublicKey = key.PublicKey,
                Profile = profile ?? CertificateProfile.Server,
                Names = SubjectAlternativeNames.ForHosts(names),
                Lifetime = lifetime,
            },
            from).Require();
        return new(leaf.ToPem(), key.ToPkcs8Pem(), leaf);
    }

    /// <summary>A CA.</summary>
    public static CertificateAuthority Authority(string name, DateTimeOffset now) =>
        CertificateAuthority.CreateRoot(name, KeyPair.Generate(), now - TimeSpan.FromDays(400), TimeSpan.FromDays(3650));

    /// <summary>Writes both files.</summary>
    public void Write(ServingFiles files)
    {
        File.WriteAllText(files.KeyFile, Key, Encoding.ASCII);
        File.WriteAllText(files.CertificateFile, Certificate, Encoding.ASCII);
    }

    /// <summary>The same as what is handed over.</summary>
    public HandedCertificate Handed(string ca = "") => new(Certificate, Key, ca) { Origin = "Secret default/web" };
}
