// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;
using Sealock.Pki.Requests;

namespace Sealock.Tests.Pki;

public sealed class IssuingTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly KeyPair RootKey = KeyPair.Generate();
    private static readonly KeyPair LeafKey = KeyPair.Generate();
    private static readonly CertificateAuthority Root = CertificateAuthority.CreateRoot("test root", RootKey, Now);

    private static IssuanceRequest Leaf(CertificateProfile profile, params string[] hosts) => new()
    {
        Subject = DistinguishedName.Create("jane", "dev", "ops"),
        PublicKey = LeafKey.PublicKey,
        Profile = profile,
        Names = SubjectAlternativeNames.ForHosts(hosts),
    };

    private static CertificateAuthority Intermediate(CertificateAuthority issuer, KeyPair key, Func<IssuanceRequest, IssuanceRequest> change) =>
        new([issuer.Issue(change(new()
        {
            Subject = DistinguishedName.Create($"intermediate {Guid.NewGuid():N}"),
            PublicKey = key.PublicKey,
            Profile = CertificateProfile.Ca,
        }), Now).Require(), .. issuer.Chain], key);

    private static ChainVerdict Verify(Certificate leaf, CertificateAuthority issuer, DateTimeOffset? at = null) =>
        ChainVerifier.Verify(leaf, [.. issuer.Chain.SkipLast(1)], new TrustPool([issuer.Chain[^1]]), new() { At = at ?? Now });

    [Fact]
    public void A_server_certificate_verifies_and_names_its_hosts()
    {
        var issued = Root.Issue(Leaf(CertificateProfile.Server, "a.example.com", "10.0.0.1"), Now);
        var leaf = issued.Require();

        Assert.Equal("CN=jane,O=ops,O=dev", leaf.Subject.ToString());
        Assert.Equal(["dev", "ops"], leaf.Subject.Organizations);
        Assert.Equal(X509KeyUsageFlags.DigitalSignature, leaf.KeyUsage);
        Assert.Equal(Root.Certificate.SubjectKeyIdentifier.ToArray(), leaf.AuthorityKeyIdentifier.ToArray());
        Assert.Equal(Now.AddMinutes(-5), leaf.NotBefore);
        Assert.Equal(TimeSpan.FromDays(365), leaf.Lifetime);
        Assert.InRange(leaf.SerialNumber.Bytes.Length, 1, 20);
        Assert.False(leaf.SerialNumber.IsNegative);

        var pool = new TrustPool(Root.Chain);
        foreach (var (host, purpose, expected) in new[]
        {
            ("a.example.com", KeyPurposes.ServerAuth, ChainFailure.None),
            ("A.EXAMPLE.com.", KeyPurposes.ServerAuth, ChainFailure.None),
            ("10.0.0.1", KeyPurposes.ServerAuth, ChainFailure.None),
            ("10.0.0.2", KeyPurposes.ServerAuth, ChainFailure.WrongHost),
            ("jane", KeyPurposes.ServerAuth, ChainFailure.WrongHost),
            ("a.example.com", KeyPurposes.ClientAuth, ChainFailure.WrongPurpose),
        })
        {
            var verdict = ChainVerifier.Verify(leaf, [], pool, new() { At = Now, HostName = host, Purposes = [purpose] });
            Assert.Equal(expected, verdict.Failure);
            Assert.Equal(expected == ChainFailure.None, verdict.IsTrusted);
        }
    }

    [Fact]
    public void A_leaf_never_outlives_its_issuer()
    {
        var leaf = Root.Issue(Leaf(CertificateProfile.Client) with { Lifetime = TimeSpan.FromDays(36500) }, Now).Require();
        Assert.Equal(Root.Certificate.NotAfter, leaf.NotAfter);
    }

    [Fact]
    public void Short_lifetimes_keep_their_full_length()
    {
        var leaf = Root.Issue(Leaf(CertificateProfile.Client) with { Lifetime = TimeSpan.FromHours(1) }, Now).Require();
        Assert.Equal(Now.AddHours(1), leaf.NotAfter);
        Assert.Equal(Now.AddMinutes(-5), leaf.NotBefore);
    }

    [Fact]
    public void An_expired_ca_refuses_to_sign()
    {
        var answer = Root.Issue(Leaf(CertificateProfile.Client), Root.Certificate.NotAfter);
        Assert.False(answer.IsIssued);
        Assert.Contains("expired", answer.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Path_length_is_honoured_before_signing_and_when_verifying()
    {
        using var key = KeyPair.Generate();
        using var lowerKey = KeyPair.Generate();
        var last = Intermediate(Root, key, r => r with { Profile = CertificateProfile.Ca with { PathLength = 0 } });
        var refused = last.Issue(new()
        {
            Subject = DistinguishedName.Create("one too many"),
            PublicKey = lowerKey.PublicKey,
            Profile = CertificateProfile.Ca,
        }, Now);
        Assert.Contains("path length", refused.Refusal, StringComparison.Ordinal);
        Assert.True(Verify(last.Issue(Leaf(CertificateProfile.Client), Now).Require(), last).IsTrusted);
    }

    [Fact]
    public void Name_constraints_are_honoured_before_signing()
    {
        using var key = KeyPair.Generate();
        var constrained = Intermediate(Root, key, r => r with
        {
            NameConstraints = new() { Permitted = [NameConstraints.DnsSubtree("example.com"), NameConstraints.IpSubtree("10.0.0.0/8")] },
        });
        Assert.True(constrained.Issue(Leaf(CertificateProfile.Server, "a.example.com", "10.1.2.3"), Now).IsIssued);
        Assert.Contains("name constraints",
            constrained.Issue(Leaf(CertificateProfile.Server, "a.example.org"), Now).Refusal, StringComparison.Ordinal);
        Assert.Contains("name constraints",
            constrained.Issue(Leaf(CertificateProfile.Server, "11.0.0.1"), Now).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cross_signed_ca_leads_old_clients_to_new_leaves()
    {
        using var newKey = KeyPair.Generate(KeyAlgorithm.EcdsaP384);
        var next = CertificateAuthority.CreateRoot("test root", newKey, Now);
        var bridge = Root.CrossSign(next.Certificate, Now).Require();
        var leaf = next.Issue(Leaf(CertificateProfile.Client), Now).Require();

        var verdict = ChainVerifier.Verify(leaf, [bridge], new TrustPool([Root.Certificate]), new() { At = Now });
        Assert.True(verdict.IsTrusted, verdict.Reason);
        Assert.Equal(3, verdict.Chain.Count);
    }

    [Fact]
    public void A_request_round_trips_and_proves_possession()
    {
        var request = CertificateSigningRequest.Create(
            LeafKey, DistinguishedName.Create("jane", "dev"), SubjectAlternativeNames.ForHosts("a.example.com"),
            X509KeyUsageFlags.DigitalSignature, [KeyPurposes.ClientAuth]);
        Assert.True(request.IsSignatureValid, request.SignatureProblem);
        Assert.Equal(["a.example.com"], request.Names.DnsNames);
        Assert.Equal([KeyPurposes.ClientAuth], request.KeyPurposes);

        var again = CertificateSigningRequest.FromPem(request.ToPem());
        Assert.Equal(request.Der.ToArray(), again.Der.ToArray());

        var bytes = request.Der.ToArray();
        bytes[^1] ^= 1;
        Assert.False(CertificateSigningRequest.Parse(bytes).IsSignatureValid);
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "dns-names", "bad name!" },
        { "dns-names", "*.*.example.com" },
        { "dns-names", "-a.example.com" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Lint_errors_refuse(string lint, string host)
    {
        var answer = Root.Issue(Leaf(CertificateProfile.Server) with
        {
            Names = new([GeneralName.Dns(host.Replace(' ', '~'))]),
        }, Now);
        Assert.False(answer.IsIssued);
        Assert.Contains(answer.Findings, f => f.Lint == lint && f.Severity == LintSeverity.Error);
    }

    [Fact]
    public void A_ca_needs_its_own_key()
    {
        Assert.Throws<PkiFormatException>(() => new CertificateAuthority(Root.Chain, LeafKey));
    }
}
