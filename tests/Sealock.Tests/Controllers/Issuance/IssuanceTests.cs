// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Issuance.Requests;
using Sealock.Pki.Keys;

namespace Sealock.Tests.Controllers.Issuance;

/// <summary>Certificates from their declaration to their renewals.</summary>
public sealed class IssuanceTests
{
    [Fact]
    public async Task An_issuance_takes_seven_writes_and_what_is_issued_takes_none()
    {
        using var bench = new IssuanceBench();
        bench.AddCa();
        await bench.SettleAsync();
        var before = bench.Server.Writes.Count;
        bench.AddCertificate("web");
        await bench.SettleAsync();
        string[] writes =
        [
            "PATCH certificates/web/status", // as being issued
            "POST secrets", // the key to come
            "POST certificaterequests",
            "PATCH certificaterequests/web-1/status", // approved and signed, at once
            "POST secrets", // the one that was asked for
            "PATCH certificates/web/status", // as ready
            "DELETE secrets/KEY",
        ];
        var key = Names.NextKey(bench.Certificate("web"));
        Assert.Equal(writes, bench.Server.Writes.Skip(before).Select(write => write
            .Replace($"{IssuanceBench.Api}/", "", StringComparison.Ordinal).Replace("/api/v1/namespaces/ns/", "", StringComparison.Ordinal)
            .Replace(key, "KEY", StringComparison.Ordinal)));
        before = bench.Server.Writes.Count;
        bench.Start();
        await bench.SettleAsync();
        Assert.Equal(before, bench.Server.Writes.Count);
    }

    [Fact]
    public async Task A_declared_certificate_comes_to_be()
    {
        var (bench, ca) = IssuanceBench.Ready();
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
    public async Task The_request_carries_cert_managers_annotations_and_conditions()
    {
        var (bench, _) = IssuanceBench.Ready();
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
        var (bench, _) = IssuanceBench.Ready();
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
        var (bench, _) = IssuanceBench.Ready();
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
        var (bench, _) = IssuanceBench.Ready();
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
        var (bench, _) = IssuanceBench.Ready("""{"privateKey": {"algorithm": "ECDSA", "rotationPolicy": "Never"}}""");
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
        var (bench, _) = IssuanceBench.Ready(field is "nameConstraints" ? """{"isCA": true, "commonName": "sub"}""" : field is "isCA" ? """{"commonName": "sub"}""" : "{}");
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
    public async Task What_is_denied_fails_is_tried_again_later_and_says_when()
    {
        var (bench, _) = IssuanceBench.Ready();
        using var b = bench;
        bench.Approve = (_, _, _) => ValueTask.FromResult<RequestApproval?>(new(false, "no policy allows it"));
        await bench.SettleAsync();
        var (status, reason, message) = bench.Condition("web", "Issuing");
        Assert.Equal(("False", "Denied"), (status, reason));
        Assert.Contains("no policy allows it", message, StringComparison.Ordinal);
        Assert.Equal(1, bench.Certificate("web").Status.FailedIssuanceAttempts);
        var retry = bench.NextLook!.Value;
        Assert.Contains(ObjectFields.Rfc3339(retry), message, StringComparison.Ordinal);

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
        var (bench, _) = IssuanceBench.Ready();
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
        var (bench, _) = IssuanceBench.Ready();
        using var b = bench;
        await bench.SettleAsync();
        MarkByHand(bench);
        await bench.SettleAsync();
        Assert.Equal(2, bench.Certificate("web").Status.Revision);
        Assert.Null(bench.Certificate("web").Condition("Issuing"));
        Assert.Equal(["web-2"], bench.Requests);
    }

    [Fact]
    public async Task Ready_turns_false_the_moment_the_certificate_is_expired_also_while_it_is_being_issued()
    {
        var (bench, _) = IssuanceBench.Ready();
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
    public async Task A_certificate_whose_key_was_lost_is_abandoned_and_the_next_revision_follows()
    {
        var (bench, _) = IssuanceBench.Ready();
        using var b = bench;
        bench.AtStep = step =>
        {
            if (step == "secret")
                throw new KilledException(step);
        };
        await Assert.ThrowsAsync<KilledException>(bench.SettleAsync);
        bench.AtStep = null;
        bench.Start();
        await bench.DeleteSecretAsync(bench.NextKeys.Single());
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
        Assert.Equal(2, bench.Certificate("web").Status.Revision);
        Assert.Empty(bench.NextKeys);
    }

    [Fact]
    public async Task A_change_that_failed_and_was_taken_back_leaves_no_trace()
    {
        var (bench, _) = IssuanceBench.Ready();
        using var b = bench;
        await bench.SettleAsync();
        bench.Approve = (_, _, _) => ValueTask.FromResult<RequestApproval?>(new(false, "policy"));
        bench.Change("web", spec => spec["commonName"] = "other");
        await bench.SettleAsync();
        Assert.Equal("Denied", bench.Condition("web", "Issuing").Reason);
        Assert.Equal("RequestChanged", bench.Condition("web", "Ready").Reason);
        bench.Change("web", spec => spec.Remove("commonName"));
        await bench.SettleAsync();
        var status = bench.Certificate("web").Status;
        Assert.Equal((1, null, null), (status.Revision, status.FailedIssuanceAttempts, status.LastFailureTime));
        Assert.Null(bench.Certificate("web").Condition("Issuing"));
        Assert.True(bench.IsReady("web"));
        Assert.Empty(bench.NextKeys);
    }
}
