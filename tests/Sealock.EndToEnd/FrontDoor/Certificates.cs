// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.EndToEnd.FrontDoor;

/// <summary>Serving certificates of somebody else's CA, in files of a folder.</summary>
internal sealed class Certificates(string folder)
{
    private readonly CertificateAuthority _authority = CertificateAuthority.CreateRoot(
        "somebody else's CA", KeyPair.Generate(), TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(400), TimeSpan.FromDays(3650));

    /// <summary>Writes the CA as <c>NAME.crt</c>.</summary>
    public void WriteCa(string name = "other-ca") => File.WriteAllText(Path.Combine(folder, name + ".crt"), _authority.Certificate.ToPem());

    /// <summary>Writes <c>NAME.crt</c> and <c>NAME.key</c> for some hosts, valid for 30 days from some days ago on.</summary>
    public void Write(string name, int daysAgo, params string[] hosts)
    {
        using var key = KeyPair.Generate();
        var leaf = _authority.Issue(
            new IssuanceRequest
            {
                Subject = DistinguishedName.Create(name),
                PublicKey = key.PublicKey,
                Profile = CertificateProfile.Server,
                Names = SubjectAlternativeNames.ForHosts(hosts),
                Lifetime = TimeSpan.FromDays(30),
            },
            TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(daysAgo)).Require();
        File.WriteAllText(Path.Combine(folder, name + ".key"), key.ToPkcs8Pem());
        File.WriteAllText(Path.Combine(folder, name + ".crt"), leaf.ToPem());
    }
}
