// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Issuance.Requests;
using Sealock.Pki.Keys;

namespace Sealock.Tests.Controllers.Issuance;

public sealed class IssuanceTests
{
    private static (IssuanceBench Bench, Sealock.Pki.Issuing.CertificateAuthority Ca) Ready(string spec = "{}", string annotations = "{}")
    {
        var bench = new IssuanceBench();
        var ca = bench.AddCa();
        bench.AddCertificate("web", spec, annotations);
        return (bench, ca);
    }

    [Fact]
    public async Task A_declared_certificate_comes_to_be()
    {
        var (bench, ca) = Ready();
        using var _ = bench;
        await bench.SettleAsync();

        var certificate = bench.Certificate("web");
        Assert.Equal(("True", "Ready"), (bench.Condition("web", "Ready").Status, bench.Condition("web", "Ready").Reason));
        Assert.Null(certificate.Condition("Issuing"));
        Assert.Equal(1, certificate.Status.Revision);
        Assert.Equal("", certificate.Status.NextPrivateKeySecretName);
        var leaf = bench.Leaf("web-tls");
        Assert.Equal((leaf.NotBefore, leaf.NotAfter), (certificate.Status.NotBefore, certificate.Status.NotAfter));
        Assert.Equal(leaf.NotAfter - (leaf.NotAfter - leaf.NotBefore) / 3, certificate.Status.RenewalTime);
        Assert.Equal(["web.example.com"], leaf.Names.DnsNames);
        Assert.Null(leaf.RefuseSignature(ca.Certificate.PublicKey));
        Assert.Equal(ca.Certificate.ToPem(), Encoding.UTF8.GetString(bench.Entry("web-tls", "ca.crt")!));
        using var key = KeyPair.FromPem(Encoding.UTF8.GetString(bench.Entry("web-tls", "tls.key")!));
        Assert.True(leaf.Matches(key));
        Assert.Equal(["web-1"], bench.Requests);
        Assert.Empty(bench.NextKeys);
        Assert.Equal(certificate.Status.RenewalTime, bench.NextLook);
    }

    [Fact]
    public async Task The_secret_says_what_cert_manager_says()
    {
        var (bench, _) = Ready("""
            {"commonName": "web", "ipAddresses": ["10.0.0.1"], "uris": ["spiffe://a/b"], "emailAddresses": ["a@example.com"],
             "subject": {"organizations": ["one, two", "three"], "countries": ["CH"], "serialNumber": "7"},
             "secretTemplate": {"labels": {"team": "x"}, "annotations": {"note": "y"}}}
            """);
        using var b = bench;
        await bench.SettleAsync();
        var secret = bench.Secret("web-tls")!;
        Assert.Equal("kubernetes.io/tls", secret["type"]!.GetValue<string>());
        Assert.Null(secret["metadata"]!["ownerReferences"]);
        var expected = new Dictionary<string, string>
        {
            ["cert-manager.io/certificate-name"] = "web",
            ["cert-manager.io/issuer-name"] = "ca",
            ["cert-manager.io/issuer-kind"] = "Issuer",
            ["cert-manager.io/issuer-group"] = "cert-manager.io",
            ["cert-manager.io/common-name"] = "web",
            ["cert-manager.io/alt-names"] = "web.example.com",
            ["cert-manager.io/ip-sans"] = "10.0.0.1",
            ["cert-manager.io/uri-sans"] = "spiffe://a/b",
            ["cert-manager.io/email-sans"] = "a@example.com",
            ["cert-manager.io/subject-organizations"] = "three,\"one, two\"",
            ["cert-manager.io/subject-countries"] = "CH",
            ["cert-manager.io/subject-serialnumber"] = "7",
            ["note"] = "y",
            ["sealock.dev/secret-template"] = "a:note,l:team",
        };
        Assert.Equal(
            expected.OrderBy(pair => pair.Key, StringComparer.Ordinal),
            secret["metadata"]!["annotations"]!.AsObject().ToDictionary(pair => pair.Key, pair => pair.Value!.GetValue<string>())
                .OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.Equal("x", secret["metadata"]!["labels"]!["team"]!.GetValue<string>());
        Assert.Equal("true", secret["metadata"]!["labels"]![WellKnown.Attention]!.GetValue<string>());
    }

    [Fact]
    public async Task The_request_carries_cert_managers_annotations_and_conditions()
    {
        var (bench, _) = Ready();
        using var b = bench;
        await bench.SettleAsync();
        var request = bench.Request("web-1");
        var annotations = request["metadata"]!["annotations"]!;
        Assert.Equal(("web", "1"), (annotations[WellKnown.CertificateName]!.GetValue<string>(), annotations[WellKnown.CertificateRevision]!.GetValue<string>()));
        Assert.StartsWith("web-", annotations[WellKnown.PrivateKeySecret]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(
            ["Approved True cert-manager.io", "Ready True Issued"],
            request["status"]!["conditions"]!.AsArray().Select(c => $"{c!["type"]} {c["status"]} {c["reason"]}"));
        Assert.Equal("Certificate", request["metadata"]!["ownerReferences"]![0]!["kind"]!.GetValue<string>());
    }

    [Fact]
    public async Task Nothing_is_written_where_nothing_is_to_be_done()
    {
        var (bench, _) = Ready();
        using var b = bench;
        await bench.SettleAsync();
        bench.Server.Writes.Clear();
        bench.Start();
        await bench.SettleAsync();
        Assert.Empty(bench.Server.Writes);
    }

    [Fact]
    public async Task One_issuance_takes_seven_writes()
    {
        var (bench, _) = Ready();
        using var b = bench;
        bench.AddIssuer("unused", "{}");
        await bench.SettleAsync();
        Assert.Equal(
            [
                "PATCH /apis/cert-manager.io/v1/namespaces/ns/certificates/web/status", "POST /api/v1/namespaces/ns/secrets",
                "POST /apis/cert-manager.io/v1/namespaces/ns/certificaterequests", "PATCH /apis/cert-manager.io/v1/namespaces/ns/certificaterequests/web-1/status",
                "POST /api/v1/namespaces/ns/secrets", "PATCH /apis/cert-manager.io/v1/namespaces/ns/certificates/web/status",
                $"DELETE /api/v1/namespaces/ns/secrets/{Names.NextKey(bench.Certificate("web"))}",
            ],
            bench.Server.Writes.Where(write => !write.Contains("/issuers/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task It_is_renewed_when_two_thirds_of_its_life_are_over_with_a_new_key_and_old_requests_go()
    {
        var (bench, _) = Ready();
        using var b = bench;
        await bench.SettleAsync();
        var (first, firstKey) = (bench.Leaf("web-tls"), bench.Entry("web-tls", "tls.key")!);
        var renewal = bench.Certificate("web").Status.RenewalTime!.Value;
        bench.Time.Advance(renewal - bench.Time.GetUtcNow() - TimeSpan.FromSeconds(1));
        await bench.SettleAsync();
        Assert.Equal(first, bench.Leaf("web-tls"));
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        await bench.SettleAsync();
        Assert.NotEqual(first, bench.Leaf("web-tls"));
        Assert.NotEqual(firstKey, bench.Entry("web-tls", "tls.key")!);
        Assert.Equal(2, bench.Certificate("web").Status.Revision);
        Assert.Equal(["web-2"], bench.Requests);
        Assert.True(bench.IsReady("web"));
    }

    [Fact]
    public async Task With_rotation_policy_never_the_key_stays()
    {
        var (bench, _) = Ready("""{"privateKey": {"algorithm": "ECDSA", "rotationPolicy": "Never"}}""");
        using var b = bench;
        await bench.SettleAsync();
        var (first, key) = (bench.Leaf("web-tls"), bench.Entry("web-tls", "tls.key")!);
        bench.Time.Advance(TimeSpan.FromDays(61));
        await bench.SettleAsync();
        Assert.NotEqual(first, bench.Leaf("web-tls"));
        Assert.Equal(key, bench.Entry("web-tls", "tls.key")!);

        bench.Change("web", spec => spec["privateKey"]!["size"] = 384);
        await bench.SettleAsync();
        Assert.Equal(key, bench.Entry("web-tls", "tls.key")!);
        Assert.Equal(("False", "SecretMismatch"), (bench.Condition("web", "Ready").Status, bench.Condition("web", "Ready").Reason));
        bench.Change("web", spec => spec["privateKey"]!["rotationPolicy"] = "Always");
        await bench.SettleAsync();
        Assert.Equal(384, bench.Leaf("web-tls").PublicKey.Bits);
        Assert.True(bench.IsReady("web"));
    }

    [Theory]
    [InlineData("dnsNames", """["other.example.com"]""", "spec.dnsNames")]
    [InlineData("commonName", "\"web\"", "spec.commonName")]
    [InlineData("duration", "\"48h\"", null)]
    [InlineData("usages", """["client auth"]""", "spec.usages")]
    [InlineData("isCA", "true", "spec.isCA")]
    [InlineData("nameConstraints", """{"permitted": {"dnsDomains": ["example.com"]}}""", "spec.nameConstraints")]
    [InlineData("subject", """{"organizations": ["acme"]}""", "spec.subject.organizations")]
    public async Task A_changed_specification_is_issued_anew(string field, string value, string? told)
    {
        var (bench, _) = Ready(field is "nameConstraints" ? """{"isCA": true, "commonName": "sub"}""" : field is "isCA" ? """{"commonName": "sub"}""" : "{}");
        using var b = bench;
        await bench.SettleAsync();
        bench.Change("web", spec => spec[field] = JsonNode.Parse(value));
        var reasons = new List<string>();
        bench.AtStep = step => reasons.Add(step == "next-key" ? bench.Condition("web", "Issuing").Message : "");
        await bench.SettleAsync();
        if (told is null)
        {
            // What was issued without a duration may have been issued for any.
            Assert.Equal(1, bench.Certificate("web").Status.Revision);
            return;
        }

        Assert.Contains(reasons, reason => reason.Contains(told, StringComparison.Ordinal));
        Assert.Equal(2, bench.Certificate("web").Status.Revision);
        Assert.True(bench.IsReady("web"));
    }

    [Fact]
    public async Task A_deleted_secret_comes_back_with_a_new_key()
    {
        var (bench, _) = Ready();
        using var b = bench;
        await bench.SettleAsync();
        await bench.DeleteSecretAsync("web-tls");
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
        Assert.Equal(2, bench.Certificate("web").Status.Revision);
    }

    [Theory]
    [InlineData("tls.crt")]
    [InlineData("broken")]
    public async Task A_secret_that_still_has_its_key_gets_its_certificate_back_without_a_new_one(string what)
    {
        var (bench, _) = Ready();
        using var b = bench;
        await bench.SettleAsync();
        var leaf = bench.Leaf("web-tls");
        var secret = bench.Secret("web-tls")!;
        if (what == "broken")
            secret["data"]!["tls.crt"] = IssuanceBench.Base64("rubbish");
        else
            secret["data"]!.AsObject().Remove(what);
        secret["data"]!["mine"] = IssuanceBench.Base64("kept");
        bench.PutSecret("web-tls", secret);
        await bench.SettleAsync();
        Assert.Equal(leaf, bench.Leaf("web-tls"));
        Assert.Equal(1, bench.Certificate("web").Status.Revision);
        Assert.True(bench.IsReady("web"));
        Assert.Equal("kept", Encoding.UTF8.GetString(bench.Entry("web-tls", "mine")!));
    }

    [Fact]
    public async Task A_strangers_key_pair_in_the_secret_is_replaced()
    {
        var (bench, ca) = Ready();
        using var b = bench;
        await bench.SettleAsync();
        var other = bench.AddCa("other");
        var secret = bench.Secret("web-tls")!;
        foreach (var entry in (string[])["tls.crt", "tls.key"])
            secret["data"]![entry] = bench.Secret("other-ca")!["data"]![entry]!.DeepClone();
        bench.PutSecret("web-tls", secret);
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
        Assert.Null(bench.Leaf("web-tls").RefuseSignature(ca.Certificate.PublicKey));
        Assert.NotNull(bench.Leaf("web-tls").RefuseSignature(other.Certificate.PublicKey));
    }

    [Fact]
    public async Task The_template_of_the_secret_is_kept_in_step_without_a_new_certificate()
    {
        var (bench, _) = Ready("""{"secretTemplate": {"labels": {"team": "x"}, "annotations": {"note": "y", "other": "z"}}}""");
        using var b = bench;
        await bench.SettleAsync();
        var leaf = bench.Leaf("web-tls");
        bench.Change("web", spec => spec["secretTemplate"] = JsonNode.Parse("""{"annotations": {"note": "n"}}"""));
        await bench.SettleAsync();
        var metadata = bench.Secret("web-tls")!["metadata"]!;
        Assert.Equal("n", metadata["annotations"]!["note"]!.GetValue<string>());
        Assert.Null(metadata["annotations"]!["other"]);
        Assert.Null(metadata["labels"]!["team"]);
        Assert.Equal(leaf, bench.Leaf("web-tls"));

        var secret = bench.Secret("web-tls")!;
        secret["metadata"]!["annotations"]!["note"] = "changed by hand";
        bench.PutSecret("web-tls", secret);
        await bench.SettleAsync();
        Assert.Equal("n", bench.Secret("web-tls")!["metadata"]!["annotations"]!["note"]!.GetValue<string>());
        Assert.Equal(1, bench.Certificate("web").Status.Revision);
    }

    [Fact]
    public async Task Further_formats_and_another_encoding_come_and_go_without_a_new_certificate()
    {
        var (bench, _) = Ready("""{"additionalOutputFormats": [{"type": "CombinedPEM"}, {"type": "DER"}]}""");
        using var b = bench;
        await bench.SettleAsync();
        var leaf = bench.Leaf("web-tls");
        byte[] combined = [.. bench.Entry("web-tls", "tls.key")!, (byte)'\n', .. bench.Entry("web-tls", "tls.crt")!];
        Assert.Equal(combined, bench.Entry("web-tls", "tls-combined.pem"));
        Assert.StartsWith("-----BEGIN EC PRIVATE KEY-----", Encoding.UTF8.GetString(bench.Entry("web-tls", "tls.key")!), StringComparison.Ordinal);
        bench.Change("web", spec =>
        {
            spec["additionalOutputFormats"] = JsonNode.Parse("""[{"type": "DER"}]""");
            spec["privateKey"]!["encoding"] = "PKCS8";
        });
        await bench.SettleAsync();
        Assert.Null(bench.Entry("web-tls", "tls-combined.pem"));
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", Encoding.UTF8.GetString(bench.Entry("web-tls", "tls.key")!), StringComparison.Ordinal);
        using var key = KeyPair.FromPkcs8(bench.Entry("web-tls", "key.der")!);
        Assert.True(leaf.Matches(key));
        Assert.Equal(leaf, bench.Leaf("web-tls"));
    }

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
    public async Task What_is_denied_fails_is_tried_again_later_and_says_when()
    {
        var (bench, _) = Ready();
        using var b = bench;
        bench.Approve = (_, _, _) => ValueTask.FromResult<RequestApproval?>(new(false, "no policy allows it"));
        await bench.SettleAsync();
        var (status, reason, message) = bench.Condition("web", "Issuing");
        Assert.Equal(("False", "Denied"), (status, reason));
        Assert.Contains("no policy allows it", message, StringComparison.Ordinal);
        Assert.Equal(1, bench.Certificate("web").Status.FailedIssuanceAttempts);
        var retry = bench.NextLook!.Value;
        Assert.Contains(Sealock.Controllers.Definitions.ObjectFields.Rfc3339(retry), message, StringComparison.Ordinal);

        bench.Approve = RequestApproval.Everything;
        bench.Time.Advance(retry - bench.Time.GetUtcNow());
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
        Assert.Equal(1, bench.Certificate("web").Status.Revision);
        Assert.Null(bench.Certificate("web").Status.FailedIssuanceAttempts);
        Assert.Null(bench.Certificate("web").Status.LastFailureTime);
    }

    [Fact]
    public async Task After_a_failure_a_changed_specification_and_a_renewal_by_hand_do_not_wait()
    {
        var (bench, _) = Ready();
        using var b = bench;
        bench.Approve = (r, _, _) => ValueTask.FromResult<RequestApproval?>(new(r.Spec.IsCa, "policy"));
        await bench.SettleAsync();
        Assert.Equal("Denied", bench.Condition("web", "Issuing").Reason);
        bench.Change("web", spec => (spec["isCA"], spec["commonName"]) = (true, "sub"));
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));

        bench.Approve = (_, _, _) => ValueTask.FromResult<RequestApproval?>(new(false, "policy"));
        bench.Change("web", spec => spec["commonName"] = "sub2");
        await bench.SettleAsync();
        bench.Approve = RequestApproval.Everything;
        bench.Time.Advance(TimeSpan.FromSeconds(2));
        MarkByHand(bench);
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
        Assert.Equal(2, bench.Certificate("web").Status.Revision);
    }

    private static void MarkByHand(IssuanceBench bench)
    {
        var certificate = bench.Server.Find($"{IssuanceBench.Api}/certificates/web")!;
        var conditions = certificate["status"]!["conditions"]!.AsArray();
        foreach (var old in conditions.Where(c => c!["type"]!.GetValue<string>() == "Issuing").ToArray())
            conditions.Remove(old);
        conditions.Add(IssuanceBench.Parse("""{"type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "by hand"}"""));
        bench.Server.Put($"{IssuanceBench.Api}/certificates/web", certificate);
    }

    [Fact]
    public async Task A_renewal_by_hand_makes_one_new_certificate()
    {
        var (bench, _) = Ready();
        using var b = bench;
        await bench.SettleAsync();
        MarkByHand(bench);
        await bench.SettleAsync();
        Assert.Equal(2, bench.Certificate("web").Status.Revision);
        Assert.Null(bench.Certificate("web").Condition("Issuing"));
        Assert.Equal(["web-2"], bench.Requests);
    }

    [Fact]
    public async Task A_temporary_certificate_serves_until_the_issuer_has_signed()
    {
        using var bench = new IssuanceBench();
        bench.AddCertificate("web", annotations: """{"cert-manager.io/issue-temporary-certificate": "true"}""");
        await bench.SettleAsync();
        var temporary = bench.Leaf("web-tls");
        Assert.True(temporary.IsSelfIssued);
        Assert.Equal(["web.example.com"], temporary.Names.DnsNames);
        Assert.False(bench.IsReady("web"));
        Assert.Null(bench.Certificate("web").Status.NotAfter);
        bench.AddCa();
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
        Assert.NotEqual(temporary, bench.Leaf("web-tls"));
        Assert.Null(bench.Secret("web-tls")!["metadata"]!["annotations"]![WellKnown.Temporary]);
    }

    [Fact]
    public async Task Two_certificates_with_one_secret_do_not_fight()
    {
        var (bench, _) = Ready();
        using var b = bench;
        await bench.SettleAsync();
        bench.AddCertificate("rival", """{"secretName": "web-tls"}""");
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
        Assert.Equal(("False", "IncorrectCertificate"), (bench.Condition("rival", "Ready").Status, bench.Condition("rival", "Ready").Reason));
        Assert.Equal(["web-1"], bench.Requests);
    }

    [Fact]
    public async Task What_nobody_can_issue_is_refused_with_the_reason()
    {
        var (bench, _) = Ready("""{"privateKey": {"algorithm": "Ed25519"}}""");
        using var b = bench;
        await bench.SettleAsync();
        Assert.Equal("InvalidSpecification", bench.Condition("web", "Ready").Reason);
        Assert.Contains("Ed25519", bench.Condition("web", "Ready").Message, StringComparison.Ordinal);
        Assert.Empty(bench.Requests);
        bench.Change("web", spec => spec["privateKey"]!["algorithm"] = "ECDSA");
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
    }

    [Fact]
    public async Task A_secret_from_a_backup_is_taken_over_as_it_is()
    {
        var (bench, _) = Ready();
        using var b = bench;
        await bench.SettleAsync();
        var leaf = bench.Leaf("web-tls");
        var restored = bench.Server.Find($"{IssuanceBench.Api}/certificates/web")!;
        restored.Remove("status");
        restored["metadata"]!["uid"] = "another";
        bench.Server.Put($"{IssuanceBench.Api}/certificates/web", restored);
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
        Assert.Equal(leaf, bench.Leaf("web-tls"));
        Assert.Equal(leaf.NotAfter, bench.Certificate("web").Status.NotAfter);
    }

    [Fact]
    public async Task An_intermediate_signs_and_its_chain_is_served_without_the_root()
    {
        var (bench, ca) = Ready("""{"isCA": true, "commonName": "sub", "dnsNames": null, "secretName": "sub-ca", "duration": "8760h"}""");
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
        var (bench, _) = Ready("""{"issuerRef": {"name": "self"}}""");
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
    public async Task Ready_turns_false_the_moment_the_certificate_is_expired_also_while_it_is_being_issued()
    {
        var (bench, _) = Ready();
        using var b = bench;
        await bench.SettleAsync();
        await bench.DeleteSecretAsync("ca-ca");
        bench.Time.Advance(TimeSpan.FromDays(61));
        await bench.SettleAsync();
        Assert.Equal("True", bench.Condition("web", "Issuing").Status);
        Assert.True(bench.IsReady("web"));
        while (bench.Time.GetUtcNow() <= bench.Leaf("web-tls").NotAfter)
        {
            bench.Time.Advance(TimeSpan.FromDays(1));
            await bench.SettleAsync();
        }

        Assert.Equal(("False", "Expired"), (bench.Condition("web", "Ready").Status, bench.Condition("web", "Ready").Reason));
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
}
