// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;
using Sealock.Tests.Certificates;

namespace Sealock.Tests.Fuzzing;

/// <summary>Valid objects of the kinds of issuance, with as many of their fields as go together.</summary>
internal static class IssuanceSamples
{
    private const string Namespaced = "namespaces/default/";
    private const string Conditions = "conditions: [{type: Ready, status: 'True', reason: r, message: m, lastTransitionTime: '2026-01-01T00:00:00Z'}]";

    public static ImmutableArray<(string Path, JsonObject Object)> All { get; } =
    [
        Sample("cert-manager.io/v1", Namespaced + "certificates", """
            {metadata: {name: x, labels: {a: b}}, spec: {secretName: s, issuerRef: {name: i, kind: ClusterIssuer, group: cert-manager.io}, commonName: a.example,
             subject: {organizations: [o], countries: [c], serialNumber: '1'}, dnsNames: [a.example, '*.b.example'], ipAddresses: [10.0.0.1, '::1'], uris: ['spiffe://a/b'],
             emailAddresses: [a@b.example], otherNames: [{oid: 1.2.3, utf8Value: v}], duration: 2160h, renewBefore: 360h30m,
             renewal: {policy: RenewBefore, windows: [{cron: '0 2 * * 1-5', windowDuration: 2h, timezone: UTC}]}, isCA: true, usages: [server auth, cert sign],
             nameConstraints: {critical: true, permitted: {dnsDomains: [a.example], ipRanges: [10.0.0.0/8]}}, privateKey: {algorithm: ECDSA, size: 384, encoding: PKCS8},
             signatureAlgorithm: ECDSAWithSHA384, secretTemplate: {labels: {a: b}, annotations: {example.com/a: b}}, revisionHistoryLimit: 2,
             keystores: {jks: {create: true, password: p, alias: a}, pkcs12: {create: true, passwordSecretRef: {name: p, key: k}}},
             additionalOutputFormats: [{type: DER}]}, status: {CONDITIONS, revision: 1}}
            """),
        Sample("cert-manager.io/v1", Namespaced + "certificates", "{metadata: {name: w}, spec: {secretName: s, literalSubject: 'CN=a,DC=b', renewBeforePercentage: 30, issuerRef: {name: i}}}"),
        Sample("cert-manager.io/v1", Namespaced + "certificaterequests", """
            {metadata: {name: x, annotations: {cert-manager.io/certificate-name: c}}, spec: {request: REQUEST, issuerRef: {name: i}, duration: 1h,
             usages: [server auth], username: u}, status: {conditions: [{type: Approved, status: 'True', reason: r}], certificate: YQ==, failureTime: '2026-01-01T00:00:00Z'}}
            """),
        Sample("cert-manager.io/v1", Namespaced + "issuers", """
            {metadata: {name: x}, spec: {acme: {server: 'https://a.example/dir', privateKeySecretRef: {name: k}, email: a@b.example, externalAccountBinding: {keyID: k, keySecretRef: {name: m, key: k}},
             solvers: [{selector: {dnsZones: [a.example]}, http01: {ingress: {ingressClassName: m, podTemplate: {metadata: {labels: {a: b}}, spec: {tolerations: [{operator: Exists}],
             affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In, values: [b]}]}]}}},
             resources: {limits: {cpu: 1}}}}}}}, {http01: {gatewayHTTPRoute: {parentRefs: [{name: g, port: 80}]}}}, {tlsALPN01: {}, waitInsteadOfSelfCheck: 5s},
             {dns01: {cnameStrategy: Follow, rfc2136: {nameserver: '[::1]:53', tsigKeyName: k, tsigAlgorithm: HMACSHA256, tsigSecretSecretRef: {name: m, key: k}}}},
             {dns01: {webhook: {groupName: g, solverName: s, config: {a: [1, {b: null}]}}}}, {dns01: {azureDNS: {subscriptionID: s, resourceGroupName: r, managedIdentity: {clientID: c, tenantID: t}}}},
             {dns01: {route53: {region: r, auth: {kubernetes: {serviceAccountRef: {name: m}}}}}}, {dns01: {cloudflare: {email: e, apiKeySecretRef: {name: m, key: k}}}}]}}, status: {CONDITIONS, acme: {uri: u}}}
            """),
        Sample("cert-manager.io/v1", "clusterissuers", "{metadata: {name: x}, spec: {ca: {secretName: s, crlDistributionPoints: [u], ocspServers: [u], issuingCertificateURLs: [u]}}}"),
        Sample("cert-manager.io/v1", "clusterissuers", "{metadata: {name: w}, spec: {vault: {server: s, path: p, auth: {kubernetes: {role: r, secretRef: {name: m}}, appRole: {path: p, roleId: r, secretRef: {name: m}}}}}}"),
        Sample("cert-manager.io/v1", "clusterissuers", "{metadata: {name: z}, spec: {venafi: {zone: z, tpp: {url: u, credentialsRef: {name: m}}}}}"),
        Sample("acme.cert-manager.io/v1", Namespaced + "orders", """
            {metadata: {name: x}, spec: {request: YQ==, issuerRef: {name: i}, dnsNames: [a.example], ipAddresses: [10.0.0.1], duration: 1h},
             status: {url: u, state: pending, authorizations: [{url: u, identifier: a, wildcard: true, initialState: pending, challenges: [{url: u, token: t, type: http-01}]}]}}
            """),
        Sample("acme.cert-manager.io/v1", Namespaced + "challenges", """
            {metadata: {name: x}, spec: {url: u, authorizationURL: a, dnsName: d, wildcard: true, type: DNS-01, token: t, key: k, issuerRef: {name: i},
             solver: {dns01: {acmeDNS: {host: h, accountSecretRef: {name: m, key: k}}}}}, status: {processing: true, presented: true, state: pending, reason: r}}
            """),
        Sample("policy.cert-manager.io/v1alpha1", "certificaterequestpolicies", """
            {metadata: {name: x}, spec: {selector: {issuerRef: {name: '*'}, namespace: {matchNames: [a], matchLabels: {a: b}}}, allowed: {commonName: {value: '*', required: true}, isCA: true,
             dnsNames: {values: ['*.a'], validations: [{rule: 'true', message: m}]}, usages: [any], subject: {organizations: {values: [o]}, serialNumber: {value: v}}, otherNames: [{oid: 1.2.3, values: [v]}]},
             constraints: {minDuration: 1h, maxDuration: 2h, privateKey: {algorithm: RSA, minSize: 2048, maxSize: 4096}}, plugins: {p: {values: {a: b}}}}}
            """),
        Sample("trust.cert-manager.io/v1alpha1", "bundles", """
            {metadata: {name: x}, spec: {sources: [{secret: {name: s, key: k}}, {configMap: {selector: {matchLabels: {a: b}, matchExpressions: [{key: a, operator: Exists}]}, includeAllKeys: true}}, {inLine: p},
             {useDefaultCAs: true}], target: {configMap: {key: k, metadata: {labels: {a: b}}}, secret: {key: k}, additionalFormats: {jks: {key: j}, pkcs12: {key: p, profile: Modern2023}}, namespaceSelector: {matchLabels: {a: b}}}}}
            """),
    ];

    private static (string Path, JsonObject Object) Sample(string groupVersion, string path, string yaml) =>
        YamlReader.TryRead(
            yaml.Replace("CONDITIONS", Conditions, StringComparison.Ordinal).Replace("REQUEST", RequestRun.Pem(), StringComparison.Ordinal), out var document, out var refusal)
            ? ($"/apis/{groupVersion}/{path}", document!.AsObject()) : throw new ArgumentException($"{path}: {refusal}");
}
