// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Creating;
using Sealock.Cluster.Planning;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Rotation;
using Sealock.Tests.Support;

namespace Sealock.Tests.Cluster.Creating;

public sealed class LeafDecisionTests
{
    private static readonly DateTimeOffset Now = new FakeTimeProvider().GetUtcNow();
    private static readonly KeyPair CaKey = KeyPair.Generate();
    private static readonly KeyPair Key = KeyPair.Generate();
    private static readonly KeyPair Other = KeyPair.Generate();
    private static readonly CertificateAuthority Ca = CertificateAuthority.CreateRoot("kubernetes", CaKey, Now);
    private static readonly CertificateAuthority Stranger = CertificateAuthority.CreateRoot("kubernetes", Other, Now);
    private static readonly AuthorityRoles Roles = AuthorityRoles.Of(Ca.Chain);
    private static readonly PlannedCertificate Planned = ClusterPlan.For(TemporarySet.Small).Certificates.First(certificate => certificate.Name == "apiserver");
    private static readonly PlannedCertificate Admin = ClusterPlan.For(TemporarySet.Small).Certificates.First(certificate => certificate.Name == "admin.conf");

    private static readonly Dictionary<string, Func<Certificate[]>> Chains = new()
    {
        ["none"] = () => [],
        ["good"] = () => [Issue(Request())],
        ["more-names"] = () => [Issue(Request() with { Names = new([.. Planned.Names, GeneralName.Dns("more.example.com")]) })],
        ["less-names"] = () => [Issue(Request() with { Names = new(Planned.Names.Where(name => name.Text != "10.0.0.1")) })],
        ["client-only"] = () => [Issue(Request() with { Profile = CertificateProfile.Client })],
        ["other-name"] = () => [Issue(Request() with { Subject = DistinguishedName.Create("somebody") })],
        ["stranger"] = () => [Stranger.Issue(Request(), Now).Require()],
        ["with-root"] = () => [Issue(Request()), Ca.Certificate],
    };

    /// <summary>Certificate, key, the CA's state, days later; the verdict and a part of the reason.</summary>
    public static TheoryData<string, string, string, int, string, string> Table => new()
    {
        { "none", "none", "signs", 0, "Make", "missing" },
        { "none", "key", "signs", 0, "Make", "missing" },
        { "none", "none", "new", 0, "Make", "missing" },
        { "none", "none", "external", 0, "Request", "missing" },
        { "none", "key", "external", 0, "Request", "awaited from the external CA" },
        { "none", "none", "broken", 0, "Report", "its CA cannot sign" },
        { "malformed", "key", "signs", 0, "Make", "cannot be read" },
        { "malformed", "key", "external", 0, "Request", "put the right one there" },
        { "good", "key", "signs", 0, "Keep", "valid until 2027-03-01" },
        { "good", "key", "external", 0, "Keep", "valid until 2027-03-01" },
        { "good", "key", "broken", 0, "Keep", "valid until 2027-03-01" },
        { "good", "key", "new", 0, "Report", "a CA that is not here" },
        { "good", "none", "signs", 0, "Make", "its key is missing" },
        { "good", "other", "signs", 0, "Make", "does not belong" },
        { "good", "broken", "signs", 0, "Make", "its key cannot be read" },
        { "good", "key", "signs", 400, "Make", "expired" },
        { "good", "key", "signs", -1, "Make", "not valid before" },
        { "good", "key", "external", 400, "Request", "expired" },
        { "more-names", "key", "signs", 0, "Keep", "valid until" },
        { "less-names", "key", "signs", 0, "Make", "lacks the names 10.0.0.1" },
        { "less-names", "key", "external", 0, "Request", "lacks the names 10.0.0.1" },
        { "client-only", "key", "signs", 0, "Make", "lacks the usage" },
        { "other-name", "key", "signs", 0, "Make", "names somebody instead of kube-apiserver" },
        { "stranger", "key", "signs", 0, "Report", "sealock pki renew apiserver" },
        { "with-root", "key", "signs", 0, "Make", "written anew around the same certificate" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void What_stands_of_a_leaf_decides(string chain, string key, string ca, int days, string verdict, string reason)
    {
        var decision = LeafDecisions.Of(
            Planned,
            new()
            {
                Chain = chain == "malformed" ? [] : Chains[chain](),
                ChainProblem = chain == "malformed" ? "expected a certificate" : null,
                Key = key switch
                {
                    "key" => new(Key.PublicKey, null),
                    "other" => new(Other.PublicKey, null),
                    "broken" => new(null, "expected a key"),
                    _ => default,
                },
            },
            ca switch
            {
                "new" => new(null, LeafSource.Signs),
                "external" => new(Roles, LeafSource.AsksFor),
                "broken" => new(Roles, LeafSource.Nothing, "its CA cannot sign"),
                _ => new(Roles, LeafSource.Signs),
            },
            Now.AddDays(days));
        Assert.Equal(verdict, decision.Decision.Verdict.ToString());
        Assert.Contains(reason, decision.Decision.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kubeadm:cluster-admins", null)]
    [InlineData("system:masters", null)]
    [InlineData("system:master", "lacks the group kubeadm:cluster-admins")]
    [InlineData("", "lacks the group kubeadm:cluster-admins")]
    public void A_group_that_may_everything_is_left_to_older_sets(string group, string? mistake)
    {
        var leaf = Issue(Request() with
        {
            Subject = DistinguishedName.Create("kubernetes-admin", group.Length == 0 ? [] : [group]),
            Profile = CertificateProfile.Client,
        });
        Assert.Equal(mistake is not null, LeafDecisions.ContentMistake(Admin, leaf) is { } found && found.Contains(mistake ?? "", StringComparison.Ordinal));
    }

    [Fact]
    public void A_kubeconfig_that_points_elsewhere_is_written_anew_around_its_certificate()
    {
        var decision = LeafDecisions.Of(
            Planned, new() { Chain = [Issue(Request())], Key = new(Key.PublicKey, null), CarrierMistake = "its kubeconfig points at x" },
            new(Roles, LeafSource.Signs), Now);
        Assert.Equal(CreationVerdict.Make, decision.Decision.Verdict);
        Assert.True(decision.KeepsCertificate);
    }

    private static IssuanceRequest Request() => new()
    {
        Subject = Planned.Subject,
        PublicKey = Key.PublicKey,
        Profile = Planned.Profile,
        Names = Planned.Names,
    };

    private static Certificate Issue(IssuanceRequest request) => Ca.Issue(request, Now).Require();
}
