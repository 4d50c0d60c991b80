// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.EndToEnd.Cluster.Handshakes;

/// <summary>Files of certificates and keys, good ones and bad ones: <c>NAME.crt</c>, <c>NAME.key</c>.</summary>
internal sealed class TlsMaterial : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly KeyPair _key = KeyPair.Generate();

    public TlsMaterial()
    {
        var now = TimeProvider.System.GetUtcNow();
        var longAgo = now.AddDays(-40);
        using var otherKey = KeyPair.Generate();
        var root = CertificateAuthority.CreateRoot("test-ca", _key, now.AddDays(-50));
        var stranger = CertificateAuthority.CreateRoot("other-ca", otherKey, now.AddDays(-50));
        var middle = new CertificateAuthority([root.Issue(new()
        {
            Subject = DistinguishedName.Create("middle-ca"),
            PublicKey = _key.PublicKey,
            Profile = CertificateProfile.Ca,
        }, now).Require(), root.Certificate], _key);
        File.WriteAllText(this["stranger-own.key"], otherKey.ToPkcs8Pem());
        Write("ca", root.Certificate);
        Write("other-ca", stranger.Certificate);
        string[] names = ["localhost", "127.0.0.1"];
        WriteLeaf("server", root, CertificateProfile.Peer, now, names);
        WriteLeaf("expired", root, CertificateProfile.Server, longAgo, names);
        WriteLeaf("early", root, CertificateProfile.Server, now.AddDays(5), names);
        WriteLeaf("elsewhere", root, CertificateProfile.Server, now, ["elsewhere.example.com"]);
        WriteLeaf("below", middle, CertificateProfile.Server, now, names);
        File.AppendAllText(this["below.crt"], middle.Certificate.ToPem());
        WriteLeaf("client", root, CertificateProfile.Client, now, []);
        WriteLeaf("stranger", stranger, CertificateProfile.Client, now, []);
        File.WriteAllText(this["old-client.crt"], Leaf("old-client", root, CertificateProfile.Client, longAgo, []).ToPem());
        foreach (var name in new[] { "client", "old-client" })
            File.WriteAllText(this[name + ".key"], _key.ToPkcs8Pem());
    }

    public string Folder => _folder.Path;

    public string this[string name] => _folder[name];

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    private void WriteLeaf(string name, CertificateAuthority authority, CertificateProfile profile, DateTimeOffset at, string[] names)
    {
        Write(name, Leaf(name, authority, profile, at, names));
        File.WriteAllText(this[name + ".pem"], File.ReadAllText(this[name + ".crt"]) + _key.ToPkcs8Pem());
    }

    private Certificate Leaf(string name, CertificateAuthority authority, CertificateProfile profile, DateTimeOffset at, string[] names) =>
        authority.Issue(new()
        {
            Subject = DistinguishedName.Create(name),
            PublicKey = _key.PublicKey,
            Profile = profile,
            Names = SubjectAlternativeNames.ForHosts(names),
            Lifetime = TimeSpan.FromDays(30),
        }, at).Require();

    private void Write(string name, Certificate certificate)
    {
        File.WriteAllText(this[name + ".crt"], certificate.ToPem());
        File.WriteAllText(this[name + ".key"], _key.ToPkcs8Pem());
    }
}
