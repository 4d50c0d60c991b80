// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using static Sealock.Tests.Definitions.Issuance.IssuanceOperations;

namespace Sealock.Tests.Definitions.Issuance;

public sealed class OtherKindsTests
{
    private const string Challenge = "{spec: {url: u, authorizationURL: a, dnsName: d, type: TLS-ALPN-01, token: t, key: k, solver: {tlsALPN01: {}}, issuerRef: {name: i}}}";
    private const string Authorization = "[{url: a, identifier: i, challenges: [{url: c, token: t, type: http-01}]}]";

    /// <summary>Kind, object (YAML), errors.</summary>
    public static TheoryData<string, string, string[]> Cases => new()
    {
        { "Order", "{spec: {request: aGVsbG8=, issuerRef: {name: i}, dnsNames: [a.example], replaces: x.y, profile: p}}", [] },
        { "Order", "{spec: {issuerRef: {name: i}}}", ["spec.request: Required value"] },
        { "Challenge", Challenge, [] },
        { "CertificateRequestPolicy", "{spec: {selector: {issuerRef: {}}}}", [] },
        { "CertificateRequestPolicy", "{spec: {selector: {}}}",
            ["spec.selector: Invalid value: name an issuerRef or a namespace; {} on either matches everything"] },
        { "CertificateRequestPolicy",
            "{spec: {selector: {namespace: {matchNames: ['*']}}, allowed: {commonName: {value: '*'}, dnsNames: {values: ['*.example.com'], required: true}, usages: [server auth], subject: {organizations: {values: []}}}, constraints: {minDuration: 1h, maxDuration: 24h, privateKey: {algorithm: RSA, minSize: 2048, maxSize: 4096}}}}",
            [] },
        { "CertificateRequestPolicy", "{spec: {selector: {issuerRef: {}}, constraints: {minDuration: 2h, maxDuration: 1h, privateKey: {algorithm: Ed25519, minSize: -1}}}}",
            ["spec.constraints.maxDuration: Invalid value: it must be minDuration or more",
             "spec.constraints.privateKey: Invalid value: Ed25519 keys have one size only; leave minSize and maxSize out",
             "spec.constraints.privateKey: Invalid value: sizes must be between 0 and 8192"] },
        { "CertificateRequestPolicy", "{spec: {selector: {issuerRef: {}}, plugins: {rego: {values: {a: b}}}}}", [] },
        { "Bundle", "{spec: {sources: [{inLine: x}, {useDefaultCAs: true}, {secret: {name: ca, key: tls.crt}}, {configMap: {selector: {matchLabels: {a: b}}, includeAllKeys: true}}], target: {configMap: {key: ca.pem}, namespaceSelector: {matchLabels: {a: b}}}}}", [] },
        { "Bundle", "{spec: {sources: [{}, {configMap: {name: a, selector: {}}}], target: {configMap: {key: k}, additionalFormats: {jks: {key: k}}}}}",
            ["spec.sources[0]: Forbidden: must define exactly one source type for each item but found 0 defined types",
             "spec.sources[1].configMap: Forbidden: must not provide both a name and a selector",
             "spec.sources[1].configMap: Invalid value: {\"name\":\"a\",\"selector\":{}}: source key must be defined when includeAllKeys is false",
             "spec.target.additionalFormats: Invalid value: \"k\": key must be unique in target"] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_other_kinds_are_checked(string kind, string yaml, string[] errors) => Assert.Equal(errors, Create(kind, Parse(yaml)));

    [Fact]
    public void What_a_policy_cannot_have_here_is_told()
    {
        const string policy = "{spec: {selector: {issuerRef: {}}, allowed: {dnsNames: {validations: [{rule: 'true'}, {rule: foo(self)}]}}, plugins: {rego: {}}}}";
        Assert.Collection(
            Run("CertificateRequestPolicy", Parse(policy), null, null).Operation.Warnings,
            plugin => Assert.Equal("spec.plugins[rego]: there is no such plugin; the policy approves nothing", plugin),
            rule =>
            {
                Assert.StartsWith("spec.allowed.dnsNames.validations: the rule \"foo(self)\" is not supported here: ", rule, StringComparison.Ordinal);
                Assert.EndsWith("; the policy approves nothing", rule, StringComparison.Ordinal);
            });
    }

    [Fact]
    public void A_challenge_asks_for_one_thing_only()
    {
        var old = Run("Challenge", Parse(Challenge), null, null).Operation.Object;
        var changed = old.DeepClone().AsObject();
        changed["spec"]!["token"] = "other";
        Assert.Equal("spec: Forbidden: challenge spec is immutable after creation", Assert.Single(Run("Challenge", changed, old, null).Errors).ToString());
    }

    /// <summary>Status before and after (YAML), errors.</summary>
    public static TheoryData<string, string, string[]> Transitions => new()
    {
        { "{}", $"{{url: u, state: pending, authorizations: {Authorization}}}", [] },
        { "{url: u}", "{url: v}", ["status.url: Forbidden: field is immutable once set"] },
        { "{url: u, certificate: YQ==}", "{url: u, state: valid}", ["status.certificate: Forbidden: field is immutable once set"] },
        { $"{{authorizations: {Authorization}}}", "{}", ["status.authorizations: Forbidden: field is immutable once set"] },
        { $"{{authorizations: {Authorization}}}", "{authorizations: [{url: a, identifier: i, initialState: pending, challenges: [{url: c, token: s, type: http-01}]}]}",
            ["status.authorizations[0].challenges[0].token: Forbidden: field is immutable once set"] },
    };

    [Theory]
    [MemberData(nameof(Transitions))]
    public void What_the_server_said_of_an_order_stays(string before, string after, string[] errors)
    {
        var old = Run("Order", Parse("{spec: {request: aGVsbG8=, issuerRef: {name: i}}}"), null, null).Operation.Object;
        old["status"] = Parse(before);
        var changed = old.DeepClone().AsObject();
        changed["status"] = Parse(after);
        Assert.Equal(errors, Run("Order", changed, old, "status").Errors.Select(error => error.ToString()));
    }

    [Fact]
    public void A_truststore_of_java_has_the_usual_password()
    {
        var bundle = Run("Bundle", Parse("{spec: {sources: [{inLine: x}], target: {configMap: {key: a}, additionalFormats: {jks: {key: b}, pkcs12: {key: c}}}}}"), null, null)
            .Operation.Object;
        var formats = (JsonObject)bundle["spec"]!["target"]!["additionalFormats"]!;
        Assert.Equal("changeit", (string?)formats["jks"]!["password"]);
    }
}
