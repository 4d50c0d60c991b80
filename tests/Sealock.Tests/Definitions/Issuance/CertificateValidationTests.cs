// SPDX-License-Identifier: Apache-2.0
using static Sealock.Tests.Definitions.Issuance.IssuanceOperations;

namespace Sealock.Tests.Definitions.Issuance;

public sealed class CertificateValidationTests
{
    private const string Exclusive = "renewBefore and renewBeforePercentage are mutually exclusive and cannot both be set";

    /// <summary>Fields of the spec beside secretName and issuerRef (YAML), and the errors.</summary>
    public static TheoryData<string, string[]> Cases => new()
    {
        { "dnsNames: [example.com]", [] },
        { "", ["spec: Invalid value: \"\": at least one of commonName (from the commonName field or from a literalSubject), dnsNames, emailSANs, ipAddresses, otherNames, or uriSANs must be set"] },
        { "commonName: example.com", [] },
        { "dnsNames: ['*.example.com', _acme.example.com, x_y.example.com, 'localhost', 'A.example.com']", [] },
        { "dnsNames: ['', 'a b', 'www.*.example.com', 'a..b', 'example.com.', 'ä.example']", [.. new[] { "", "a b", "www.*.example.com", "a..b", "example.com.", "ä.example" }
            .Select((name, i) => $"spec.dnsNames[{i}]: Invalid value: \"{name}\": must be a DNS name, such as www.example.com; a wildcard is the whole first label, such as *.example.com")] },
        { "{dnsNames: ['a..b', 'example.com.'], issuerRef: {name: x, kind: Other, group: example.com}}", [] },
        { "{dnsNames: [ok.example, 'ä.example'], issuerRef: {name: x, kind: Other, group: example.com}}",
            ["spec.dnsNames[1]: Invalid value: \"ä.example\": must be a DNS name, such as www.example.com; a wildcard is the whole first label, such as *.example.com"] },
        { "uris: [/etc/passwd, 'spiffe://ä', 'urn:uuid:1']",
            ["spec.uris[0]: Invalid value: \"/etc/passwd\": must be an absolute URI in ASCII, such as spiffe://example.com/web", "spec.uris[1]: Invalid value: \"spiffe://ä\": must be an absolute URI in ASCII, such as spiffe://example.com/web"] },
        { "uris: [spiffe://example.com/web]", [] },
        { "otherNames: [{oid: 1.3.6.1.4.1.311.20.2.3, utf8Value: jane@example.com}]", [] },
        { "otherNames: [{oid: 1.x, utf8Value: ''}]",
            ["spec.otherNames[0].oid: Invalid value: \"1.x\": invalid oid syntax", "spec.otherNames[0].utf8Value: Required value: must be set to a valid non-empty UTF8 string"] },
        { $"commonName: {new string('a', 64)}", [] },
        { $"commonName: {new string('a', 65)}", ["spec.commonName: Too long: may not be more than 64 bytes"] },
        { "literalSubject: 'CN=web,O=Example'", [] },
        { "{literalSubject: 'O=Example', dnsNames: [a.example]}", [] },
        { "{literalSubject: 'CN=web', commonName: web}",
            ["spec.commonName: Invalid value: \"web\": When providing a `LiteralSubject` no `commonName` may be provided."] },
        { "{literalSubject: 'CN=web', subject: {organizations: [Example]}}",
            ["spec.subject: Invalid value: {\"organizations\":[\"Example\"]}: When providing a `LiteralSubject` no `Subject` properties may be provided."] },
        { "ipAddresses: [10.0.0.1, '2001:db8::1']", [] },
        { "ipAddresses: ['1', 10.0.0.300, 'fe80::1%eth0']",
            ["spec.ipAddresses[0]: Invalid value: \"1\": invalid IP address", "spec.ipAddresses[1]: Invalid value: \"10.0.0.300\": invalid IP address", "spec.ipAddresses[2]: Invalid value: \"fe80::1%eth0\": invalid IP address"] },
        { "emailAddresses: [jane@example.com]", [] },
        { "emailAddresses: ['Jane <jane@example.com>', nobody]",
            ["spec.emailAddresses[0]: Invalid value: \"Jane <jane@example.com>\": invalid email address: make sure the supplied value only contains the email address itself", "spec.emailAddresses[1]: Invalid value: \"nobody\": invalid email address: make sure the supplied value only contains the email address itself"] },
        { "{commonName: a, secretName: Not_A_Name}",
            ["spec.secretName: Invalid value: \"Not_A_Name\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"] },
        { "{commonName: a, secretName: ''}", ["spec.secretName: Required value: must be specified"] },
        { "{commonName: a, issuerRef: {name: ''}}", ["spec.issuerRef.name: Required value: must be specified"] },
        { "{commonName: a, issuerRef: {name: ca, kind: ClusterIssuer, group: cert-manager.io}}", [] },
        { "{commonName: a, issuerRef: {name: ca, kind: Other, group: example.com}}", [] },
        { "{commonName: a, issuerRef: {name: ca, kind: Other}}",
            ["spec.issuerRef.kind: Invalid value: \"Other\": must be one of Issuer or ClusterIssuer (did you forget to set spec.issuerRef.group?)"] },
        { "{commonName: a, issuerRef: {name: ca, kind: Other, group: cert-manager.io}}",
            ["spec.issuerRef.kind: Invalid value: \"Other\": must be one of Issuer or ClusterIssuer"] },
        { "{commonName: a, privateKey: {algorithm: RSA, size: 4096, encoding: PKCS8, rotationPolicy: Never}}", [] },
        { "{commonName: a, privateKey: {size: 1024}}", ["spec.privateKey.size: Invalid value: 1024: must be between 2048 and 8192 for rsa keyAlgorithm"] },
        { "{commonName: a, privateKey: {algorithm: ECDSA, size: 521}}", [] },
        { "{commonName: a, privateKey: {algorithm: ECDSA, size: 2048}}",
            ["spec.privateKey.size: Unsupported value: 2048: supported values: \"256\", \"384\", \"521\""] },
        { "{commonName: a, privateKey: {algorithm: Ed25519, size: 7}}", [] },
        { "{commonName: a, privateKey: {algorithm: Ed25519}, signatureAlgorithm: PureEd25519}", [] },
        { "{commonName: a, signatureAlgorithm: ECDSAWithSHA256}",
            ["spec.signatureAlgorithm: Invalid value: \"ECDSAWithSHA256\": for key algorithm RSA the allowed signature algorithms are [SHA256WithRSA SHA384WithRSA SHA512WithRSA]"] },
        { "{commonName: a, duration: 2160h, renewBefore: 360h}", [] },
        { "{commonName: a, duration: 5m, renewBefore: 1m}", [] },
        { "{commonName: a, duration: 4m59s}", ["spec.duration: Invalid value: \"4m59s\": certificate duration must be at least 5m"] },
        { "{commonName: a, duration: 90d}", ["spec.duration: Invalid value: \"90d\": must be a duration such as 2160h or 30m"] },
        { "{commonName: a, renewBefore: 59s}", ["spec.renewBefore: Invalid value: \"59s\": certificate renewBefore must be at least 1m"] },
        { "{commonName: a, duration: 1h, renewBefore: 1h}",
            ["spec.renewBefore: Invalid value: \"1h\": certificate duration must be greater than renewBefore 1h"] },
        { "{commonName: a, renewBeforePercentage: 25}", [] },
        { "{commonName: a, renewBeforePercentage: 100}", ["spec.renewBeforePercentage: Invalid value: 100: must be greater than 0 and less than 100"] },
        { "{commonName: a, duration: 10m, renewBeforePercentage: 5}",
            ["spec.renewBeforePercentage: Invalid value: 5: certificate renewBeforePercentage must result in a renewBefore of at least 1m"] },
        { "{commonName: a, renewBefore: 1h, renewBeforePercentage: 25}",
            [$"spec.renewBefore: Invalid value: \"1h\": {Exclusive}", $"spec.renewBeforePercentage: Invalid value: 25: {Exclusive}"] },
        { "{commonName: a, renewal: {policy: Disabled}}", [] },
        { "{commonName: a, renewal: {policy: RenewBefore, windows: [{cron: '0 2 * * 6', windowDuration: 4h, timezone: Europe/Berlin}]}}", [] },
        { "{commonName: a, renewal: {policy: Disabled, windows: [{cron: '0 2 * * 6', windowDuration: 4h}]}}",
            ["spec.renewal.windows: Forbidden: windows cannot be set when `renewal.policy` is set to Disabled"] },
        { "{commonName: a, renewal: {policy: RenewBefore, windows: [{cron: '0 2 * * 6', windowDuration: 0s, timezone: Mars/Base}]}}",
            ["spec.renewal.windows[0].windowDuration: Required value: windowDuration must be specified and should be greater than 0", "spec.renewal.windows[0].timezone: Invalid value: \"Mars/Base\": invalid value for timezone. timezone must be IANA compliant"] },
        { "{commonName: a, renewal: {policy: RenewBefore, windows: [{cron: '0 25 * * *', windowDuration: 1h}]}}",
            ["spec.renewal.windows[0].cron: Invalid value: \"0 25 * * *\": \"25\" in the cron expression \"0 25 * * *\" is not understood"] },
        { "{commonName: a, usages: [server auth, s/mime]}", [] },
        { "{commonName: a, revisionHistoryLimit: 0}", ["spec.revisionHistoryLimit: Invalid value: 0: must not be less than 1"] },
        { "{commonName: a, secretTemplate: {labels: {app: web}, annotations: {example.com/a: b, cert-manager.io/allow-direct-injection: 'true'}}}", [] },
        { "{commonName: a, secretTemplate: {annotations: {cert-manager.io/issuer-name: b}}}",
            ["spec.secretTemplate.annotations: Invalid value: \"cert-manager.io/issuer-name\": cert-manager.io/* annotations are not allowed"] },
        { "{commonName: a, isCA: true, nameConstraints: {critical: true, permitted: {dnsDomains: [example.com]}}}", [] },
        { "{commonName: a, nameConstraints: {critical: true}}",
            ["spec.nameConstraints: Invalid value: {\"critical\":true}: isCa should be true when nameConstraints is set", "spec.nameConstraints: Invalid value: {\"critical\":true}: either permitted or excluded must be set"] },
        { "{commonName: a, additionalOutputFormats: [{type: DER}, {type: CombinedPEM}]}", [] },
        { "{commonName: a, additionalOutputFormats: [{type: DER}, {type: DER}]}", ["spec.additionalOutputFormats[type]: Duplicate value: \"DER\""] },
        { "{commonName: a, keystores: {jks: {create: true, password: changeit}, pkcs12: {create: true, profile: Modern2026, passwordSecretRef: {name: p, key: k}}}}", [] },
        { "{commonName: a, keystores: {jks: {create: true}}}",
            ["spec.keystores.jks: Forbidden: must set exactly one of passwordSecretRef and password for JKS keystores"] },
        { "{commonName: a, keystores: {pkcs12: {create: true, password: '', passwordSecretRef: {name: p}}}}",
            ["spec.keystores.pkcs12: Forbidden: exactly one of passwordSecretRef and password must be provided for PKCS#12 keystores; cannot set both", "spec.keystores.pkcs12.password: Forbidden: literal password cannot be empty if set on PKCS#12 keystores"] },
    };

    /// <summary>The same for what the schema alone refuses.</summary>
    public static TheoryData<string, string[]> OfSchema => new()
    {
        { "{commonName: a, privateKey: {algorithm: DSA}}",
            ["spec.privateKey.algorithm: Unsupported value: \"DSA\": supported values: \"RSA\", \"ECDSA\", \"Ed25519\"", "spec.privateKey.algorithm: Invalid value: \"DSA\": must be either empty or one of rsa, ecdsa or ed25519"] },
        { "{commonName: a, dnsNames: web}", ["spec.dnsNames: Invalid value: \"string\": spec.dnsNames in body must be of type array: \"string\""] },
        { "{commonName: a, issuerRef: {kind: Issuer}}", ["spec.issuerRef.name: Required value", "spec.issuerRef.name: Required value: must be specified"] },
        { "{commonName: a, keystores: {jks: {password: x}}}", ["spec.keystores.jks.create: Required value"] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    [MemberData(nameof(OfSchema))]
    public void A_certificate_is_checked_as_cert_manager_does(string fields, string[] errors)
    {
        var spec = fields.Length == 0 ? [] : Parse(fields);
        spec.TryAdd("secretName", "web-tls");
        spec.TryAdd("issuerRef", Parse("name: ca"));
        Assert.Equal(errors, Create("Certificate", new() { ["spec"] = spec }));
    }

    [Fact]
    public void A_name_that_was_taken_once_may_stay_while_others_are_checked()
    {
        static System.Text.Json.Nodes.JsonObject With(string names) =>
            Parse($"{{metadata: {{name: x, namespace: default}}, spec: {{dnsNames: [{names}], secretName: s, issuerRef: {{name: i}}}}}}");
        var old = With("example.com.");
        Assert.Empty(Run("Certificate", With("example.com."), old, null).Errors);
        Assert.Single(Run("Certificate", With("'example.com.', 'a b'"), old, null).Errors);
    }

    [Fact]
    public void A_certificate_without_a_spec_is_refused() =>
        Assert.Contains("spec: Required value", Create("Certificate", []));

    [Fact]
    public void The_status_changes_through_its_own_address_only()
    {
        var old = Run("Certificate", Parse("{metadata: {labels: {a: b}}, spec: {commonName: a, secretName: s, issuerRef: {name: i}}, status: {revision: 7}}"), null, null)
            .Operation.Object;
        Assert.False(old.ContainsKey("status"));
        Assert.Equal(1, (long?)old["metadata"]!["generation"]);

        var (ofStatus, errors) = Run("Certificate", Parse("{metadata: {labels: {}, generation: 9}, spec: {}, status: {revision: 1}}"), old, "status");
        Assert.Empty(errors.Select(error => error.ToString()));
        Assert.Equal(1, (long?)ofStatus.Object["status"]!["revision"]);
        Assert.Equal("a", (string?)ofStatus.Object["spec"]!["commonName"]);
        Assert.Equal("b", (string?)ofStatus.Object["metadata"]!["labels"]!["a"]);
        Assert.Equal(1, (long?)ofStatus.Object["metadata"]!["generation"]);

        var (ofSpec, _) = Run(
            "Certificate", Parse("{spec: {commonName: b, secretName: s, issuerRef: {name: i}}, status: {revision: 3}}"), ofStatus.Object, null);
        Assert.Equal(1, (long?)ofSpec.Object["status"]!["revision"]);
        Assert.Equal(2, (long?)ofSpec.Object["metadata"]!["generation"]);
    }
}
