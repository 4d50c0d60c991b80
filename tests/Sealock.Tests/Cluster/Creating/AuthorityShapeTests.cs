// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Creating;
using Sealock.Pki.Certificates;
using Sealock.Pki.Pem;
using Sealock.Tests.Support;

namespace Sealock.Tests.Cluster.Creating;

public sealed class AuthorityShapeTests : IDisposable
{
    private readonly TemporarySet _set = new(TemporarySet.Small with { Nodes = [TemporarySet.Small.Nodes[0]] });
    private readonly OpenSsl _openssl = new();

    private string Pki(string name) => _set.PathOf("/etc/kubernetes/pki/" + name);

    [Fact]
    public void Keys_under_a_passphrase_stay_in_the_set_and_sign_with_it()
    {
        _set.Run(new() { Passphrase = "correct horse" });
        Assert.Contains(PemLabels.EncryptedPrivateKey, File.ReadAllText(Path.Combine(_set.Folder.Authorities, "ca.key")), StringComparison.Ordinal);
        Assert.False(File.Exists(Pki("ca.key")));
        File.WriteAllText(_openssl.PathOf("pass"), "correct horse\n");
        _openssl.Run($"pkey -in {Path.Combine(_set.Folder.Authorities, "ca.key")} -passin file:pass -noout");

        Assert.True(_set.Run().IsComplete);
        File.Delete(Pki("apiserver.crt"));
        var without = _set.Run();
        Assert.Contains(without.Items, item => item is { Name: "apiserver", Decision.Verdict: CreationVerdict.Report } && item.Decision.Reason.Contains("--ca-passphrase-file", StringComparison.Ordinal));
        Assert.False(File.Exists(Pki("apiserver.crt")));
        Assert.Equal(0, _set.Run(new() { Passphrase = "correct horse" }).Count(CreationVerdict.Report));
        SetCreatorTests.AssertWhole(_set, "ca.key");
    }

    [Fact]
    public void An_intermediate_ca_serves_those_who_know_it_and_those_who_know_the_root_alone()
    {
        _set.Configuration = _set.Configuration with { IntermediateAuthority = true };
        _set.Run();
        SetCreatorTests.AssertWhole(_set);
        Assert.Equal(0, _set.Run().FilesWritten);

        // One certificate for --cluster-signing-cert-file, and the one that ca.key belongs to first in the bundle.
        var signing = Assert.Single(Certificate.ListFromPem(File.ReadAllText(Pki("ca-signing.crt"))));
        var bundle = Certificate.ListFromPem(File.ReadAllText(Pki("ca.crt")));
        Assert.Equal(signing, bundle[0]);
        Assert.Equal(2, bundle.Count);
        Assert.True(bundle[1].IsSelfIssued);

        // openssl: by the bundle alone (whoever sends no chain), and by the root alone with the chain that is sent.
        var root = Path.Combine(_set.Folder.Authorities, "ca-root.crt");
        _openssl.Run($"verify -x509_strict -purpose sslserver -CAfile {Pki("ca.crt")} {Pki("apiserver.crt")}");
        _openssl.Run($"verify -x509_strict -purpose sslserver -CAfile {root} -untrusted {Pki("apiserver.crt")} {Pki("apiserver.crt")}");
        Assert.NotEqual(0, _openssl.TryRun($"verify -CAfile {Pki("front-proxy-ca.crt")} {Pki("apiserver.crt")}").ExitCode);

        // The root's key can be put away.
        File.Delete(Path.Combine(_set.Folder.Authorities, "ca-root.key"));
        File.Delete(Pki("apiserver.crt"));
        Assert.Equal(0, _set.Run().Count(CreationVerdict.Report));
        SetCreatorTests.AssertWhole(_set);
    }

    [Fact]
    public void An_external_ca_signs_requests_and_its_certificates_are_taken_up()
    {
        _set.Configuration = _set.Configuration with { AuthorityKeysApart = true };
        foreach (var name in new[] { "ca", "front-proxy-ca", "etcd/ca" })
            MakeForeign(name);
        var first = _set.Run();
        Assert.Equal(_set.Plan.Certificates.Count, first.Count(CreationVerdict.Request));
        Assert.False(File.Exists(_set.PathOf("/etc/kubernetes/admin.conf")));
        Assert.Equal(0, _set.Run().FilesWritten);

        foreach (var certificate in _set.Standing().Certificates)
            Sign(RequestFiles.Of(certificate), certificate.Planned.Authority.Stem);
        var second = _set.Run();
        Assert.Equal(0, second.Count(CreationVerdict.Request));
        Assert.Equal(0, second.Count(CreationVerdict.Report));
        SetCreatorTests.AssertWhole(_set);
        Assert.DoesNotContain(_set.Contents().Keys, path => path.Contains(".conf.", StringComparison.Ordinal));
        Assert.True(_set.Run().IsComplete);
    }

    [Fact]
    public void What_an_external_ca_got_wrong_is_told_and_left_alone()
    {
        _set.Configuration = _set.Configuration with { AuthorityKeysApart = true };
        foreach (var name in new[] { "ca", "front-proxy-ca", "etcd/ca" })
            MakeForeign(name);
        _set.Run();
        // Signed without copying extensions, which drops all names; and signed by the wrong CA.
        var apiServer = RequestFiles.Of(_set.Standing("apiserver"));
        Sign(apiServer, "ca", copyExtensions: false);
        Sign(RequestFiles.Of(_set.Standing("front-proxy-client")), "ca");
        var text = File.ReadAllText(apiServer.Certificate);
        var report = _set.Run();
        Assert.Contains("lacks the names", report.Items.Single(item => item.Name == "apiserver").Decision.Reason, StringComparison.Ordinal);
        Assert.Equal(CreationVerdict.Report, report.Items.Single(item => item.Name == "front-proxy-client").Decision.Verdict);
        Assert.Equal(text, File.ReadAllText(apiServer.Certificate));
    }

    [Fact]
    public void An_external_ca_that_is_asked_for_and_absent_is_told()
    {
        var report = _set.Run(new() { ExternalAuthorities = true });
        Assert.Equal(3, report.Items.Count(item => item.Node is null && item.Decision.Verdict == CreationVerdict.Report));
        Assert.False(File.Exists(Path.Combine(_set.Folder.Authorities, "ca.key")));
    }

    [Fact]
    public void The_flat_layout_has_the_names_of_the_openssl_how_to()
    {
        _set.Configuration = TemporarySet.Small with { Layout = ClusterLayout.Flat };
        _set.Run();
        string[] master = ["ca.crt", "ca.key", "server.crt", "server.key", "master1.crt", "master1.key"];
        string[] minion = ["ca.crt", "worker1.crt", "worker1.key"];
        Assert.All(master, name => Assert.True(File.Exists(_set.PathOf("/srv/kubernetes/" + name)), name));
        Assert.All(minion, name => Assert.True(File.Exists(_set.PathOf("/srv/kubernetes/" + name, "worker1")), name));
        Assert.False(File.Exists(_set.PathOf("/srv/kubernetes/ca.key", "worker1")));
        SetCreatorTests.AssertWhole(_set);
    }

    private void MakeForeign(string name)
    {
        var stem = Path.Combine(_set.Folder.Authorities, name);
        Directory.CreateDirectory(Path.GetDirectoryName(stem)!);
        var key = _openssl.PathOf(name.Replace('/', '-') + ".key");
        _openssl.Run($"ecparam -name prime256v1 -genkey -noout -out {key}");
        _openssl.Run($"req -x509 -new -key {key} -subj /CN=Foreign-{name.Replace('/', '-')} -days 3650 -out {stem}.crt");
    }

    private void Sign(RequestFiles places, string authority, bool copyExtensions = true)
    {
        var stem = Path.Combine(_set.Folder.Authorities, authority);
        _openssl.Run($"x509 -req -in {places.Request} -CA {stem}.crt -CAkey {_openssl.PathOf(authority.Replace('/', '-') + ".key")} -CAcreateserial "
            + $"-CAserial {_openssl.PathOf("serial")} -days 365 {(copyExtensions ? "-copy_extensions copy " : "")}-out {places.Certificate}");
    }

    public void Dispose()
    {
        _openssl.Dispose();
        _set.Dispose();
    }
}
