// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using static Sealock.Tests.Certificates.RequestRun;

namespace Sealock.Tests.Certificates;

public sealed class RequestTransitionTests
{
    private const string Early = "2026-01-01T00:00:00Z";
    private const string Stamp = "2026-05-04T03:02:01Z";

    private static readonly string SomeCertificate = Certificate();
    private static readonly string OtherCertificate = Certificate("CN=other");

    private const string Exclusive = "Approved and Denied conditions are mutually exclusive";

    /// <summary>Conditions before, conditions after (comma-separated types, <c>type=status</c>), through what, errors.</summary>
    public static TheoryData<string, string, string, string[]> ConditionCases => new()
    {
        // An ordinary update cannot touch the status at all: it is put back.
        { "", "", "Approved", [] },
        { "", "Approved", "", [] },
        { "", "Approved", "Denied", [] },
        { "", "Other", "Failed,Failed", [] },

        // Approval
        { "approval", "", "Approved", [] },
        { "approval", "", "Denied", [] },
        { "approval", "", "Failed", [] },
        { "approval", "", "Other", [] },
        { "approval", "", "Other=False", [] },
        { "approval", "", "Other=Unknown", [] },
        { "approval", "", "Approved,Other", [] },
        { "approval", "", "", [] },
        { "approval", "Approved", "Approved", [] },
        { "approval", "Approved", "Approved,Failed", [] },
        { "approval", "Denied", "Denied,Other", [] },
        { "approval", "Other", "", [] },
        { "approval", "Other", "Other=False", [] },
        { "approval", "Failed", "Failed,Approved", [] },
        { "approval", "", "Approved,Denied", [$"status.conditions: Invalid value: \"Denied\": {Exclusive}"] },
        { "approval", "", "Denied,Approved", [$"status.conditions: Invalid value: \"Approved\": {Exclusive}"] },
        { "approval", "Approved", "Approved,Denied", [$"status.conditions: Invalid value: \"Denied\": {Exclusive}"] },
        { "approval", "Denied", "Approved,Denied", [$"status.conditions: Invalid value: \"Denied\": {Exclusive}"] },
        { "approval", "Approved", "", [Removed("Approved")] },
        { "approval", "Denied", "", [Removed("Denied")] },
        { "approval", "Failed", "", [Removed("Failed")] },
        { "approval", "Failed,Other", "Other", [Removed("Failed")] },
        { "approval", "Approved", "Denied", [Removed("Approved")] },
        { "approval", "Denied", "Approved", [Removed("Denied")] },
        { "approval", "Approved,Failed", "", [Removed("Approved"), Removed("Failed")] },
        { "approval", "", "Approved=False", [Status(0, "False", "\"True\"")] },
        { "approval", "", "Denied=Unknown", [Status(0, "Unknown", "\"True\"")] },
        { "approval", "", "Failed=False", [Status(0, "False", "\"True\"")] },
        { "approval", "Approved", "Approved=False", [Status(0, "False", "\"True\"")] },
        { "approval", "", "Other=Maybe", [Status(0, "Maybe", "\"False\", \"True\", \"Unknown\"")] },
        { "approval", "", "Other=", ["status.conditions[0].status: Required value"] },
        { "approval", "", "Approved=", ["status.conditions[0].status: Required value"] },
        { "approval", "", "<empty>", ["status.conditions[0].type: Required value"] },
        { "approval", "", "Other,Other", ["status.conditions[1].type: Duplicate value: \"Other\""] },
        { "approval", "", "Approved,Approved", ["status.conditions[1].type: Duplicate value: \"Approved\""] },
        { "approval", "", "Approved,Other,Approved,Other",
            ["status.conditions[2].type: Duplicate value: \"Approved\"", "status.conditions[3].type: Duplicate value: \"Other\""] },

        // What is stored already is tolerated, each kind of fault by itself.
        { "approval", "Approved,Denied", "Approved,Denied", [] },
        { "approval", "Approved,Denied", "Denied,Approved,Other", [] },
        { "approval", "Other,Other", "Other,Other", [] },
        { "approval", "Other,Other", "Other,Other,Approved,Approved", [] },
        { "approval", "<empty>", "<empty>,Approved", [] },
        { "approval", "<empty>", "Approved,Denied", [$"status.conditions: Invalid value: \"Denied\": {Exclusive}"] },
        { "approval", "Other,Other", "<empty>", ["status.conditions[0].type: Required value"] },
        { "approval", "Other=", "Other=", ["status.conditions[0].status: Required value"] },

        // Status
        { "status", "", "Failed", [] },
        { "status", "", "Other=False", [] },
        { "status", "Other", "", [] },
        { "status", "Approved", "Approved", [] },
        { "status", "Approved", "Approved,Failed", [] },
        { "status", "Approved", "Failed,Approved", [] },
        { "status", "Denied", "Denied,Other", [] },
        { "status", "Approved", "Approved=False", [] },
        { "status", "", "Approved", [Added("Approved")] },
        { "status", "", "Denied", [Added("Denied")] },
        { "status", "Other", "Other,Approved", [Added("Approved")] },
        { "status", "Approved", "", [Removed("Approved")] },
        { "status", "Denied", "Other", [Removed("Denied")] },
        { "status", "Failed", "", [Removed("Failed")] },
        { "status", "Approved,Failed", "Failed", [Removed("Approved")] },
        { "status", "Approved", "Denied", [Removed("Approved"), Added("Denied")] },
        { "status", "Approved", "Approved,Denied",
            [$"status.conditions: Invalid value: \"Denied\": {Exclusive}", Added("Denied")] },
        { "status", "Approved", "Approved,Approved",
            ["status.conditions[1].type: Duplicate value: \"Approved\"", Added("Approved")] },
        { "status", "", "Failed=Unknown", [Status(0, "Unknown", "\"True\"")] },
        { "status", "", "Failed,Failed", ["status.conditions[1].type: Duplicate value: \"Failed\""] },
        { "status", "", "<empty>=", ["status.conditions[0].type: Required value", "status.conditions[0].status: Required value"] },
    };

    private static string Removed(string type) => $"status.conditions: Forbidden: updates may not remove a condition of type \"{type}\"";

    private static string Added(string type) => $"status.conditions: Forbidden: updates may not add a condition of type \"{type}\"";

    private static string Status(int index, string value, string supported) =>
        $"status.conditions[{index}].status: Unsupported value: \"{value}\": supported values: {supported}";

    private static JsonObject[] Conditions(string text, string? updated = null) =>
    [
        .. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=') switch
        {
            [var type] => Condition(type.Replace("<empty>", "", StringComparison.Ordinal), updated: updated),
            [var type, ""] => Condition(type.Replace("<empty>", "", StringComparison.Ordinal), null, updated: updated),
            [var type, var status] => Condition(type, status, updated: updated),
            _ => throw new ArgumentException(part),
        }),
    ];

    [Theory]
    [MemberData(nameof(ConditionCases))]
    public void Conditions_change_only_as_their_subresource_permits(string through, string before, string after, string[] errors) =>
        Assert.Equal(errors, Update(Valid().With(Conditions(before, Early)), Valid().With(Conditions(after)), through).Errors);

    [Fact]
    public void An_ordinary_update_keeps_spec_and_status()
    {
        var old = Valid().With(Conditions("Approved", Early)).Issued(SomeCertificate);
        var changed = Valid();
        changed["metadata"]!["labels"] = new JsonObject { ["a"] = "b" };
        changed["spec"] = new JsonObject { ["signerName"] = "other.example.com/x" };
        var outcome = Update(old, changed);
        Assert.True(outcome.Accepted);
        Assert.True(JsonNode.DeepEquals(old["spec"], outcome.Object["spec"]));
        Assert.True(JsonNode.DeepEquals(old["status"], outcome.Object["status"]));
        Assert.Equal("b", outcome.Object["metadata"]!["labels"]!["a"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("approval")]
    [InlineData("status")]
    public void A_subresource_keeps_the_spec(string subresource)
    {
        var changed = Valid();
        changed["spec"]!["signerName"] = "other.example.com/x";
        var outcome = Update(Valid(), changed, subresource);
        Assert.Equal("example.com/signer", outcome.Object["spec"]!["signerName"]!.GetValue<string>());
    }

    [Fact]
    public void Approval_keeps_the_certificate_whatever_is_sent()
    {
        var old = Valid().With(Conditions("Approved", Early)).Issued(SomeCertificate);
        var stored = Update(old, Valid().With(Conditions("Approved,Other")).Issued(OtherCertificate), "approval");
        Assert.True(stored.Accepted);
        Assert.Equal(Base64(SomeCertificate), stored.Object["status"]!["certificate"]!.GetValue<string>());
    }

    [Fact]
    public void Status_keeps_the_wording_of_a_decision()
    {
        var old = Valid().With(Condition("Approved", reason: "ByJane", updated: Early));
        var stored = Update(old, Valid().With(Condition("Other"), Condition("Approved", reason: "Forged")), "status");
        Assert.True(stored.Accepted);
        Assert.Equal("ByJane", stored.Object["status"]!["conditions"]![1]!["reason"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("approval", "Approved")]
    [InlineData("status", "Failed")]
    public void Missing_times_are_filled_in(string through, string type)
    {
        var condition = Update(Valid(), Valid().With(Condition(type)), through).Object["status"]!["conditions"]![0]!;
        Assert.Equal(Stamp, condition["lastUpdateTime"]!.GetValue<string>());
        Assert.Equal(Stamp, condition["lastTransitionTime"]!.GetValue<string>());
    }

    [Fact]
    public void Given_times_are_kept_in_utc()
    {
        var given = Condition("Approved");
        given["lastUpdateTime"] = "2026-02-03T05:05:06+01:00";
        given["lastTransitionTime"] = "2026-02-03T04:05:06Z";
        var stored = Update(Valid(), Valid().With(given), "approval").Object["status"]!["conditions"]![0]!;
        Assert.Equal("2026-02-03T04:05:06Z", stored["lastUpdateTime"]!.GetValue<string>());
        Assert.Equal("2026-02-03T04:05:06Z", stored["lastTransitionTime"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("True", Early)]
    [InlineData("False", Stamp)]
    public void The_transition_time_moves_only_when_the_status_does(string status, string expected)
    {
        var old = Valid().With(Condition("Other", "True", updated: Early));
        var stored = Update(old, Valid().With(Condition("Other", status)), "status").Object["status"]!["conditions"]![0]!;
        Assert.Equal(Stamp, stored["lastUpdateTime"]!.GetValue<string>());
        Assert.Equal(expected, stored["lastTransitionTime"]!.GetValue<string>());
    }

    private const string MaySet = "status.certificate: Forbidden: updates may not set certificate content";
    private const string MayModify = "status.certificate: Forbidden: updates may not modify existing certificate content";

    private static string Bad(string why) => $"status.certificate: Invalid value: \"<certificate data>\": {why}";

    /// <summary>The certificate before and after through <c>/status</c>, and errors.</summary>
    public static TheoryData<string, string, string[]> CertificateCases => new()
    {
        { "", SomeCertificate, [] },
        { "", SomeCertificate + OtherCertificate, [] },
        { "", "Subject: me\n" + SomeCertificate + "\nthe end", [] },
        { SomeCertificate, SomeCertificate, [] },
        { SomeCertificate, OtherCertificate, [MayModify] },
        { SomeCertificate, "", [MayModify] },
        { SomeCertificate, SomeCertificate + "\n", [MayModify] },
        { "", "garbage", [Bad("must contain at least one CERTIFICATE PEM block")] },
        { "", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", [Bad("x509: malformed certificate")] },
        { "", SomeCertificate + "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
            [Bad("only CERTIFICATE PEM blocks are allowed, found \"EC PRIVATE KEY\"")] },
        { "", SomeCertificate.Replace("CERTIFICATE-----\nM", "CERTIFICATE-----\nProc-Type: 4\n\nM", StringComparison.Ordinal),
            [Bad("no PEM block headers are permitted")] },
        { "garbage", "garbage", [] },
        { "garbage", "more garbage", [MayModify] },
    };

    [Theory]
    [MemberData(nameof(CertificateCases))]
    public void A_certificate_is_set_once_and_is_one(string before, string after, string[] errors)
    {
        var old = Valid().With(Conditions("Approved", Early));
        if (before.Length > 0)
            old.Issued(before);
        var changed = Valid().With(Conditions("Approved", Early));
        if (after.Length > 0)
            changed.Issued(after);
        Assert.Equal(errors, Update(old, changed, "status").Errors);
    }

    /// <summary>Spec faults that were stored in older times do not block decisions.</summary>
    [Theory]
    [InlineData("kubernetes.io/legacy-unknown", "client auth")]
    [InlineData("example.com/signer", "client auth,client auth")]
    [InlineData("example.com/signer", "client auth,bogus")]
    public void Old_faults_of_the_spec_are_tolerated(string signerName, string usages)
    {
        var old = Valid();
        old["spec"]!["signerName"] = signerName;
        old["spec"]!["usages"] = new JsonArray([.. usages.Split(',').Select(usage => (JsonNode)usage)]);
        Assert.True(Update(old, Valid().With(Condition("Approved")), "approval").Accepted);
    }

    [Theory]
    [InlineData("approve example.com/signer", true)]
    [InlineData("approve example.com/*", true)]
    [InlineData("approve other.com/*", false)]
    [InlineData("sign example.com/signer", false)]
    [InlineData("approve example.com/signerx", false)]
    public void Who_approves_needs_the_verb_on_the_signer(string right, bool accepted)
    {
        var rights = new Rights(right);
        var outcome = Update(Valid(), Valid().With(Condition("Approved")), "approval", rights: rights);
        Assert.Equal(accepted, outcome.Accepted);
        if (!accepted)
        {
            Assert.Equal(["approve example.com/signer", "approve example.com/*"], rights.Asked);
            Assert.Equal(
                "certificatesigningrequests.certificates.k8s.io \"jane\" is forbidden: user not permitted to approve requests"
                + " with signerName \"example.com/signer\"", outcome.Refusal!.Message);
        }
    }

    [Theory]
    [InlineData("sign example.com/signer", true)]
    [InlineData("sign example.com/*", true)]
    [InlineData("approve example.com/*", false)]
    public void Who_signs_needs_the_verb_on_the_signer(string right, bool accepted)
    {
        var outcome = Update(Valid(), Valid().Issued(SomeCertificate), "status", rights: new Rights(right));
        Assert.Equal(accepted, outcome.Accepted);
        if (!accepted)
        {
            Assert.Equal(
                "certificatesigningrequests.certificates.k8s.io \"jane\" is forbidden: user not permitted to sign requests"
                + " with signerName \"example.com/signer\"", outcome.Refusal!.Message);
        }
    }

    [Fact]
    public void A_status_update_that_changes_neither_certificate_nor_conditions_needs_no_right_to_sign()
    {
        var old = Valid().With(Conditions("Approved", Early));
        var changed = Valid().With(Conditions("Approved", Early));
        changed["metadata"]!["labels"] = new JsonObject { ["a"] = "b" };
        Assert.True(Update(old, changed, "status", rights: new Rights()).Accepted);
    }

    [Fact]
    public void Every_approval_update_needs_the_right_even_if_it_changes_nothing() =>
        Assert.False(Update(Valid(), Valid(), "approval", rights: new Rights()).Accepted);

    [Fact]
    public void A_faulty_change_is_told_its_faults_before_the_missing_right()
    {
        var outcome = Update(Valid(), Valid().With(Conditions("Approved,Denied")), "approval", rights: new Rights());
        Assert.Single(outcome.Errors);
        Assert.Null(outcome.Refusal);
    }
}
