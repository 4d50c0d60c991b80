// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Pki.Certificates;
using Sealock.Pki.Inspection;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Tests.Support;

namespace Sealock.Tests.Pki;

/// <summary>Facts of certificates and keys, in the words they are shown in.</summary>
public sealed class InspectionTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(59, "59 seconds")]
    [InlineData(1, "1 second")]
    [InlineData(119, "119 seconds")]
    [InlineData(120, "2 minutes")]
    [InlineData(7199, "119 minutes")]
    [InlineData(7200, "2 hours")]
    [InlineData(2 * 86400 - 1, "47 hours")]
    [InlineData(2 * 86400, "2 days")]
    [InlineData(365 * 86400, "365 days")]
    [InlineData(730 * 86400, "730 days")]
    [InlineData(3650L * 86400, "9 years")]
    public void Spans_are_told_in_the_fitting_unit(long seconds, string text) =>
        Assert.Equal(text, ValidityText.Span(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(-1, ValidityState.NotYetValid)]
    [InlineData(0, ValidityState.Valid)]
    [InlineData(69, ValidityState.Valid)]
    [InlineData(70, ValidityState.Expiring)]
    [InlineData(100, ValidityState.Expiring)]
    [InlineData(101, ValidityState.Expired)]
    public void A_moment_stands_before_in_at_the_end_of_or_after_a_validity(int day, ValidityState state) =>
        Assert.Equal(state, ValidityText.StateAt(Now.AddDays(day), Now, Now.AddDays(100), TimeSpan.FromDays(30)));

    [Fact]
    public void Facts_of_a_leaf_and_its_authority()
    {
        using var key = KeyPair.Generate();
        var root = CertificateAuthority.CreateRoot("root", key, Now);
        var leaf = root.Issue(new()
        {
            Subject = DistinguishedName.Create("jane", "dev", "ops"),
            PublicKey = key.PublicKey,
            Profile = CertificateProfile.Peer,
            Names = new([GeneralName.Dns("a.example.com"), GeneralName.Ip(IPAddress.Parse("10.0.0.1"))]),
            CrlUrls = ["http://a.example.com/crl"],
        }, Now).Require();

        var facts = CertificateFacts.Of(leaf);
        Assert.Equal(("jane", "CN=jane,O=ops,O=dev", "CN=root", false, (bool?)false),
            (facts.CommonName, facts.Subject, facts.Issuer, facts.IsSelfSigned, facts.IsCa));
        Assert.Equal(["dev", "ops"], facts.Organizations);
        Assert.Equal(["digital signature"], facts.KeyUsages);
        Assert.Equal(["server auth", "client auth"], facts.ExtendedKeyUsages);
        Assert.Equal("ECDSA P-256", facts.Key.Description);
        Assert.Equal(facts.Key, CertificateFacts.Of(root.Certificate).Key);
        Assert.Equal("ECDSA-SHA256", facts.SignatureAlgorithm);
        Assert.Empty(facts.Warnings);
        Assert.Empty(facts.OtherExtensions);
        Assert.True(CertificateFacts.Of(root.Certificate).IsSelfSigned);
        Assert.Null(Signatures.RefuseIssuer(leaf, root.Certificate));
        Assert.Contains("but the issuer's name is CN=root", Signatures.RefuseIssuer(leaf, leaf), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:512", "RSA 512")]
    [InlineData("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1", "ECDSA secp256k1")]
    [InlineData("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit", "ECDSA explicit parameters")]
    [InlineData("genpkey -algorithm ED448", "Ed448")]
    [InlineData("genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048", "RSA-PSS 2048")]
    public void Keys_that_are_accepted_nowhere_are_told_all_the_same(string command, string description)
    {
        using var openssl = new OpenSsl();
        openssl.Run(command + " -out k.pem");
        openssl.Run("req -x509 -key k.pem -subj /CN=x -days 1 -outform DER -out c.der");
        var facts = CertificateFacts.Of(Certificate.ParseForInspection(File.ReadAllBytes(openssl.PathOf("c.der"))));
        Assert.Equal(description, facts.Key.Description);
        Assert.Equal(description.StartsWith("RSA-PSS", StringComparison.Ordinal), facts.Key.Problem is null);
        openssl.Run("pkey -in k.pem -pubout -outform DER -out p.der");
        Assert.Contains(facts.Key.Sha256, openssl.Run("dgst -sha256 p.der"), StringComparison.Ordinal);
    }

    [Fact]
    public void Policies_and_unexplained_extensions_are_listed()
    {
        using var openssl = new OpenSsl();
        openssl.Write("ext.cnf", """
            [req]
            distinguished_name=dn
            [dn]
            [ext]
            certificatePolicies=2.23.140.1.2.1,@cps
            nsComment="made by hand"
            tlsfeature=status_request
            1.2.3.4=critical,ASN1:UTF8String:own
            issuerAltName=email:x@example.com
            [cps]
            policyIdentifier=1.2.3
            CPS.1=http://example.com/cps
            """);
        openssl.Run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out c.pem -days 30 -config ext.cnf -extensions ext -subj /CN=x");
        var facts = CertificateFacts.Of(Certificate.FromPem(openssl.Read("c.pem")));
        Assert.Equal([("2.23.140.1.2.1", "domain validated"), ("1.2.3", null)], facts.Policies.Select(p => (p.Oid, p.Name)));
        Assert.Equal(["http://example.com/cps"], facts.Policies[1].Statements);
        Assert.Equal(
            [("Netscape comment", false, "made by hand"), ("TLS features", false, null), (null, true, "own"), ("issuer alternative names", false, null)],
            facts.OtherExtensions.Select(e => (e.Name, e.IsCritical, e.Text)));
        Assert.Equal(["1.2.3.4"], facts.CriticalExtensions);
    }
}
