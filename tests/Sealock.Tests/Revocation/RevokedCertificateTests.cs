// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Sealock.Gateway.Authentication;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Revocation;
using Sealock.Tests.Gateway;

namespace Sealock.Tests.Revocation;

public sealed class RevokedCertificateTests
{
    private static Certificate Read(X509Certificate2 certificate) => Certificate.Parse(certificate.RawData);

    private static Lockout BySerial(GatewayRig rig, X509Certificate2 certificate) => new(
        LockoutKind.Certificate,
        CertificateMarks.ByIssuer(AuthorityKeyId.Of(Read(rig.Authority.Certificate)), Read(certificate).SerialNumber));

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task The_next_request_is_refused_on_open_new_and_resumed_connections_until_the_hold_is_released(string version)
    {
        await using var rig = await GatewayRig.StartAsync();
        var registry = new RevocationRegistry();
        registry.Feed(value => rig.Server.Revocations = value);
        using var certificate = rig.Authority.Issue("CN=jane");
        using var other = rig.Authority.Issue("CN=jane");
        using var open = rig.Client(certificate, Version.Parse(version));
        using var unaffected = rig.Client(other, Version.Parse(version));
        Assert.Equal(HttpStatusCode.OK, await Ask(open));
        registry.Put("one", BySerial(rig, certificate));
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask(open));
        for (var i = 0; i < 3; i++)
        {
            using var fresh = rig.Client(certificate, Version.Parse(version));
            Assert.Equal(HttpStatusCode.Unauthorized, await Ask(fresh));
        }

        Assert.Equal(HttpStatusCode.OK, await Ask(unaffected));
        registry.Remove("one");
        Assert.Equal(HttpStatusCode.OK, await Ask(open));
    }

    [Fact]
    public async Task A_key_is_revoked_whatever_certificates_it_has()
    {
        await using var rig = await GatewayRig.StartAsync();
        using var certificate = rig.Authority.Issue("CN=jane");
        using var client = rig.Client(certificate);
        Assert.Equal(HttpStatusCode.OK, await Ask(client));
        rig.Server.Revocations = new Revocations([], [])
        {
            Keys = [Convert.ToHexStringLower(Read(certificate).PublicKey.ComputeSha256())],
        };
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask(client));
    }

    [Fact]
    public void A_chain_is_revoked_by_each_of_its_certificates_but_the_anchor()
    {
        var now = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        var root = CertificateAuthority.CreateRoot("root", KeyPair.Generate(), now);
        var middleKey = KeyPair.Generate();
        var middle = root.Issue(
            new IssuanceRequest { Subject = DistinguishedName.Create("middle"), PublicKey = middleKey.PublicKey, Profile = CertificateProfile.Ca }, now).Require();
        var leaf = new CertificateAuthority([middle, root.Certificate], middleKey).Issue(
            new IssuanceRequest { Subject = DistinguishedName.Create("jane"), PublicKey = KeyPair.Generate().PublicKey, Profile = CertificateProfile.Client }, now).Require();
        var marks = CertificateMarks.Of([leaf, middle, root.Certificate]);
        Assert.Equal(
            [
                CertificateMarks.ByIssuer(AuthorityKeyId.Of(middle), leaf.SerialNumber),
                CertificateMarks.ByIssuer(AuthorityKeyId.Of(root.Certificate), middle.SerialNumber),
            ],
            marks.Certificates.ToArray());
        Assert.Equal(2, marks.Keys.Length);
    }

    [Fact]
    public void A_ca_that_is_known_by_another_identifier_today_does_not_hide_what_it_revoked()
    {
        var now = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        var key = KeyPair.Generate();
        Certificate Root(byte[] identifier) => CertificateAuthority.CreateRoot(
            new IssuanceRequest
            {
                Subject = DistinguishedName.Create("root"),
                PublicKey = key.PublicKey,
                Profile = CertificateProfile.Ca,
                SubjectKeyIdentifier = identifier,
            }, key, now).Require();
        var (before, after) = (Root([1, 2, 3]), Root([4, 5, 6]));
        var leaf = new CertificateAuthority([before], key).Issue(
            new IssuanceRequest { Subject = DistinguishedName.Create("jane"), PublicKey = KeyPair.Generate().PublicKey, Profile = CertificateProfile.Client }, now).Require();
        var marks = CertificateMarks.Of([leaf, after]);
        foreach (var keyId in new[] { "010203", "040506", Convert.ToHexStringLower(key.PublicKey.ComputeKeyIdentifier()) })
            Assert.Contains(CertificateMarks.ByIssuer(keyId, leaf.SerialNumber), marks.Certificates);
    }

    private static async Task<HttpStatusCode> Ask(HttpClient client)
    {
        using var response = await client.GetAsync("/version");
        return response.StatusCode;
    }
}
