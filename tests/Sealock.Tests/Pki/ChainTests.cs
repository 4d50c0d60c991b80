// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;

namespace Sealock.Tests.Pki;

public sealed class ChainTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly KeyPair[] Keys = [.. Enumerable.Range(0, 6).Select(_ => KeyPair.Generate())];

    /// <summary>One certificate of a generated chain, as it is (also where no sound CA would issue it).</summary>
    private sealed record Link
    {
        public bool IsCa { get; init; } = true;
        public int? PathLength { get; init; }
        public string[] Purposes { get; init; } = [];
        public X509KeyUsageFlags? KeyUsage { get; init; }
        public string[] Hosts { get; init; } = [];
        public NameConstraints? Constraints { get; init; }
        public TimeSpan Begins { get; init; } = TimeSpan.FromDays(-1);
        public TimeSpan Ends { get; init; } = TimeSpan.FromDays(1);
        public bool WrongSigner { get; init; }
    }

    /// <summary>Root first; signs whatever it is told to.</summary>
    private static Certificate[] Build(params Link[] links)
    {
        var chain = new List<Certificate>();
        for (var i = 0; i < links.Length; i++)
        {
            var link = links[i];
            var signer = Keys[link.WrongSigner ? 5 : Math.Max(i - 1, 0)];
            var issuer = i == 0 ? null : chain[^1];
            var subject = DistinguishedName.Create($"link {i}", "example");
            var content = new CertificateWriter.Content(
                new()
                {
                    Subject = subject,
                    PublicKey = Keys[i].PublicKey,
                    Names = SubjectAlternativeNames.ForHosts(link.Hosts),
                    NameConstraints = link.Constraints,
                    Profile = new()
                    {
                        Name = "test",
                        IsCa = link.IsCa,
                        PathLength = link.PathLength,
                        KeyPurposes = link.Purposes,
                        // The writer adds cert sign to every CA: leave the flag out through a non-CA profile only.
                        KeyUsage = link.KeyUsage,
                    },
                },
                issuer?.Subject ?? subject,
                issuer?.SubjectKeyIdentifier ?? Keys[0].PublicKey.ComputeKeyIdentifier(),
                SerialNumber.Random(), signer.SignatureAlgorithm, Now + link.Begins, Now + link.Ends);
            var tbs = CertificateWriter.WriteTbs(content);
            chain.Add(Certificate.Parse(CertificateWriter.Join(tbs, signer.SignatureAlgorithm, signer.Sign(tbs))));
        }
        return [.. chain];
    }

    private static ChainVerdict Verify(Certificate[] chain, Action<List<Certificate>>? intermediates = null, string[]? purposes = null)
    {
        List<Certificate> middle = [.. chain[1..^1]];
        intermediates?.Invoke(middle);
        return ChainVerifier.Verify(chain[^1], middle, new TrustPool([chain[0]]),
            new() { At = Now, Purposes = purposes ?? [KeyPurposes.ServerAuth] });
    }

    private static bool PlatformTrusts(Certificate[] chain)
    {
        using var platform = new X509Chain();
        platform.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        platform.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        platform.ChainPolicy.DisableCertificateDownloads = true;
        platform.ChainPolicy.VerificationTime = Now.UtcDateTime;
        platform.ChainPolicy.VerificationTimeIgnored = false;
        platform.ChainPolicy.ApplicationPolicy.Add(new(KeyPurposes.ServerAuth));
        platform.ChainPolicy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificate(chain[0].Der.Span));
        foreach (var certificate in chain[1..^1])
            platform.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(certificate.Der.Span));
        using var leaf = X509CertificateLoader.LoadCertificate(chain[^1].Der.Span);
        return platform.Build(leaf);
    }

    private static readonly Link Ca = new();
    private static readonly Link Leaf = new() { IsCa = false, Purposes = [KeyPurposes.ServerAuth], Hosts = ["a.example.com"] };

    public static TheoryData<string> Cases => [.. Chains.Keys];

    private static readonly Dictionary<string, (ChainFailure Expected, Link[] Links)> Chains = new()
    {
        ["root and leaf"] = (ChainFailure.None, [Ca, Leaf]),
        ["one intermediate"] = (ChainFailure.None, [Ca, Ca, Leaf]),
        ["three intermediates"] = (ChainFailure.None, [Ca, Ca, Ca, Ca, Leaf]),
        ["path length just enough"] = (ChainFailure.None, [Ca with { PathLength = 1 }, Ca with { PathLength = 0 }, Leaf]),
        ["path length exceeded at the root"] = (ChainFailure.PathTooLong, [Ca with { PathLength = 0 }, Ca, Leaf]),
        ["path length exceeded in the middle"] = (ChainFailure.PathTooLong, [Ca, Ca with { PathLength = 0 }, Ca, Leaf]),
        ["the leaf has expired"] = (ChainFailure.Expired, [Ca, Leaf with { Ends = TimeSpan.FromSeconds(-1) }]),
        ["an intermediate has expired"] = (ChainFailure.Expired, [Ca, Ca with { Ends = TimeSpan.FromSeconds(-1) }, Leaf]),
        ["the root has expired"] = (ChainFailure.Expired, [Ca with { Ends = TimeSpan.FromSeconds(-1) }, Leaf]),
        ["the leaf is not valid yet"] = (ChainFailure.NotYetValid, [Ca, Leaf with { Begins = TimeSpan.FromSeconds(1) }]),
        ["an intermediate is no CA"] = (ChainFailure.NotAuthorizedToSign, [Ca, Ca with { IsCa = false }, Leaf]),
        ["an intermediate signs what it is not for"] = (ChainFailure.WrongPurpose,
            [Ca, Ca with { Purposes = [KeyPurposes.ClientAuth] }, Leaf]),
        ["an intermediate for the same purpose"] = (ChainFailure.None,
            [Ca, Ca with { Purposes = [KeyPurposes.ClientAuth, KeyPurposes.ServerAuth] }, Leaf]),
        ["the leaf is for clients"] = (ChainFailure.WrongPurpose, [Ca, Leaf with { Purposes = [KeyPurposes.ClientAuth] }]),
        ["the leaf is for any purpose"] = (ChainFailure.None, [Ca, Leaf with { Purposes = [] }]),
        ["signed by another key"] = (ChainFailure.BadSignature, [Ca, Leaf with { WrongSigner = true }]),
        ["the intermediate is signed by another key"] = (ChainFailure.BadSignature, [Ca, Ca with { WrongSigner = true }, Leaf]),
        ["permitted name"] = (ChainFailure.None, [Ca, Ca with { Constraints = Permit(NameConstraints.DnsSubtree("example.com")) }, Leaf]),
        ["name not permitted"] = (ChainFailure.NameNotPermitted,
            [Ca, Ca with { Constraints = Permit(NameConstraints.DnsSubtree("example.org")) }, Leaf]),
        ["excluded name"] = (ChainFailure.NameNotPermitted,
            [Ca, Ca with { Constraints = new() { Excluded = [NameConstraints.DnsSubtree("example.com")] } }, Leaf]),
        ["address outside the range"] = (ChainFailure.NameNotPermitted,
            [Ca, Ca with { Constraints = Permit(NameConstraints.IpSubtree("10.0.0.0/8")) }, Leaf with { Hosts = ["11.0.0.1"] }]),
        ["address inside the range"] = (ChainFailure.None,
            [Ca, Ca with { Constraints = Permit(NameConstraints.IpSubtree("10.0.0.0/9")) }, Leaf with { Hosts = ["10.127.0.1"] }]),
        ["directory name permitted"] = (ChainFailure.None,
            [Ca, Ca with { Constraints = Permit(GeneralName.Directory(DistinguishedName.Create(null, "example"))) }, Leaf]),
        ["directory name not permitted"] = (ChainFailure.NameNotPermitted,
            [Ca, Ca with { Constraints = Permit(GeneralName.Directory(DistinguishedName.Create(null, "other"))) }, Leaf]),
        ["constraints hold two levels down"] = (ChainFailure.NameNotPermitted,
            [Ca, Ca with { Constraints = Permit(NameConstraints.DnsSubtree("example.org")) }, Ca, Leaf]),
    };

    private static NameConstraints Permit(GeneralName name) => new() { Permitted = [name] };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Chains_are_judged_as_the_platform_judges_them(string name)
    {
        var (expected, links) = Chains[name];
        var chain = Build(links);
        var verdict = Verify(chain);
        Assert.Equal(expected, verdict.Failure);
        Assert.Equal(expected == ChainFailure.None, verdict.IsTrusted);
        Assert.Equal(PlatformTrusts(chain), verdict.IsTrusted);
    }

    [Fact]
    public void Generated_chains_are_judged_as_the_platform_judges_them()
    {
        var random = new Random(7);
        var trusted = 0;
        for (var round = 0; round < 150; round++)
        {
            var links = new List<Link>();
            for (var depth = 1 + random.Next(3); depth > 0; depth--)
            {
                links.Add(Ca with
                {
                    PathLength = random.Next(3) == 0 ? random.Next(3) : null,
                    IsCa = random.Next(12) != 0,
                    Ends = TimeSpan.FromDays(random.Next(12) == 0 ? -0.5 : 1),
                    Purposes = random.Next(6) == 0 ? [random.Next(2) == 0 ? KeyPurposes.ClientAuth : KeyPurposes.ServerAuth] : [],
                    Constraints = random.Next(4) == 0 ? Permit(NameConstraints.DnsSubtree(random.Next(3) == 0 ? "example.org" : "example.com")) : null,
                    WrongSigner = links.Count > 0 && random.Next(15) == 0,
                });
            }
            // A root that is no CA is judged by what the pool says, on every platform differently.
            links[0] = links[0] with { IsCa = true };
            links.Add(Leaf);
            var chain = Build([.. links]);
            var verdict = Verify(chain);
            trusted += verdict.IsTrusted ? 1 : 0;
            Assert.True(PlatformTrusts(chain) == verdict.IsTrusted, $"round {round}: {verdict.Reason ?? "trusted"}");
        }
        Assert.InRange(trusted, 20, 130);
    }

    [Fact]
    public void An_intermediate_can_be_an_anchor()
    {
        var chain = Build(Ca, Ca, Leaf);
        Assert.True(ChainVerifier.Verify(chain[2], [], new TrustPool([chain[1]]), new() { At = Now }).IsTrusted);
        Assert.True(ChainVerifier.Verify(chain[2], [], new TrustPool([chain[2]]), new() { At = Now }).IsTrusted);
        Assert.Equal(ChainFailure.UnknownIssuer, ChainVerifier.Verify(chain[2], [chain[1]], TrustPool.Empty, new() { At = Now }).Failure);
    }

    [Fact]
    public void Order_repetition_and_strangers_among_the_intermediates_do_not_matter()
    {
        var chain = Build(Ca, Ca, Ca, Leaf);
        var strangers = Build(Ca with { Ends = TimeSpan.FromDays(2) }, Ca with { Ends = TimeSpan.FromDays(-0.5) }, Leaf);
        Assert.True(Verify(chain, list =>
        {
            list.AddRange(strangers);
            list.Reverse();
            list.AddRange(chain);
        }).IsTrusted);
    }

    [Fact]
    public void The_search_ends_after_a_bounded_number_of_signature_checks()
    {
        // Every certificate has the same name, so each could be the issuer of each: a signature tells, and there are many.
        var name = DistinguishedName.Create("loop");
        var signer = Keys[0];
        List<Certificate> crowd = [];
        for (var i = 0; i < 60; i++)
        {
            var request = new IssuanceRequest
            {
                Subject = name,
                PublicKey = signer.PublicKey,
                Profile = CertificateProfile.Ca,
                Names = SubjectAlternativeNames.ForHosts($"h{i}.example.com"),
            };
            crowd.Add(CertificateAuthority.CreateRoot(request, signer, Now).Require());
        }
        var verdict = ChainVerifier.Verify(crowd[0], crowd, TrustPool.Empty, new() { At = Now });
        Assert.Equal(ChainFailure.TooMuchWork, verdict.Failure);
    }

    public static TheoryData<string, string, bool, bool> Subtrees => new()
    {
        // constraint, name, permitted, excluded
        { "DNS:example.com", "DNS:example.com", true, true },
        { "DNS:example.com", "DNS:a.b.EXAMPLE.com", true, true },
        { "DNS:example.com", "DNS:badexample.com", false, false },
        { "DNS:.example.com", "DNS:example.com", false, false },
        { "DNS:.example.com", "DNS:a.example.com", true, true },
        { "DNS:", "DNS:anything.example", true, true },
        { "DNS:a.example.com", "DNS:*.example.com", false, true },
        { "DNS:example.com", "DNS:*.example.com", true, true },
        { "DNS:example.com", "DNS:not..valid", false, true },
        { "email:a@example.com", "email:a@EXAMPLE.com", true, true },
        { "email:a@example.com", "email:A@example.com", false, false },
        { "email:example.com", "email:x@example.com", true, true },
        { "email:example.com", "email:x@sub.example.com", false, true },
        { "email:.example.com", "email:x@sub.example.com", true, true },
        { "email:.example.com", "email:x@example.com", false, false },
        { "URI:example.com", "URI:https://example.com/a", true, true },
        { "URI:example.com", "URI:https://sub.example.com/a", false, true },
        { "URI:.example.com", "URI:https://user@sub.example.com:8443/a", true, true },
        { "URI:example.com", "URI:https://10.0.0.1/", false, true },
        { "URI:example.com", "URI:urn:uuid:x", false, true },
        { "IP:10.0.0.0/8", "IP:10.255.0.1", true, true },
        { "IP:10.0.0.0/8", "IP:11.0.0.1", false, false },
        { "IP:10.0.0.0/8", "IP:fd00::1", false, false },
        { "IP:fd00::/8", "IP:fdff::1", true, true },
        { "IP:0.0.0.0/0", "IP:1.2.3.4", true, true },
    };

    [Theory]
    [MemberData(nameof(Subtrees))]
    public void Subtrees_hold_the_names_of_RFC_5280(string constraint, string name, bool permitted, bool excluded)
    {
        var subtree = Split(constraint) switch
        {
            ("DNS", var text) => NameConstraints.DnsSubtree(text),
            ("email", var text) => NameConstraints.EmailSubtree(text),
            ("URI", var text) => NameConstraints.UriSubtree(text),
            (_, var text) => NameConstraints.IpSubtree(text),
        };
        var subject = Split(name) switch
        {
            ("DNS", var text) => GeneralName.Dns(text),
            ("email", var text) => GeneralName.Email(text),
            ("URI", var text) => GeneralName.Uri(text),
            (_, var text) => GeneralName.Ip(IPAddress.Parse(text)),
        };
        var writer = new CertificateWriter.Content(
            new()
            {
                Subject = DistinguishedName.Empty,
                PublicKey = Keys[0].PublicKey,
                Names = new([subject]),
                Profile = CertificateProfile.Server,
            },
            DistinguishedName.Create("issuer"), default, SerialNumber.Random(), SignatureAlgorithm.EcdsaSha256, Now, Now);
        var certificate = Certificate.Parse(
            CertificateWriter.Join(CertificateWriter.WriteTbs(writer), SignatureAlgorithm.EcdsaSha256, [0]));
        Assert.Equal(permitted, NameConstraintChecker.Refuse(new() { Permitted = [subtree] }, [certificate], new()) is null);
        Assert.Equal(excluded, NameConstraintChecker.Refuse(new() { Excluded = [subtree] }, [certificate], new()) is not null);
    }

    private static (string Kind, string Text) Split(string text) =>
        (text[..text.IndexOf(':', StringComparison.Ordinal)], text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..]);

    public static TheoryData<string, string, bool> HostNameCases => new()
    {
        { "*.example.com", "a.example.com", true },
        { "*.example.com", "A.Example.COM.", true },
        { "*.example.com", "example.com", false },
        { "*.example.com", "a.b.example.com", false },
        { "a*.example.com", "ab.example.com", false },
        { "a.*.com", "a.b.com", false },
        { "localhost", "localhost", true },
        { "example.com", "", false },
        { "example.com", "ex ample.com", false },
        { "::1", "[::1]", true },
        { "::1", "0:0:0:0:0:0:0:1", true },
        { "10.0.0.1", "::ffff:10.0.0.1", true },
        { "10.0.0.1", "10.0.0.2", false },
    };

    [Theory]
    [MemberData(nameof(HostNameCases))]
    public void Hosts_are_matched_as_RFC_6125_says(string pattern, string host, bool expected)
    {
        var certificate = Build(Ca, Leaf with { Hosts = [pattern] })[^1];
        Assert.Equal(expected, HostNames.Refuse(certificate, host) is null);
    }
}
