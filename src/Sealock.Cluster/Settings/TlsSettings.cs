// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Settings;

/// <summary>What every TLS server of a cluster offers: 1.2 and later, forward secrecy and authenticated encryption only.</summary>
internal static class TlsSettings
{
    /// <summary>The oldest version, as Kubernetes names it.</summary>
    public const string MinVersion = "VersionTLS12";

    /// <summary>The suites of TLS 1.2, by IANA's names. Those of 1.3 are all good and cannot be chosen in Go.</summary>
    public static readonly string[] CipherSuites =
    [
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ];

    /// <summary>The flags of Kubernetes' own servers.</summary>
    public static IEnumerable<CommandFlag> Flags =>
        [new("tls-min-version", MinVersion), new("tls-cipher-suites", string.Join(',', CipherSuites))];
}
