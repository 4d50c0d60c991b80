// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sealock.Api.Client;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Issuance.Issuers;
using Sealock.Controllers.Issuance.Reporting;
using Sealock.Controllers.Issuance.Requests;
using Sealock.Controllers.Revocation;
using Sealock.Controllers.Views;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Requests;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers.Issuance;

/// <summary>What issuers sign, and what they say.</summary>
public sealed class IssuerRulesTests
{
    [Fact]
    public async Task While_the_ca_is_missing_the_request_waits_and_is_signed_when_it_is_there()
    {
        using var bench = new IssuanceBench();
        bench.AddCertificate("web");
        await bench.SettleAsync();
        Assert.Equal(("False", "DoesNotExist"), (bench.Condition("web", "Ready").Status, bench.Condition("web", "Ready").Reason));
        Assert.Equal("True", bench.Condition("web", "Issuing").Status);
        Assert.Contains("Issuer not found", bench.Request("web-1")["status"]!["conditions"]!.AsArray()
            .Single(c => c!["type"]!.GetValue<string>() == "Ready")!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        bench.AddIssuer("ca", """{"ca": {"secretName": "ca-ca"}}""");
        await bench.SettleAsync();
        Assert.False(bench.IsReady("web"));
        bench.AddCa();
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
        Assert.Equal(1, bench.Certificate("web").Status.Revision);
    }

    [Fact]
    public async Task What_nobody_can_issue_is_refused_with_the_reason()
    {
        var (bench, _) = IssuanceBench.Ready("""{"privateKey": {"algorithm": "Ed25519"}}""");
        using var b = bench;
        await bench.SettleAsync();
        Assert.Equal("InvalidSpecification", bench.Condition("web", "Ready").Reason);
        Assert.Contains("Ed25519", bench.Condition("web", "Ready").Message, StringComparison.Ordinal);
        Assert.Empty(bench.Requests);
        bench.Change("web", spec => spec["privateKey"]!["algorithm"] = "ECDSA");
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
    }

    [Theory]
    [InlineData("dnsNames", "a b", "spec.dnsNames[0]: \"a b\" must be a DNS name")]
    [InlineData("uris", "web", "spec.uris[0]: \"web\" must be an absolute URI")]
    [InlineData("ipAddresses", "10.1", "spec.ipAddresses: \"10.1\" is no IP address")]
    public async Task Names_that_no_issuer_certifies_are_told_before_anything_is_asked(string field, string name, string problem)
    {
        var (bench, _) = IssuanceBench.Ready($$"""{"{{field}}": ["{{name}}"]}""");
        using var b = bench;
        await bench.SettleAsync();
        Assert.Equal("InvalidSpecification", bench.Condition("web", "Ready").Reason);
        Assert.StartsWith(problem, bench.Condition("web", "Ready").Message, StringComparison.Ordinal);
        Assert.Empty(bench.Requests);
        Assert.Empty(bench.NextKeys);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"usages": ["cert sign"]}""")]
    public async Task A_ca_that_is_issued_may_sign_revocation_lists(string usages)
    {
        var (bench, _) = IssuanceBench.Ready("""{"isCA": true, "commonName": "sub"}""");
        using var b = bench;
        if (usages != "{}")
            bench.Change("web", spec => spec["usages"] = IssuanceBench.Parse(usages)["usages"]!.DeepClone());
        bench.AddCertificate("root", """{"isCA": true, "commonName": "root", "issuerRef": {"name": "self"}}""");
        bench.AddIssuer("self", """{"selfSigned": {}}""");
        await bench.SettleAsync();
        foreach (var name in new[] { "web", "root" })
        {
            Assert.True(bench.IsReady(name));
            Assert.Equal(
                X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign,
                bench.Leaf($"{name}-tls").KeyUsage & (X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign));
        }
    }

    [Fact]
    public async Task A_ca_that_may_not_sign_revocation_lists_says_so_where_lists_are_kept()
    {
        using var bench = new IssuanceBench();
        using var key = KeyPair.Generate();
        var ca = CertificateAuthority.SelfSign(new IssuanceRequest
        {
            Subject = DistinguishedName.Create("old"),
            PublicKey = key.PublicKey,
            Profile = CertificateProfile.Ca with { KeyUsage = X509KeyUsageFlags.KeyCertSign },
            Lifetime = TimeSpan.FromDays(300),
        }, key, bench.Time.GetUtcNow()).Certificate!;
        bench.PutPair("old-ca", ca.ToPem(), key.ToPkcs8Pem());
        bench.AddIssuer("old", """{"ca": {"secretName": "old-ca"}}""");
        var issuer = bench.Issuer("old");
        async Task<string> Check(CrlAuthorities? listed) => (await new CaIssuer(
            new AuthoritySource(new ApiClient(bench.Server), bench.Objects, bench.Time, listed), bench.Plans, bench.Time).CheckAsync(issuer, "ns", default)).Message;
        Assert.Equal("Signing CA verified", await Check(null));
        Assert.StartsWith("Signing CA verified; no revocation list is published for it, since it lacks the key usage crl sign", await Check(new CrlAuthorities()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_intermediate_signs_and_its_chain_is_served_without_the_root()
    {
        var (bench, ca) = IssuanceBench.Ready("""{"isCA": true, "commonName": "sub", "dnsNames": null, "secretName": "sub-ca", "duration": "8760h"}""");
        using var b = bench;
        bench.AddIssuer("sub", """{"ca": {"secretName": "sub-ca", "crlDistributionPoints": ["http://crl.example.com/a"]}}""");
        bench.AddCertificate("leaf", """{"issuerRef": {"name": "sub"}, "usages": ["server auth"]}""");
        await bench.SettleAsync();
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.SettleAsync();
        var chain = bench.Chain("leaf-tls");
        Assert.Equal(["sub"], chain.Skip(1).Select(c => c.Subject.CommonName));
        Assert.Equal(["http://crl.example.com/a"], chain[0].CrlUrls);
        Assert.Equal(ca.Certificate.ToPem(), Encoding.UTF8.GetString(bench.Entry("leaf-tls", "ca.crt")!));
        Assert.True(bench.IsReady("leaf"));
    }

    [Fact]
    public async Task A_self_signed_certificate_without_a_subject_gets_one()
    {
        var (bench, _) = IssuanceBench.Ready("""{"issuerRef": {"name": "self"}}""");
        using var b = bench;
        bench.AddIssuer("self", """{"selfSigned": {}}""");
        await bench.SettleAsync();
        var leaf = bench.Leaf("web-tls");
        Assert.Null(leaf.RefuseSignature(leaf.PublicKey));
        Assert.Equal("web.example.com", leaf.Subject.CommonName);
        Assert.Equal(bench.Entry("web-tls", "tls.crt"), bench.Entry("web-tls", "ca.crt"));
        Assert.True(bench.IsReady("web"));
    }

    [Fact]
    public async Task No_leaf_outlives_its_ca()
    {
        using var bench = new IssuanceBench();
        var ca = bench.AddCa(lifetime: TimeSpan.FromDays(10));
        bench.AddCertificate("web");
        await bench.SettleAsync();
        Assert.Equal(ca.Certificate.NotAfter, bench.Leaf("web-tls").NotAfter);
    }

    [Theory]
    [InlineData("""{"dnsNames": ["a.example.com"]}""", null)]
    [InlineData("""{"dnsNames": ["a.example.org"]}""", "name constraints")]
    [InlineData("""{"dnsNames": null, "isCA": true, "commonName": "below"}""", "path length")]
    public async Task What_a_ca_may_not_issue_fails_with_the_constraint_named(string spec, string? told)
    {
        using var bench = new IssuanceBench();
        var key = KeyPair.Generate();
        var ca = CertificateAuthority.CreateRoot(
            new IssuanceRequest
            {
                Subject = DistinguishedName.Create("constrained"),
                PublicKey = key.PublicKey,
                Profile = CertificateProfile.Ca with { PathLength = 0 },
                NameConstraints = new() { Permitted = [NameConstraints.DnsSubtree("example.com")] },
            }, key, bench.Time.GetUtcNow()).Require();
        bench.PutPair("ca-ca", ca.ToPem(), key.ToPkcs8Pem());
        bench.AddIssuer("ca", """{"ca": {"secretName": "ca-ca"}}""");
        bench.AddCertificate("web", spec);
        await bench.SettleAsync();
        if (told is null)
        {
            Assert.True(bench.IsReady("web"));
            return;
        }

        Assert.Equal("Failed", bench.Condition("web", "Issuing").Reason);
        Assert.Contains(told, bench.Condition("web", "Issuing").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"privateKey": {"algorithm": "RSA"}}""", "RSA 2048", "SHA256-RSA")]
    [InlineData("""{"privateKey": {"algorithm": "RSA", "size": 3072}, "signatureAlgorithm": "SHA512WithRSA"}""", "RSA 3072", "SHA512-RSA")]
    [InlineData("""{"privateKey": {"algorithm": "ECDSA", "size": 521}}""", "ECDSA P-521", "ECDSA-SHA512")]
    [InlineData("""{"privateKey": {"algorithm": "ECDSA"}, "signatureAlgorithm": "ECDSAWithSHA384"}""", "ECDSA P-256", "ECDSA-SHA384")]
    public async Task Keys_are_as_they_were_asked_for_and_sign_their_request_so(string spec, string key, string signature)
    {
        var (bench, _) = IssuanceBench.Ready(spec);
        using var b = bench;
        await bench.SettleAsync();
        Assert.Equal(key, bench.Leaf("web-tls").PublicKey.Description);
        var request = CertificateSigningRequest.FromPem(
            Convert.FromBase64String(bench.Request("web-1")["spec"]!["request"]!.GetValue<string>()));
        Assert.Equal(signature, request.SignatureAlgorithm.Name);
    }

    [Fact]
    public async Task A_literal_subject_and_other_names_are_kept_as_they_stand()
    {
        var (bench, _) = IssuanceBench.Ready("""
            {"literalSubject": "CN=jane,OU=b,OU=a,DC=example,DC=com", "otherNames": [{"oid": "1.3.6.1.4.1.311.20.2.3", "utf8Value": "jane@corp"}],
             "encodeUsagesInRequest": false, "usages": ["client auth"]}
            """);
        using var b = bench;
        await bench.SettleAsync();
        Assert.Equal("CN=jane,OU=b,OU=a,DC=example,DC=com", bench.Leaf("web-tls").Subject.ToString());
        Assert.Contains(bench.Leaf("web-tls").Names, name => name.Text == "1.3.6.1.4.1.311.20.2.3;jane@corp");
        Assert.Equal(["1.3.6.1.5.5.7.3.2"], bench.Leaf("web-tls").KeyPurposes);
        var request = CertificateSigningRequest.FromPem(
            Convert.FromBase64String(bench.Request("web-1")["spec"]!["request"]!.GetValue<string>()));
        Assert.Null(request.KeyUsage);
        Assert.Empty(request.KeyPurposes);
        bench.Change("web", spec => spec["literalSubject"] = "CN=jane,OU=a,OU=b,DC=example,DC=com");
        await bench.SettleAsync();
        Assert.Equal(2, bench.Certificate("web").Status.Revision);
    }

    [Fact]
    public async Task An_issuer_says_whether_its_ca_can_be_used()
    {
        using var bench = new IssuanceBench();
        bench.AddIssuer("ca", """{"ca": {"secretName": "ca-ca"}}""");
        bench.AddIssuer("vault", """{"vault": {}}""");
        await bench.SettleAsync();
        Assert.Equal("False ErrGetKeyPair", Of("ca"));
        Assert.Equal("False NotSupported", Of("vault"));
        bench.PutPair("ca-ca", "rubbish", "rubbish", label: false);
        bench.Time.Advance(TimeSpan.FromSeconds(30));
        await bench.SettleAsync();
        Assert.Equal("False ErrInvalidKeyPair", Of("ca"));
        bench.AddCa(label: false, lifetime: TimeSpan.FromDays(1));
        bench.Time.Advance(TimeSpan.FromSeconds(30));
        await bench.SettleAsync();
        Assert.Equal("True KeyPairVerified", Of("ca"));
        bench.Time.Advance(TimeSpan.FromDays(2));
        await bench.SettleAsync();
        Assert.Equal("False ErrInvalidKeyPair", Of("ca"));

        string Of(string name)
        {
            var condition = bench.Server.Find($"{IssuanceBench.Api}/issuers/{name}")!["status"]!["conditions"]![0]!;
            return $"{condition["status"]} {condition["reason"]}";
        }
    }

    [Fact]
    public async Task The_issuers_instant_for_another_try_is_kept_on_the_request_and_heeded()
    {
        var time = new FakeTimeProvider();
        var notBefore = time.GetUtcNow().AddHours(3);
        using var bench = new IssuanceBench(time, new RateLimited(notBefore));
        bench.AddIssuer("ca", """{"acme": {}}""");
        bench.AddCertificate("web");
        await bench.SettleAsync();
        Assert.Equal("Failed", bench.Condition("web", "Issuing").Reason);
        Assert.True(bench.NextLook >= notBefore);
        Assert.Contains(ObjectFields.Rfc3339(bench.NextLook!.Value), bench.Condition("web", "Issuing").Message, StringComparison.Ordinal);
    }

    private sealed class RateLimited(DateTimeOffset notBefore) : IIssuerKind
    {
        public string Name => "acme";

        public ValueTask<IssuerCheck> CheckAsync(
            IssuerView issuer, string secretNamespace, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new IssuerCheck(true, "", ""));

        public ValueTask<SigningOutcome> SignAsync(
            SigningTask task, CancellationToken cancellationToken) =>
            ValueTask.FromResult<SigningOutcome>(
                new SigningOutcome.Failed("rateLimited", "too many", notBefore));
    }

    [Fact]
    public async Task A_report_tells_what_is_there_and_what_comes_next()
    {
        var (bench, _) = IssuanceBench.Ready();
        using var b = bench;
        var reporter = new CertificateReporter(new ApiClient(bench.Server), bench.Time);
        bench.Approve = (_, _, _) => ValueTask.FromResult<RequestApproval?>(new(false, "no policy allows it"));
        await bench.SettleAsync();
        var failed = (await reporter.ReadAsync("ns", "web", default))!;
        Assert.Equal(("False", "retry", 1, bench.NextLook), (failed.Ready, failed.Next, failed.FailedAttempts, failed.NextTime));
        Assert.Contains("no policy allows it", failed.RequestState, StringComparison.Ordinal);

        bench.Approve = RequestApproval.Everything;
        Assert.True(await reporter.RenewAsync("ns", "web", default));
        Assert.False(await reporter.RenewAsync("ns", "web", default));
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        await bench.SettleAsync();
        reporter = new CertificateReporter(new ApiClient(bench.Server), bench.Time);
        var issued = (await reporter.ReadAsync("ns", "web", default))!;
        Assert.Equal(("True", "renew", 1), (issued.Ready, issued.Next, issued.Revision));
        Assert.Equal(bench.Certificate("web").Status.RenewalTime, issued.NextTime);
        Assert.Equal("web.example.com", Assert.Single(issued.Names));
        Assert.Contains("ready, KeyPairVerified", issued.IssuerState, StringComparison.Ordinal);
        Assert.Null(await reporter.ReadAsync("ns", "nobody", default));
    }
}
