// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using static Sealock.Tests.Definitions.Issuance.IssuanceOperations;

namespace Sealock.Tests.Definitions.Issuance;

public sealed class IssuerValidationTests
{
    private const string Acme = "server: https://acme.example.com/dir, privateKeySecretRef: {name: account}";

    private static readonly string Bundle = Convert.ToBase64String(Encoding.UTF8.GetBytes(
        CertificateAuthority.CreateRoot("root", KeyPair.Generate(), DateTimeOffset.UnixEpoch).Certificate.ToPem()));

    private static string Solver(string dns) => $"acme: {{{Acme}, solvers: [{{dns01: {{{dns}}}}}]}}";

    private static string At(string rest) => "spec.acme.solvers[0].dns01." + rest;

    /// <summary>Spec (YAML) and errors.</summary>
    public static TheoryData<string, string[]> Cases => new()
    {
        { "selfSigned: {}", [] },
        { "selfSigned: {crlDistributionPoints: ['http://example.com/a.crl']}", [] },
        { "{}", ["spec: Required value: at least one issuer must be configured"] },
        { "{selfSigned: {}, ca: {secretName: ca}}", ["spec.selfSigned: Forbidden: may not specify more than one issuer type"] },
        { "ca: {secretName: ''}", ["spec.ca.secretName: Required value"] },
        { "ca: {secretName: ca, ocspServers: [''], issuingCertificateURLs: ['']}",
            ["spec.ca.ocspServers[0]: Invalid value: \"\": must be a valid URL", "spec.ca.issuingCertificateURLs[0]: Invalid value: \"\": must be a valid URL"] },
        { $"acme: {{{Acme}}}", [] },
        { "acme: {server: '', privateKeySecretRef: {name: ''}}",
            ["spec.acme.privateKeySecretRef.name: Required value: private key secret name is a required field", "spec.acme.server: Required value: acme server URL is a required field"] },
        { $"acme: {{{Acme}, caBundle: {Bundle}, profile: shortlived, preferredChain: ISRG Root X1}}", [] },
        { $"acme: {{{Acme}, caBundle: aGVsbG8=}}", ["spec.acme.caBundle: Invalid value: \"\": cert bundle didn't contain any valid certificates"] },
        { $"acme: {{{Acme}, caBundle: {Bundle}, skipTLSVerify: true}}",
            ["spec.acme.caBundle: Invalid value: \"\": caBundle and skipTLSVerify are mutually exclusive and cannot both be set", "spec.acme.skipTLSVerify: Invalid value: true: caBundle and skipTLSVerify are mutually exclusive and cannot both be set"] },
        { $"acme: {{{Acme}, externalAccountBinding: {{keyID: '', keySecretRef: {{name: eab}}}}}}",
            ["spec.acme.externalAccountBinding.keyID: Required value: the keyID field is required when using externalAccountBinding", "spec.acme.externalAccountBinding.keySecretRef.key: Required value: secret key is required"] },
        { $"acme: {{{Acme}, solvers: [{{}}]}}", ["spec.acme.solvers[0]: Required value: no solver type configured"] },
        { $"acme: {{{Acme}, solvers: [{{tlsALPN01: {{}}}}]}}", [] },
        { $"acme: {{{Acme}, solvers: [{{http01: {{ingress: {{ingressClassName: nginx}}}}, waitInsteadOfSelfCheck: 30s}}]}}", [] },
        { $"acme: {{{Acme}, solvers: [{{http01: {{}}}}]}}", ["spec.acme.solvers[0].http01: Required value: no HTTP01 solver type configured"] },
        { $"acme: {{{Acme}, solvers: [{{http01: {{ingress: {{class: a, name: b, serviceType: LoadBalancer}}}}}}]}}",
            ["spec.acme.solvers[0].http01.ingress: Forbidden: only one of 'ingressClassName', 'name' or 'class' should be specified", "spec.acme.solvers[0].http01.ingress.serviceType: Invalid value: \"LoadBalancer\": must be empty, \"ClusterIP\" or \"NodePort\""] },
        { $"acme: {{{Acme}, solvers: [{{http01: {{gatewayHTTPRoute: {{parentRefs: [{{name: gw}}]}}}}}}]}}", [] },
        { $"acme: {{{Acme}, solvers: [{{http01: {{ingress: {{}}}}, dns01: {{webhook: {{groupName: g, solverName: s}}}}}}]}}",
            ["spec.acme.solvers[0]: Forbidden: may not specify more than one solver type in a single solver"] },
        { Solver("webhook: {groupName: g, solverName: s, config: {any: [1, {thing: true}]}}"), [] },
        { Solver(""), [At("")[..^1] + ": Required value: no DNS01 provider configured"] },
        { Solver("cloudflare: {apiTokenSecretRef: {name: t, key: k}}"), [] },
        { Solver("cloudflare: {}"), [At("cloudflare: Required value: apiKeySecretRef or apiTokenSecretRef is required")] },
        { Solver("cloudflare: {apiKeySecretRef: {name: t, key: k}}"), [At("cloudflare.email: Required value")] },
        { Solver("rfc2136: {nameserver: '10.0.0.53:53', tsigKeyName: k, tsigAlgorithm: hmacsha512, tsigSecretSecretRef: {name: t, key: k}}"), [] },
        { Solver("rfc2136: {nameserver: '[2001:db8::1]:5353'}"), [] },
        { Solver("rfc2136: {nameserver: 'a b', tsigAlgorithm: rot13, tsigSecretSecretRef: {name: t, key: k}}"),
            [At("rfc2136.nameserver: Invalid value: \"a b\": nameserver must be set in the form host:port where host is an IPv4 address, an enclosed IPv6 address or a hostname and port is an optional port number."),
             At("rfc2136.tsigAlgorithm: Unsupported value: \"rot13\": supported values: \"HMACMD5\", \"HMACSHA1\", \"HMACSHA256\", \"HMACSHA512\""),
             At("rfc2136.tsigKeyName: Required value")] },
        { Solver("route53: {region: eu-central-1, accessKeyID: a, secretAccessKeySecretRef: {name: s, key: k}}"), [] },
        { Solver("azureDNS: {subscriptionID: s, resourceGroupName: r, clientID: c}"),
            [At("azureDNS.clientSecretSecretRef: Required value"), At("azureDNS.tenantID: Required value")] },
        { Solver("cloudDNS: {project: p}, digitalocean: {tokenSecretRef: {name: t, key: k}}"),
            [At("digitalocean: Forbidden: may not specify more than one provider type")] },
        { Solver("acmeDNS: {host: h, accountSecretRef: {name: a, key: k}}, nameservers: [dns.example:99999]"),
            [At("nameservers[0]: Invalid value: \"dns.example:99999\": nameserver must be set in the form host:port where host is an IPv4 address, an enclosed IPv6 address or a hostname and port is an optional port number.")] },
        { Solver("akamai: {serviceConsumerDomain: d, clientTokenSecretRef: {name: a, key: k}, clientSecretSecretRef: {name: a, key: k}, accessTokenSecretRef: {name: a, key: k}}"), [] },
        { "vault: {server: s, path: a/../b, auth: {tokenSecretRef: {name: t, key: k}}}",
            ["spec.vault.path: Invalid value: \"a/../b\": must not contain '..' path segments"] },
        { "vault: {server: s, path: p, auth: {}}",
            ["spec.vault.auth: Required value: please supply one of: appRole, kubernetes, tokenSecretRef, clientCertificate, aws"] },
        { "venafi: {zone: z, cloud: {apiTokenSecretRef: {name: t, key: k}}}", [] },
        { "venafi: {zone: z}", ["spec.venafi: Required value: please supply one of: tpp, cloud, ngts"] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_issuer_is_checked_as_cert_manager_does(string spec, string[] errors)
    {
        Assert.Equal(errors, Create("Issuer", new() { ["spec"] = Parse(spec) }));
        Assert.Equal(errors, Create("ClusterIssuer", new() { ["spec"] = Parse(spec) }));
    }

    [Theory]
    [InlineData("selfSigned: {}", "")]
    [InlineData("vault: {server: s, path: p, auth: {tokenSecretRef: {name: t, key: k}}}",
        "spec.vault: sealock does not issue through vault; certificates of this issuer stay pending")]
    public void What_has_no_effect_is_told(string spec, string warning) => Assert.Equal(
        warning, string.Join('\n', Run("Issuer", new() { ["spec"] = Parse(spec) }, null, null).Operation.Warnings));
}
