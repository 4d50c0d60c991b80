// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Rotation;
using Sealock.Tests.Support;

namespace Sealock.Tests.Pki.Rotation;

public sealed class AuthorityRotationTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_new_ca_has_the_old_ones_name_and_another_key()
    {
        using KeyPair oldKey = KeyPair.Generate(), newKey = KeyPair.Generate();
        var old = AuthorityRoles.Of(CertificateAuthority.CreateRoot("kubernetes", oldKey, Now).Chain);
        var rotation = AuthorityRotation.ForRoot(old, oldKey, newKey, TimeSpan.FromDays(3650), Now);
        Assert.Equal(old.Signing[0].Subject, rotation.New.Signing[0].Subject);
        Assert.True(rotation.New.Signing[0].Matches(newKey));
        Assert.Null(rotation.CrossRefusal);
        Assert.True(rotation.Cross[0].Matches(newKey));
        Assert.Null(rotation.Cross[0].RefuseSignature(oldKey.PublicKey));
        Assert.Equal(old.Trusted, rotation.Withdrawn);
    }

    [Fact]
    public void A_signing_ca_stands_first_in_every_bundle_so_that_it_fits_the_key_beside_it()
    {
        using KeyPair oldKey = KeyPair.Generate(), newKey = KeyPair.Generate();
        var rotation = AuthorityRotation.ForRoot(
            AuthorityRoles.Of(CertificateAuthority.CreateRoot("ca", oldKey, Now).Chain), oldKey, newKey, TimeSpan.FromDays(3650), Now);
        foreach (var phase in PhaseRules.All)
            Assert.Equal(rotation.At(phase).Signing[0], rotation.At(phase).Trusted[0]);
    }

    [Fact]
    public void An_expired_ca_is_replaced_without_its_help()
    {
        using KeyPair oldKey = KeyPair.Generate(), newKey = KeyPair.Generate();
        var old = AuthorityRoles.Of(CertificateAuthority.CreateRoot("ca", oldKey, Now.AddDays(-100), TimeSpan.FromDays(10)).Chain);
        var rotation = AuthorityRotation.ForRoot(old, oldKey, newKey, TimeSpan.FromDays(10), Now);
        Assert.Empty(rotation.Cross);
        Assert.Contains("expired", rotation.CrossRefusal, StringComparison.Ordinal);
        Assert.Equal(rotation.New.Presented, rotation.At(RotationPhase.Reissue).Presented);
    }

    [Fact]
    public void A_bundle_of_both_and_a_chain_with_the_cross_signed_ca_please_openssl()
    {
        using KeyPair oldKey = KeyPair.Generate(), newKey = KeyPair.Generate(), leafKey = KeyPair.Generate();
        var rotation = AuthorityRotation.ForRoot(
            AuthorityRoles.Of(CertificateAuthority.CreateRoot("kubernetes", oldKey, Now).Chain),
            oldKey, newKey, TimeSpan.FromDays(3650), Now);
        Assert.NotEmpty(rotation.Cross);
        var leaf = new CertificateAuthority(rotation.New.Signing, newKey).Issue(
            new() { Subject = DistinguishedName.Create("leaf"), PublicKey = leafKey.PublicKey, Profile = CertificateProfile.Server },
            Now).Require();
        using var openssl = new OpenSsl();
        openssl.Write("leaf", leaf.ToPem());
        openssl.Write("sent", Certificate.ToPem(rotation.At(RotationPhase.Reissue).Presented));
        foreach (var (name, trusted) in new[] { ("old", rotation.Old.Trusted), ("new", rotation.New.Trusted), ("both", rotation.At(RotationPhase.Trust).Trusted) })
        {
            openssl.Write(name, Certificate.ToPem(trusted));
            openssl.Run($"verify -no-CApath -no-CAstore -attime {Now.ToUnixTimeSeconds()} -CAfile {name} -untrusted sent leaf");
        }
    }

    [Fact]
    public void A_leaf_is_kept_given_another_chain_or_signed_anew()
    {
        using KeyPair oldKey = KeyPair.Generate(), newKey = KeyPair.Generate(), leafKey = KeyPair.Generate();
        var rotation = AuthorityRotation.ForRoot(
            AuthorityRoles.Of(CertificateAuthority.CreateRoot("ca", oldKey, Now).Chain), oldKey, newKey, TimeSpan.FromDays(3650), Now);
        Certificate Leaf(AuthorityRoles roles, KeyPair key) => new CertificateAuthority(roles.Signing, key).Issue(
            new() { Subject = DistinguishedName.Create("leaf"), PublicKey = leafKey.PublicKey, Profile = CertificateProfile.Client }, Now).Require();
        var (before, after) = (Leaf(rotation.Old, oldKey), Leaf(rotation.New, newKey));
        (IReadOnlyList<Certificate> Stored, RotationPhase Phase, LeafDemand Wanted)[] cases =
        [
            ([before], RotationPhase.Stable, LeafDemand.Keep),
            ([before], RotationPhase.Trust, LeafDemand.Keep),
            ([before], RotationPhase.Reissue, LeafDemand.Reissue),
            ([before], RotationPhase.Withdraw, LeafDemand.Reissue),
            ([after, .. rotation.Cross], RotationPhase.Reissue, LeafDemand.Keep),
            ([after], RotationPhase.Reissue, LeafDemand.Rechain),
            ([after, .. rotation.Cross], RotationPhase.Withdraw, LeafDemand.Rechain),
            ([after], RotationPhase.Withdraw, LeafDemand.Keep),
            ([after, .. rotation.Cross], RotationPhase.Trust, LeafDemand.Reissue),
            ([], RotationPhase.Trust, LeafDemand.Reissue),
        ];
        foreach (var (stored, phase, wanted) in cases)
            Assert.Equal(wanted, LeafDemands.Of(stored, rotation.At(phase)));
    }

    [Fact]
    public void Token_keys_are_verified_with_the_signing_one_first()
    {
        using KeyPair oldKey = KeyPair.Generate(), newKey = KeyPair.Generate();
        var (old, @new) = (oldKey.PublicKey, newKey.PublicKey);
        var rotation = new KeyRotation(old, @new);
        Assert.Equal([old], rotation.VerifyingAt(RotationPhase.Stable));
        Assert.Equal([old, @new], rotation.VerifyingAt(RotationPhase.Trust));
        Assert.Equal([@new, old], rotation.VerifyingAt(RotationPhase.Reissue));
        Assert.Equal([@new], rotation.VerifyingAt(RotationPhase.Withdraw));
        Assert.Equal([old], rotation.VerifyingAt(RotationPhase.Return));
    }
}
