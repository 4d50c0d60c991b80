// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Surveying;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Flags and fields that weaken HTTPS.</summary>
internal static class WeakFlags
{
    private const string Servers = "kube-apiserver kube-controller-manager kube-scheduler kubelet etcd";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Rule<FoundComponent>> All { get; } =
    [
        new("tls-version", Severity.Error, "TLS 1.0 and 1.1 are broken and forbidden (RFC 8996).",
            (_, component) => Flags(component, "tls-min-version").Where(flag => flag.Value is "VersionTLS10" or "VersionTLS11" or "TLS1.0" or "TLS1.1")
                .Select(flag => FlagFault.Of(flag, "write VersionTLS12 or VersionTLS13"))),
        new("tls-version", Severity.Error, "TLS 1.0 and 1.1 are broken and forbidden (RFC 8996).",
            (_, component) => Flags(component, "tls-max-version").Where(flag => flag.Value is "VersionTLS10" or "VersionTLS11" or "TLS1.0" or "TLS1.1")
                .Select(flag => FlagFault.Of(flag, "remove it"))),
        new("cipher-suites", Severity.Warning, "Suites without forward secrecy or authenticated encryption let recorded traffic be read once the key is known, or are broken.",
            (_, component) => new[] { "tls-cipher-suites", "cipher-suites" }.Select(name => component[name]).OfType<ComponentFlag>()
                .Select(flag => (Flag: flag, Weak: flag.Value.Split(',', StringSplitOptions.TrimEntries).Where(IsWeakSuite).ToList())).Where(pair => pair.Weak.Count > 0)
                .Select(pair => new Fault($"{pair.Flag.Written} has weak suites: {string.Join(", ", pair.Weak.Take(6))}{(pair.Weak.Count > 6 ? "…" : "")}",
                    $"in {pair.Flag.File.PathOnNode}: keep ECDHE suites with GCM or CHACHA20, or remove the flag") { File = pair.Flag.File })),
        new("profiling", Severity.Info, "Profiles tell much about what the component does, and cost it time.",
            (_, component) => Flags(component, "profiling").Where(flag => flag.Value == "true" && flag.Written == "--profiling")
                .Select(flag => FlagFault.Of(flag, "write --profiling=false"))),
        new("front-proxy-ca-shared", Severity.Error, "With one CA for both and no allowed names, every user with a certificate can pass for the front proxy and name any user.",
            (survey, component) => component.Name == "kube-apiserver" && component["requestheader-client-ca-file"] is { } front && component["client-ca-file"] is { } client
                && component.List("requestheader-allowed-names").Count == 0 && SameBundle(survey, front, client)
                    ? [new("--requestheader-client-ca-file trusts the CA of --client-ca-file, and no --requestheader-allowed-names restricts it",
                        $"in {front.File.PathOnNode}: use a CA of its own for the front proxy, or write --requestheader-allowed-names=front-proxy-client") { File = front.File }]
                    : []),
    ];

    private static bool SameBundle(Survey survey, ComponentFlag front, ComponentFlag client) => front.Value == client.Value
        || (survey.Resolve(front.File, front.Value)?.Pem is { Certificates: var first } && survey.Resolve(client.File, client.Value)?.Pem is { Certificates: var second }
            && first.Any(one => second.Any(other => other.PublicKey.Equals(one.PublicKey))));

    private static IEnumerable<ComponentFlag> Flags(FoundComponent component, string name) =>
        Servers.Contains(component.Name, StringComparison.Ordinal) && component[name] is { } flag ? [flag] : [];

    /// <summary>By Go's names: what is neither TLS 1.3 nor ECDHE with an AEAD.</summary>
    internal static bool IsWeakSuite(string suite) => suite.Length > 0
        && !(suite is "TLS_AES_128_GCM_SHA256" or "TLS_AES_256_GCM_SHA384" or "TLS_CHACHA20_POLY1305_SHA256")
        && !(suite.StartsWith("TLS_ECDHE_", StringComparison.Ordinal)
            && (suite.Contains("_GCM_", StringComparison.Ordinal) || suite.Contains("_CHACHA20_POLY1305", StringComparison.Ordinal)));
}
