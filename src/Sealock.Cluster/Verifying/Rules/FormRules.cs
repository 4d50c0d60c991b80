// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Surveying;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Version, serial number, and the strength of keys and signatures.</summary>
internal static class FormRules
{
    public static Rule<SurveyedLeaf> Version1 { get; } = new("version-1", Severity.Warning,
        "Without extensions it has neither names nor usages: it is good for anything, and newer TLS libraries refuse it.",
        (survey, leaf) => leaf.Certificate.Version < 3
            ? [new($"it is an X.509 certificate of version {leaf.Certificate.Version} (openssl x509 -req makes them unless it is given extensions)", Remedies.Reissue(survey, leaf.File))]
            : []);

    public static Rule<SurveyedLeaf> Serial { get; } = new("serial-number", Severity.Warning,
        "RFC 5280 wants a positive serial number of at most 20 bytes; some libraries refuse others.",
        (survey, leaf) => SerialFault(leaf.Certificate) is { } what ? [new(what, Remedies.Reissue(survey, leaf.File))] : []);

    public static Rule<SurveyedLeaf> WeakKey { get; } = new("key-weak", Severity.Error,
        "Such keys can be broken, or are not known to Kubernetes; current TLS libraries refuse them.",
        (survey, leaf) => KeyFault(leaf.Certificate.PublicKey) is { } what ? [new(what, Remedies.Reissue(survey, leaf.File))] : []);

    public static Rule<SurveyedLeaf> WeakSignature { get; } = new("signature-weak", Severity.Error,
        "Certificates can be forged under such a hash; Go, and so Kubernetes, refuses them.",
        (survey, leaf) => leaf.Certificate.SignatureAlgorithm is { IsInsecure: true } algorithm
            ? [new($"it is signed with {algorithm.Name}", Remedies.Reissue(survey, leaf.File))]
            : []);

    public static string? SerialFault(Certificate certificate) =>
        certificate.SerialNumber.IsNegative ? "its serial number is negative"
        : certificate.SerialNumber.IsZero ? "its serial number is zero"
        : certificate.SerialNumber.Bytes.Length > 20 ? "its serial number is longer than 20 bytes" : null;

    public static string? KeyFault(PublicKeyInfo key) =>
        key.IsWeak ? $"its key is weak ({key.Description})" : key.Kind == KeyKind.Unknown ? "its key is of a kind or size that Kubernetes does not accept" : null;
}
