// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Pki.Certificates;
using Sealock.Pki.Files;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.Cluster.Creating;

/// <summary>Makes authorities. Keys are on the disk before anything that is signed with them.</summary>
internal sealed class AuthorityMaker(
    ClusterConfiguration configuration, SetFolder folder, SetWriter writer, string? passphrase, DateTimeOffset now)
{
    /// <summary>Makes an authority's certificate, and its key where there is none. The caller disposes the key.</summary>
    /// <returns>The certificate and those above it, the key, and the key's text as it stands.</returns>
    /// <exception cref="CreationException">A root stands without its key.</exception>
    public (IReadOnlyList<Certificate> Chain, KeyPair Key, string KeyText) Make(PlannedAuthority planned, KeyPair? standing, string? standingText)
    {
        var (key, text) = standing is null ? NewKey(folder.KeyOf(planned)) : (standing, standingText ?? "");
        IReadOnlyList<Certificate> chain = configuration.IntermediateAuthority
            ? Intermediate(planned, key)
            : [CertificateAuthority.CreateRoot(Request(planned.CommonName, key), key, now).Require()];
        Write(folder.CertificateOf(planned), Certificate.ToPem(chain), AtomicFile.Public);
        return (chain, key, text);
    }

    private List<Certificate> Intermediate(PlannedAuthority planned, KeyPair key)
    {
        using var rootKey = RootKey(planned);
        var path = folder.RootCertificateOf(planned);
        var name = planned.CommonName + "-root";
        var root = File.Exists(path) ? Certificate.FromPem(File.ReadAllText(path)) : CertificateAuthority.CreateRoot(Request(name, rootKey), rootKey, now).Require();
        Write(path, root.ToPem(), AtomicFile.Public);
        return [new CertificateAuthority([root], rootKey).Issue(Request(planned.CommonName, key), now).Require(), root];
    }

    private KeyPair RootKey(PlannedAuthority planned)
    {
        var path = folder.RootKeyOf(planned);
        if (File.Exists(path))
            return KeyPair.FromPem(File.ReadAllText(path), passphrase);
        return File.Exists(folder.RootCertificateOf(planned))
            ? throw new CreationException($"{path} is needed to make {planned.Name} anew; put the root's key there for that time")
            : NewKey(path).Key;
    }

    /// <summary>As kubeadm's, a CA names itself among its alternative names, too.</summary>
    private IssuanceRequest Request(string name, KeyPair key) => new()
    {
        Subject = DistinguishedName.Create(name),
        PublicKey = key.PublicKey,
        Profile = CertificateProfile.Ca,
        Names = SubjectAlternativeNames.ForHosts(name),
        Lifetime = configuration.AuthorityLifetime,
    };

    private (KeyPair Key, string Text) NewKey(string path)
    {
        var key = KeyPair.Generate(configuration.KeyAlgorithm);
        var text = passphrase is null ? key.ToTraditionalPem() : key.ToEncryptedPkcs8Pem(passphrase);
        Write(path, text, AtomicFile.Secret);
        return (key, text);
    }

    private void Write(string path, string text, UnixFileMode mode) => writer.Write(path, Encoding.ASCII.GetBytes(text), mode, sync: true);
}
