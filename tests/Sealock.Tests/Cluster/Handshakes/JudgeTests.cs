// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Handshakes;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;

namespace Sealock.Tests.Cluster.Handshakes;

public sealed class JudgeTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly KeyPair key = KeyPair.Generate();
    private readonly CertificateAuthority root;
    private readonly CertificateAuthority middle;
    private readonly Certificate leaf;

    public JudgeTests()
    {
        root = CertificateAuthority.CreateRoot("root", key, Now);
        middle = new([root.Issue(new()
        {
            Subject = DistinguishedName.Create("middle"),
            PublicKey = key.PublicKey,
            Profile = CertificateProfile.Ca,
        }, Now).Require(), root.Certificate], key);
        leaf = Issue(CertificateProfile.Server);
    }

    public void Dispose() => key.Dispose();

    [Fact]
    public void A_chain_to_the_pool_is_fine_and_named_in_full()
    {
        var (chain, name, validity) = Judge([leaf, middle.Certificate], new([root.Certificate]), "a.example.com", Now);
        Assert.Equal((JudgementOutcome.Fine, "CN=server ← CN=middle ← CN=root: trusted by --cacert"), (chain.Outcome, chain.Text));
        Assert.Equal(JudgementOutcome.Fine, name.Outcome);
        Assert.Contains("a.example.com is named by the certificate (DNS:a.example.com, IP:10.0.0.1)", name.Text, StringComparison.Ordinal);
        Assert.Equal(JudgementOutcome.Fine, validity.Outcome);
        Assert.Contains("days left", validity.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_pool_the_checksum_of_the_chain_s_end_is_given()
    {
        var (withRoot, _, _) = Judge([leaf, middle.Certificate, root.Certificate], null, "a.example.com", Now);
        Assert.Equal(JudgementOutcome.Untold, withRoot.Outcome);
        Assert.Contains($"ends at CN=root, SHA-256 {root.Certificate.Sha256Hex}", withRoot.Text, StringComparison.Ordinal);
        var (without, _, _) = Judge([leaf, middle.Certificate], null, "a.example.com", Now);
        Assert.Contains("issued by CN=root, which the server did not send", without.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_intermediate_is_named()
    {
        var (chain, _, _) = Judge([leaf], new([root.Certificate]), "a.example.com", Now);
        Assert.Equal(JudgementOutcome.Failed, chain.Outcome);
        Assert.Contains("issued by CN=middle, which is not trusted", chain.Text, StringComparison.Ordinal);
        Assert.Contains("the CA CN=middle with --cacert; if that is an intermediate CA", chain.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ca_of_the_same_name_with_another_key_is_told_apart()
    {
        using var other = KeyPair.Generate();
        var (chain, _, _) = Judge(
            [leaf, middle.Certificate], new([CertificateAuthority.CreateRoot("root", other, Now).Certificate]), "a.example.com", Now);
        Assert.Equal(JudgementOutcome.Failed, chain.Outcome);
        Assert.Contains("same name with another key", chain.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("b.example.com", "--servername a.example.com")]
    [InlineData("10.0.0.2", "10.0.0.2 as subject alternative name")]
    public void A_wrong_name_is_told_with_those_it_has(string host, string remedy)
    {
        var (_, name, _) = Judge([leaf, middle.Certificate], new([root.Certificate]), host, Now);
        Assert.Equal(JudgementOutcome.Failed, name.Outcome);
        Assert.Contains($"is for DNS:a.example.com, IP:10.0.0.1, not for '{host}'", name.Text, StringComparison.Ordinal);
        Assert.Contains(remedy, name.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Expired_and_not_yet_valid_are_told_with_how_long()
    {
        var (chain, _, expired) = Judge([leaf, middle.Certificate], new([root.Certificate]), "a.example.com", leaf.NotAfter.AddDays(3));
        Assert.Equal((JudgementOutcome.Failed, JudgementOutcome.Failed), (chain.Outcome, expired.Outcome));
        Assert.Contains("3 days ago", expired.Text, StringComparison.Ordinal);
        var (_, _, early) = Judge([leaf, middle.Certificate], new([root.Certificate]), "a.example.com", leaf.NotBefore.AddHours(-5));
        Assert.Contains("in 5 hours", early.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_certificate_is_no_server_certificate()
    {
        var (chain, _, _) = Judge([Issue(CertificateProfile.Client), middle.Certificate], new([root.Certificate]), "a.example.com", Now);
        Assert.Contains("server auth", chain.Remedy, StringComparison.Ordinal);
    }

    private Certificate Issue(CertificateProfile profile) => middle.Issue(new()
    {
        Subject = DistinguishedName.Create("server"),
        PublicKey = key.PublicKey,
        Profile = profile,
        Names = SubjectAlternativeNames.ForHosts("a.example.com", "10.0.0.1"),
    }, Now).Require();

    private static (Judgement Chain, Judgement Name, Judgement Validity) Judge(
        IReadOnlyList<Certificate> chain, TrustPool? pool, string host, DateTimeOffset now) =>
        ServerJudge.Judge(chain, pool, host, now).ToList() is [var one, var two, var three]
            ? (one, two, three)
            : throw new InvalidOperationException("expected three judgements");
}
