// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Gateway.Authentication;
using Sealock.Gateway.Metrics;
using Sealock.Gateway.RevocationLists;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Revocation;
using Sealock.Tests.Support;

namespace Sealock.Tests.Revocation;

public sealed class RevocationFileTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("sealock-crl-").FullName;
    private readonly RevocationRegistry _registry = new();
    private readonly ReloadCount _reloads;
    private readonly CertificateAuthority _users;
    private readonly CertificateAuthority _other;

    public RevocationFileTests()
    {
        _reloads = new ReloadCount(_clock);
        (_users, _other) = (Authority("users"), Authority("other"));
        Write("ca.crt", _users.Certificate.ToPem());
    }

    [Fact]
    public void What_a_list_names_is_locked_out_and_let_in_again_when_the_list_names_it_no_more()
    {
        var (jane, tom) = (Issue(_users, "jane"), Issue(_users, "tom"));
        Write("crl.pem", List(_users, jane).ToPem());
        using var file = Open();
        Assert.Equal((true, false), (Locked(jane), Locked(tom)));
        Write("crl.pem", List(_users, tom).ToPem() + List(_other, Issue(_other, "x")).ToPem());
        file.Check();
        Assert.Equal((false, true), (Locked(jane), Locked(tom)));
        Assert.Equal((1, 0), (_reloads.Succeeded, _reloads.Refused));
        Assert.Single(file.Lists);
        File.WriteAllBytes(Path.Combine(_folder, "crl.pem"), List(_users, jane, tom).Der.ToArray());
        file.Check();
        Assert.Equal((true, true), (Locked(jane), Locked(tom)));
    }

    [Fact]
    public void A_file_that_cannot_be_used_leaves_the_lists_before_it_in_force()
    {
        var jane = Issue(_users, "jane");
        Write("crl.pem", List(_users, jane).ToPem());
        using var file = Open();
        // Another CA that calls itself the same.
        foreach (var bad in (string[])["", "half a file", List(Authority("users")).ToPem(), List(_users).ToPem()[..^60]])
        {
            Write("crl.pem", bad);
            file.Check();
            Assert.True(Locked(jane), bad);
        }

        File.Delete(Path.Combine(_folder, "crl.pem"));
        file.Check();
        Assert.True(Locked(jane));
        Assert.Equal((0, 5), (_reloads.Succeeded, _reloads.Refused));
        Write("crl.pem", List(Authority("users")).ToPem());
        Assert.Contains("crl.pem: ", Assert.Throws<PkiFormatException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_counts_from_when_its_CA_is_accepted_on()
    {
        var stranger = Issue(_other, "stranger");
        Write("crl.pem", List(_other, stranger).ToPem());
        using var file = Open();
        Assert.False(Locked(stranger));
        Write("ca.crt", _users.Certificate.ToPem() + _other.Certificate.ToPem());
        file.Check();
        Assert.True(Locked(stranger));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private RevocationFile Open() => new(
        Path.Combine(_folder, "crl.pem"), Path.Combine(_folder, "ca.crt"), _registry, _clock, NullLogger.Instance, _reloads);

    private bool Locked(Certificate leaf) => _registry.Current.Cover(
        CertificateMarks.Of([leaf, leaf.Issuer.Equals(_users.Certificate.Subject) ? _users.Certificate : _other.Certificate]));

    private CertificateAuthority Authority(string name) =>
        CertificateAuthority.CreateRoot(name, KeyPair.Generate(), _clock.GetUtcNow() - TimeSpan.FromDays(1), TimeSpan.FromDays(3650));

    private Certificate Issue(CertificateAuthority authority, string name)
    {
        using var key = KeyPair.Generate();
        return authority.Issue(
            new IssuanceRequest
            {
                Subject = DistinguishedName.Create(name),
                PublicKey = key.PublicKey,
                Profile = CertificateProfile.Client,
                Lifetime = TimeSpan.FromDays(30),
            },
            _clock.GetUtcNow()).Require();
    }

    private CertificateRevocationList List(CertificateAuthority authority, params IEnumerable<Certificate> revoked) => authority.IssueCrl(new CrlRequest
    {
        Number = 1,
        Revoked = [.. revoked.Select(one => new RevokedCertificate(one.SerialNumber, _clock.GetUtcNow()))],
        ThisUpdate = _clock.GetUtcNow(),
        NextUpdate = _clock.GetUtcNow().AddDays(1),
    });

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text, Encoding.ASCII);
}
