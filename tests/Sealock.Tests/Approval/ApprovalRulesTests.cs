// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Approval;
using static Sealock.Tests.Approval.PolicyCases;

namespace Sealock.Tests.Approval;

public sealed class ApprovalRulesTests
{
    private static ApprovalVerdict Decide(ApprovalRequest request, params PolicyView[] policies) => ApprovalRules.Decide(request, policies);

    [Fact]
    public void Without_any_policy_everything_is_approved() =>
        Assert.Equal(ApprovalOutcome.Approved, Decide(Request("CN=any,O=thing", "dns:a.b ip:10.0.0.1") with { IsCa = true }).Outcome);

    [Theory]
    // What is not named may not be asked for; what is not asked for need not be named.
    [InlineData("", "", "", null)]
    [InlineData("CN=a", "", "", "spec.allowed.commonName: \"a\" may not be asked for")]
    [InlineData("", "dns:a", "", "spec.allowed.dnsNames: \"a\" may not be asked for")]
    [InlineData("", "ip:10.0.0.1", "", "spec.allowed.ipAddresses")]
    [InlineData("", "uri:spiffe://a/b", "", "spec.allowed.uris")]
    [InlineData("", "email:a@b.c", "", "spec.allowed.emailAddresses")]
    [InlineData("O=a", "", "", "spec.allowed.subject.organizations")]
    [InlineData("", "", "allowed: {commonName: {value: '*'}, dnsNames: {values: ['*']}, subject: {organizations: {values: ['*']}}}", null)]
    // Values and patterns.
    [InlineData("CN=a.example.com", "", "allowed: {commonName: {value: '*.example.com'}}", null)]
    [InlineData("CN=example.com", "", "allowed: {commonName: {value: '*.example.com'}}", "spec.allowed.commonName.value: \"example.com\" does not match \"*.example.com\"")]
    [InlineData("CN=a", "", "allowed: {commonName: {value: ''}}", "spec.allowed.commonName.value")]
    [InlineData("CN=a", "", "allowed: {commonName: {required: true}}", "not ready")]
    [InlineData("CN=a,CN=b", "", "allowed: {commonName: {value: b}}", "\"a\" does not match \"b\"")]
    [InlineData("", "dns:a.example.com dns:b.example.com", "allowed: {dnsNames: {values: [a.example.com, 'b.*']}}", null)]
    [InlineData("", "dns:a.example.com dns:evil.com", "allowed: {dnsNames: {values: [a.example.com, 'b.*']}}", "spec.allowed.dnsNames.values: \"evil.com\" does not match \"a.example.com\", \"b.*\"")]
    [InlineData("", "dns:a", "allowed: {dnsNames: {values: []}}", "the list is empty")]
    [InlineData("", "ip:10.1.2.3 ip:fd00::1", "allowed: {ipAddresses: {values: ['10.*', 'fd00::1']}}", null)]
    [InlineData("", "ip:192.168.0.1", "allowed: {ipAddresses: {values: ['10.*']}}", "spec.allowed.ipAddresses.values")]
    [InlineData("", "uri:spiffe://cluster/ns/shop/sa/web", "allowed: {uris: {values: ['spiffe://cluster/ns/shop/*']}}", null)]
    [InlineData("", "email:jane@example.com", "allowed: {emailAddresses: {values: ['*@example.com']}}", null)]
    // Required.
    [InlineData("", "", "allowed: {commonName: {value: '*', required: true}}", "spec.allowed.commonName.required")]
    [InlineData("", "", "allowed: {dnsNames: {values: ['*'], required: true}}", "spec.allowed.dnsNames.required")]
    [InlineData("", "", "allowed: {commonName: {value: '*', required: false}}", null)]
    // The subject.
    [InlineData("O=a,O=b", "", "allowed: {subject: {organizations: {values: [a]}}}", "\"b\" does not match \"a\"")]
    [InlineData("O=a,O=b", "", "allowed: {subject: {organizations: {values: [a, b]}}}", null)]
    [InlineData("OU=x", "", "allowed: {subject: {organizationalUnits: {values: [x]}}}", null)]
    [InlineData("C=CH", "", "allowed: {subject: {countries: {values: [CH]}}}", null)]
    [InlineData("ST=ZH", "", "allowed: {subject: {provinces: {values: [ZH]}}}", null)]
    [InlineData("L=Bern", "", "allowed: {subject: {localities: {values: [Bern]}}}", null)]
    [InlineData("L=Bern", "", "allowed: {subject: {provinces: {values: [Bern]}}}", "spec.allowed.subject.localities")]
    [InlineData("2.5.4.5=42", "", "allowed: {subject: {serialNumber: {value: '4*'}}}", null)]
    [InlineData("2.5.4.5=42", "", "allowed: {subject: {serialNumber: {value: '5*'}}}", "spec.allowed.subject.serialNumber.value")]
    // Whatever else would come into the certificate.
    [InlineData("DC=corp", "", "allowed: {commonName: {value: '*'}}", "spec.allowed.subject.otherAttributes[0.9.2342.19200300.100.1.25]")]
    [InlineData("DC=corp", "", "allowed: {subject: {otherAttributes: [{oid: 0.9.2342.19200300.100.1.25, values: [corp]}]}}", null)]
    [InlineData("DC=evil", "", "allowed: {subject: {otherAttributes: [{oid: 0.9.2342.19200300.100.1.25, values: [corp]}]}}", "\"evil\" does not match")]
    [InlineData("", "", "allowed: {subject: {otherAttributes: [{oid: 1.2.3, values: [a], required: true}]}}", "[1.2.3].required")]
    [InlineData("", "other:1.3.6.1.4.1.311.20.2.3;jane@corp", "", "spec.allowed.otherNames[1.3.6.1.4.1.311.20.2.3]")]
    [InlineData("", "other:1.3.6.1.4.1.311.20.2.3;jane@corp", "allowed: {otherNames: [{oid: 1.3.6.1.4.1.311.20.2.3, values: ['*@corp']}]}", null)]
    [InlineData("", "dir:CN=hidden", "allowed: {dnsNames: {values: ['*']}}", "Directory are never allowed")]
    // Rules; every value must keep to every one of them, beside the patterns.
    [InlineData("", "dns:web.shop.svc", "allowed: {dnsNames: {validations: [{rule: \"self.endsWith('.' + cr.namespace + '.svc')\"}]}}", null)]
    [InlineData("", "dns:web.shop.svc dns:web.other.svc", "allowed: {dnsNames: {validations: [{rule: \"self.endsWith(cr.namespace + '.svc')\"}]}}", "spec.allowed.dnsNames.validations: \"web.other.svc\": failed rule: self.endsWith")]
    [InlineData("", "dns:web.shop.svc", "allowed: {dnsNames: {values: [a], validations: [{rule: 'true'}]}}", "spec.allowed.dnsNames.values")]
    [InlineData("", "dns:web.shop.svc", "allowed: {dnsNames: {values: ['*'], validations: [{rule: 'false', message: no way}]}}", "spec.allowed.dnsNames.validations: \"web.shop.svc\": no way")]
    [InlineData("CN=abcd", "", "allowed: {commonName: {validations: [{rule: 'self.size() < 4'}]}}", "spec.allowed.commonName.validations")]
    [InlineData("", "", "allowed: {commonName: {required: true, validations: [{rule: 'true'}]}}", "spec.allowed.commonName.required")]
    // Keys.
    [InlineData("", "", "constraints: {privateKey: {algorithm: RSA}}", "spec.constraints.privateKey.algorithm: ECDSA P-256, and RSA is wanted")]
    [InlineData("", "", "constraints: {privateKey: {algorithm: ECDSA, minSize: 256, maxSize: 256}}", null)]
    [InlineData("", "", "constraints: {privateKey: {minSize: 384}}", "spec.constraints.privateKey.minSize")]
    [InlineData("", "", "constraints: {privateKey: {maxSize: 255}}", "spec.constraints.privateKey.maxSize")]
    public void A_request_asks_for_no_more_than_is_allowed(string subject, string names, string spec, string? objection)
    {
        var verdict = Decide(Request(subject, names), Policy(spec));
        if (objection is null)
        {
            Assert.Equal((ApprovalOutcome.Approved, "policy", "Approved by CertificateRequestPolicy: \"policy\""), (verdict.Outcome, verdict.Policy, verdict.Message));
            return;
        }

        Assert.NotEqual(ApprovalOutcome.Approved, verdict.Outcome);
        Assert.Contains(objection, verdict.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("P-384", "ECDSA", true)]
    [InlineData("RSA", "RSA", true)]
    [InlineData("RSA", "ECDSA", false)]
    [InlineData("RSA", "Ed25519", false)]
    public void The_key_is_of_the_kind_that_is_wanted(string key, string algorithm, bool approved) => Assert.Equal(
        approved, Decide(Request(key: key), Policy($"constraints: {{privateKey: {{algorithm: {algorithm}}}}}")).Outcome == ApprovalOutcome.Approved);

    [Theory]
    [InlineData("", false, "", true)]
    [InlineData("", true, "", false)]
    [InlineData("allowed: {isCA: false}", true, "", false)]
    [InlineData("allowed: {isCA: true}", true, "", true)]
    [InlineData("allowed: {isCA: true}", false, "", true)]
    [InlineData("", false, "server auth", false)]
    [InlineData("allowed: {usages: []}", false, "server auth", false)]
    [InlineData("allowed: {usages: [server auth]}", false, "server auth", true)]
    [InlineData("allowed: {usages: [server auth]}", false, "server auth,client auth", false)]
    [InlineData("allowed: {usages: ['* auth']}", false, "server auth,client auth", true)]
    public void Ca_and_usages_are_allowed_or_not(string spec, bool ca, string usages, bool approved) => Assert.Equal(
        approved,
        Decide(Request() with { IsCa = ca, Usages = usages.Split(',', StringSplitOptions.RemoveEmptyEntries) }, Policy(spec)).Outcome == ApprovalOutcome.Approved);

    [Theory]
    [InlineData("maxDuration: 24h", null, false)]
    [InlineData("maxDuration: 24h", 24, true)]
    [InlineData("maxDuration: 24h", 25, false)]
    [InlineData("minDuration: 24h", null, false)]
    [InlineData("minDuration: 24h", 24, true)]
    [InlineData("minDuration: 24h", 23, false)]
    [InlineData("minDuration: 1h, maxDuration: 24h", 2, true)]
    public void A_duration_keeps_to_its_limits_and_must_be_named(string limits, int? hours, bool approved) => Assert.Equal(
        approved,
        Decide(Request() with { Duration = hours is { } count ? TimeSpan.FromHours(count) : null }, Policy($"constraints: {{{limits}}}")).Outcome
            == ApprovalOutcome.Approved);

    [Theory]
    [InlineData("issuerRef: {}", true)]
    [InlineData("namespace: {}", true)]
    [InlineData("issuerRef: {name: ca, kind: Issuer, group: cert-manager.io}", true)]
    [InlineData("issuerRef: {name: 'c*', kind: '*ssuer', group: '*'}", true)]
    [InlineData("issuerRef: {kind: ClusterIssuer}", false)]
    [InlineData("issuerRef: {name: other}", false)]
    [InlineData("issuerRef: {name: ''}", false)]
    [InlineData("namespace: {matchNames: ['sh*', other]}", true)]
    [InlineData("namespace: {matchNames: [other]}", false)]
    [InlineData("namespace: {matchLabels: {team: a}}", true)]
    [InlineData("namespace: {matchLabels: {team: b}}", false)]
    [InlineData("namespace: {matchLabels: {team: a, more: x}}", false)]
    [InlineData("namespace: {matchNames: [shop], matchLabels: {team: b}}", false)]
    [InlineData("issuerRef: {name: ca}, namespace: {matchNames: [other]}", false)]
    public void A_policy_counts_for_what_it_selects(string selector, bool selects)
    {
        var request = Request() with { NamespaceLabels = new Dictionary<string, string> { ["team"] = "a" } };
        var verdict = Decide(request, Whole($"selector: {{{selector}}}"));
        Assert.Equal(selects ? ApprovalOutcome.Approved : ApprovalOutcome.Undecided, verdict.Outcome);
    }

    [Fact]
    public void One_policy_that_allows_is_enough_and_a_denial_names_the_rule_of_each()
    {
        var (strict, wide) = (Policy("allowed: {dnsNames: {values: [a]}}", "strict"), Policy("allowed: {dnsNames: {values: ['*.b']}}", "wide"));
        Assert.Equal("wide", Decide(Request(names: "dns:x.b"), strict, wide).Policy);
        Assert.Equal(
            "No policy approved this request: [strict: spec.allowed.dnsNames.values: \"c\" does not match \"a\"] "
            + "[wide: spec.allowed.dnsNames.values: \"c\" does not match \"*.b\"]",
            Decide(Request(names: "dns:c"), wide, strict).Message);
    }

    [Fact]
    public void A_policy_that_the_requester_may_not_use_neither_approves_nor_denies()
    {
        var (mine, other) = (Policy("allowed: {dnsNames: {values: [a]}}", "mine"), Policy("allowed: {dnsNames: {values: [b]}}", "other"));
        var request = Request(names: "dns:b") with { UnusablePolicies = new HashSet<string> { "other" } };
        var denied = Decide(request, mine, other);
        Assert.Equal(ApprovalOutcome.Denied, denied.Outcome);
        Assert.DoesNotContain("other", denied.Message, StringComparison.Ordinal);
        var left = Decide(request, other);
        Assert.Equal(ApprovalOutcome.Undecided, left.Outcome);
        Assert.Contains("other (the requester has no right to use it)", left.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("allowed: {dnsNames: {values: ['*'], validations: [{rule: 'self.charAt(0) == self'}]}}", "spec.allowed.dnsNames.validations: the rule \"self.charAt(0) == self\" is not supported here: charAt")]
    [InlineData("allowed: {commonName: {validations: [{rule: 'true'}, {rule: 'size(self)'}]}}", "spec.allowed.commonName.validations")]
    [InlineData("allowed: {subject: {otherAttributes: [{oid: 1.2.3, validations: [{rule: ''}]}]}}", "otherAttributes[1.2.3].validations")]
    [InlineData("plugins: {rego: {values: {a: b}}}", "spec.plugins[rego]: there is no such plugin")]
    [InlineData("constraints: {maxDuration: forever}", "spec.constraints.maxDuration")]
    [InlineData("constraints: {minDuration: -1h}", "spec.constraints.minDuration")]
    [InlineData("constraints: {minDuration: 2h, maxDuration: 1h}", "it must be minDuration or more")]
    [InlineData("constraints: {privateKey: {algorithm: DSA}}", "it must be one of RSA, ECDSA, Ed25519")]
    [InlineData("constraints: {privateKey: {algorithm: Ed25519, minSize: 1}}", "one size only")]
    [InlineData("constraints: {privateKey: {minSize: 8193}}", "between 0 and 8192")]
    [InlineData("constraints: {privateKey: {minSize: 3, maxSize: 2}}", "it must be minSize or more")]
    [InlineData("allowed: {uris: {required: true}}", "spec.allowed.uris.values: it, or validations, must be given")]
    public void A_policy_that_cannot_be_evaluated_is_not_ready_and_approves_nothing(string spec, string fault)
    {
        var policy = Policy(spec);
        Assert.Contains(PolicyReadiness.Faults(policy.Spec), found => found.Contains(fault, StringComparison.Ordinal));
        var verdict = Decide(Request(), policy);
        Assert.Equal(ApprovalOutcome.Undecided, verdict.Outcome);
        Assert.Contains("not ready: ", verdict.Message, StringComparison.Ordinal);
        Assert.Equal(("False", "NotReady"), (PolicyStatus.Wanted(policy, default).Status, PolicyStatus.Wanted(policy, default).Reason));
    }

    [Fact]
    public void A_policy_without_a_selector_is_not_ready() =>
        Assert.Equal(ApprovalOutcome.Undecided, Decide(Request(), Whole("allowed: {}\nselector: {}")).Outcome);

    [Fact]
    public void What_a_stranger_asks_for_cannot_make_the_message_long_or_break_its_line()
    {
        var names = string.Join(' ', Enumerable.Range(0, 200).Select(i => $"dns:{new string('a', 60)}.{i}.example.com"));
        var verdict = Decide(
            Request("CN=evil\\0Aline", names), [.. Enumerable.Range(0, 50).Select(i => Policy("allowed: {dnsNames: {values: [x]}}", $"p{i}"))]);
        Assert.Equal(ApprovalOutcome.Denied, verdict.Outcome);
        Assert.InRange(verdict.Message.Length, 1, 4096);
        Assert.DoesNotContain('\n', verdict.Message);
    }
}
