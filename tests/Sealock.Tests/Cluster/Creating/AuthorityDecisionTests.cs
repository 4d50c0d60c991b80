// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Creating;
using Sealock.Cluster.Planning;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Tests.Support;

namespace Sealock.Tests.Cluster.Creating;

public sealed class AuthorityDecisionTests
{
    private static readonly DateTimeOffset Now = new FakeTimeProvider().GetUtcNow();
    private static readonly KeyPair Key = KeyPair.Generate();
    private static readonly KeyPair Other = KeyPair.Generate();
    private static readonly Certificate Own = CertificateAuthority.CreateRoot("kubernetes", Key, Now).Certificate;
    private static readonly Certificate Foreign = CertificateAuthority.CreateRoot("Example CA", Key, Now).Certificate;
    private static readonly Certificate Leaf = CertificateAuthority.SelfSign(
        new() { Subject = DistinguishedName.Create("leaf"), PublicKey = Key.PublicKey, Profile = CertificateProfile.Server, Names = SubjectAlternativeNames.ForHosts("a") },
        Key, Now).Require();

    /// <summary>What stands, whether an external CA is asked for, after how many days; the verdict and a part of the reason.</summary>
    public static TheoryData<string, bool, int, string, string> Table => new()
    {
        // certificate, key
        { "none none", false, 0, "Make", "missing" },
        { "none none", true, 0, "Report", "into the set as ca/ca.crt" },
        { "none own", false, 0, "Make", "made for the key that is there" },
        { "none broken", false, 0, "Report", "its key cannot be read" },
        { "broken own", false, 0, "Report", "its certificate cannot be read" },
        { "own own", false, 0, "Keep", "valid until 2036-02-27" },
        { "own own", true, 0, "Keep", "its key is here" },
        { "own own", false, 4000, "Report", "rotate ca" },
        { "own own", false, -1, "Report", "clock" },
        { "own none", false, 0, "Keep", "its key is elsewhere" },
        { "own none", true, 0, "Keep", "its key is elsewhere" },
        { "own other", false, 0, "Report", "does not belong" },
        { "own broken", false, 0, "Report", "its key cannot be read" },
        { "own locked", false, 0, "Keep", "under a passphrase" },
        { "none locked", false, 0, "Report", "its key cannot be read" },
        { "foreign own", false, 0, "Keep", "it is named CN=Example CA" },
        { "leaf own", false, 0, "Report", "no CA certificate" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void What_stands_of_an_authority_decides(string stands, bool external, int days, string verdict, string reason)
    {
        var parts = stands.Split(' ');
        var decision = AuthorityDecisions.Of(
            PlannedAuthority.Cluster,
            new()
            {
                Chain = parts[0] switch { "own" => [Own], "foreign" => [Foreign], "leaf" => [Leaf], _ => [] },
                ChainProblem = parts[0] == "broken" ? "expected a certificate" : null,
                Key = parts[1] switch
                {
                    "own" => new(Key.PublicKey, null),
                    "other" => new(Other.PublicKey, null),
                    "broken" or "locked" => new(null, "a passphrase is needed"),
                    _ => default,
                },
                IsLocked = parts[1] == "locked",
            },
            external,
            Now.AddDays(days));
        Assert.Equal(verdict, decision.Verdict.ToString());
        Assert.Contains(reason, decision.Reason, StringComparison.Ordinal);
    }
}
