// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Cluster.Inspecting;
using Sealock.Pki.Certificates;
using Sealock.Pki.Inspection;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Requests;

namespace Sealock.Tests.Cluster.Inspecting;

/// <summary>What is found wrong: with single things, with pairs, with chains.</summary>
public sealed class InspectionRulesTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly KeyPair rootKey = KeyPair.Generate();
    private readonly KeyPair middleKey = KeyPair.Generate();
    private readonly KeyPair leafKey = KeyPair.Generate();
    private readonly CertificateAuthority root;
    private readonly CertificateAuthority middle;
    private readonly Certificate leaf;

    public InspectionRulesTests()
    {
        root = CertificateAuthority.CreateRoot("root", rootKey, Now);
        middle = new([root.Issue(new() { Subject = DistinguishedName.Create("middle"), PublicKey = middleKey.PublicKey, Profile = CertificateProfile.Ca }, Now).Require(), root.Certificate], middleKey);
        leaf = middle.Issue(new()
        {
            Subject = DistinguishedName.Create("leaf"),
            PublicKey = leafKey.PublicKey,
            Profile = CertificateProfile.Server,
            Names = new([GeneralName.Dns("a.example.com"), GeneralName.Ip(IPAddress.Loopback)]),
        }, Now).Require();
    }

    [Theory]
    [InlineData("leaf middle root", "")]
    [InlineData("leaf middle", "")]
    [InlineData("leaf", "")]
    [InlineData("root middle", "")]
    [InlineData("root root", "")]
    [InlineData("leaf root", "2: the chain is broken: it did not sign certificate 1 (its subject is CN=root, but the issuer's name is CN=middle)")]
    [InlineData("leaf root middle", "2: the order is wrong: certificate 1 is signed by certificate 3, which has to follow it")]
    [InlineData("leaf middle middle", "3: it repeats certificate 2; take it out")]
    [InlineData("leaf middle root middle", "4: it does not belong to the chain, which ends with certificate 3; take it out")]
    [InlineData("leaf leaf", "")]
    public void Certificates_in_a_row_are_a_chain_where_a_leaf_leads(string row, string finding)
    {
        var items = row.Split(' ').Select(name => Item(new CertificateContent(Named(name)))).ToArray();
        var findings = Errors(Source(items));
        Assert.Equal(finding, string.Join("; ", findings.Select(f => $"{Array.IndexOf(items, f.Item) + 1}: {f.Message}")));
        Assert.All(findings, f => Assert.Equal("chain-broken", f.Code));
    }

    [Fact]
    public void A_served_row_is_a_chain_whoever_leads() =>
        Assert.Equal(["chain-broken"], Errors(Source(Item(new CertificateContent(leaf)), Item(new CertificateContent(leaf))) with { IsServedChain = true }).Select(f => f.Code));

    [Theory]
    [InlineData("a.example.com", null)]
    [InlineData("127.0.0.1", null)]
    [InlineData("b.example.com", "wrong-host")]
    public void A_served_leaf_has_to_name_its_host(string host, string? code) =>
        Assert.Equal(code, Errors(Source(Item(new CertificateContent(leaf))) with { ExpectedHost = host }).SingleOrDefault()?.Code);

    [Theory]
    [InlineData(0, 30, null)]
    [InlineData(340, 30, "expiring")]
    [InlineData(340, 1, null)]
    [InlineData(400, 30, "expired")]
    [InlineData(-2, 30, "not-yet-valid")]
    public void Validity_is_judged_at_a_moment(int day, int within, string? code)
    {
        var sources = new[] { Source(Item(new CertificateContent(leaf))) };
        var findings = InspectionRules.Run(sources, InspectionRelations.Among(sources), Now.AddDays(day), TimeSpan.FromDays(within));
        Assert.Equal(code, findings.SingleOrDefault(f => f.Severity == InspectionSeverity.Error)?.Code);
    }

    [Fact]
    public void A_key_has_to_belong_to_a_certificate_of_its_group()
    {
        var (certificate, right, wrong) = (Item(new CertificateContent(leaf), "pair"), Item(Private(leafKey), "pair"), Item(Private(rootKey), "pair"));
        Assert.Empty(Errors(Source(certificate, right)));
        Assert.Equal(["key-mismatch"], Errors(Source(certificate, wrong)).Select(f => f.Code));
        Assert.Empty(Errors(Source(certificate, Item(Private(rootKey), "elsewhere"))));
        Assert.Empty(Errors(Source(certificate, Item(new PrivateKeyContent(null, "PKCS#8", "AES", "locked"), "pair"))));
        Assert.Equal(["key-mismatch"], Errors(Source(Item(Private(rootKey), "sa"), Item(new PublicKeyContent(leafKey.PublicKey), "sa"))).Select(f => f.Code));
    }

    [Fact]
    public void Stale_lists_foreign_requests_and_damaged_blocks_are_errors()
    {
        var list = root.IssueCrl(new() { Number = 1, ThisUpdate = Now.AddDays(-3), NextUpdate = Now.AddDays(-1), Revoked = [] });
        var der = CertificateSigningRequest.Create(leafKey, leaf.Subject).Der.ToArray();
        der[^1] ^= 1;
        Assert.Equal(
            ["stale", "request-signature", "malformed", "unreadable"],
            Errors(
                Source(Item(new RevocationListContent(list)), Item(new RequestContent(CertificateSigningRequest.Parse(der))), Item(new UnreadableContent("PEM block", "damaged"))),
                new() { Name = "gone", Failure = "there is no such file" }).Select(f => f.Code));
    }

    [Fact]
    public void Who_signed_whom_is_found_among_all_sources()
    {
        var (top, ca, end, list) = (Item(new CertificateContent(root.Certificate)), Item(new CertificateContent(middle.Certificate)), Item(new CertificateContent(leaf)),
            Item(new RevocationListContent(root.IssueCrl(new() { Number = 1, ThisUpdate = Now, NextUpdate = Now.AddDays(1), Revoked = [] }))));
        var sources = new[] { Source(end), Source(ca, list), Source(top) };
        var relations = InspectionRelations.Among(sources);
        Assert.Same(ca, relations.SignerOf(end));
        Assert.Same(top, relations.SignerOf(ca));
        Assert.Same(top, relations.SignerOf(top));
        Assert.Same(top, relations.SignerOf(list));
        Assert.Same(sources[1], relations.SourceOf(list));
    }

    public void Dispose()
    {
        rootKey.Dispose();
        middleKey.Dispose();
        leafKey.Dispose();
    }

    private Certificate Named(string name) => name switch { "leaf" => leaf, "middle" => middle.Certificate, _ => root.Certificate };

    private static PrivateKeyContent Private(KeyPair key) => new(key.PublicKey, "PKCS#8", null, null);

    private static InspectedItem Item(PkiContent content, string group = "file") => new(content) { Group = group };

    private static InspectedSource Source(params InspectedItem[] items) => new() { Name = "file", Items = items };

    private static List<InspectionFinding> Errors(params InspectedSource[] sources) =>
        [.. InspectionRules.Run(sources, InspectionRelations.Among(sources), Now, TimeSpan.FromDays(30)).Where(f => f.Severity == InspectionSeverity.Error)];
}
