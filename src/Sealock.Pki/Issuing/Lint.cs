// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;

namespace Sealock.Pki.Issuing;

/// <summary>How bad a finding is.</summary>
public enum LintSeverity
{
    /// <summary>It works, but should not be so.</summary>
    Warning,

    /// <summary>It is not signed.</summary>
    Error,
}

/// <summary>What one lint found.</summary>
/// <param name="Lint">The lint's name, e.g. <c>validity-order</c>.</param>
/// <param name="Severity">Warning or error.</param>
/// <param name="Message">What is wrong, in plain words.</param>
public sealed record LintFinding(string Lint, LintSeverity Severity, string Message);

/// <summary>A named check over a certificate: pure, answers null where nothing is wrong.</summary>
/// <param name="Name">Short name with dashes.</param>
/// <param name="Severity">The severity of what it finds.</param>
/// <param name="Check">The check; the message in plain words, or null.</param>
public sealed record Lint(string Name, LintSeverity Severity, Func<Certificate, string?> Check)
{
    /// <summary>Every lint that runs before a certificate is signed.</summary>
    public static IReadOnlyList<Lint> All { get; } =
    [
        Error("version-3", c => c.Version == 3 ? null : "the certificate is not of version 3"),
        Error("serial-positive", c => c.SerialNumber.IsNegative || c.SerialNumber.IsZero
            ? "the serial number is not positive" : null),
        Error("serial-length", c => c.SerialNumber.Bytes.Length > 20 ? "the serial number is longer than 20 bytes" : null),
        Error("validity-order", c => c.NotAfter < c.NotBefore ? "the validity ends before it begins" : null),
        Error("issuer-present", c => c.Issuer.IsEmpty ? "the issuer's name is empty" : null),
        Error("named", c => c.Subject.IsEmpty && c.Names.Count == 0
            ? "neither the subject nor the alternative names name anyone" : null),
        Error("ca-subject", c => c.IsCa && c.Subject.IsEmpty ? "a CA without a subject cannot issue" : null),
        Error("key-strength", c => c.PublicKey.IsWeak || c.PublicKey.Kind == KeyKind.Unknown
            ? $"the key is too weak or unknown ({c.PublicKey.Description})" : null),
        Error("signature-strength", c => c.SignatureAlgorithm.IsInsecure || c.SignatureAlgorithm.Scheme == SignatureScheme.Unknown
            ? $"the signature algorithm {c.SignatureAlgorithm.Name} is not acceptable" : null),
        Error("ca-cert-sign", c => c.IsCa && !Uses(c, X509KeyUsageFlags.KeyCertSign)
            ? "a CA needs the key usage cert sign" : null),
        Error("leaf-path-length", c => !c.IsCa && c.PathLength is not null ? "a path length is for CAs only" : null),
        Error("leaf-name-constraints", c => !c.IsCa && c.NameConstraints is not null
            ? "name constraints are for CAs only" : null),
        Error("dns-names", c => First(c, GeneralNameKind.Dns, n => HostNames.IsValidDnsName(n.Text, allowWildcard: true)
            ? null : $"'{n.Text}' is not a DNS name")),
        Error("email-addresses", c => First(c, GeneralNameKind.Email, n => Mailbox.TryParse(n.Text, out _)
            ? null : $"'{n.Text}' is not an email address")),
        Error("uris", c => First(c, GeneralNameKind.Uri, n => Uri.TryCreate(n.Text, UriKind.Absolute, out _)
            ? null : $"'{n.Text}' is not an absolute URI")),
        Error("control-characters", c => c.Subject.Attributes.Any(a => a.IsText && a.Value.Any(char.IsControl))
            ? "the subject contains control characters" : null),
        // Kubernetes signs both: usages on demand, and node names of up to 253 characters after "system:node:".
        Warning("leaf-cert-sign", c => !c.IsCa && Uses(c, X509KeyUsageFlags.KeyCertSign)
            ? "the usage cert sign has no effect in a certificate that is no CA" : null),
        Warning("common-name-length", c => c.Subject.CommonName is { Length: > 64 }
            ? "the common name is longer than the 64 characters of RFC 5280" : null),
        Warning("dns-name-is-ip", c => First(c, GeneralNameKind.Dns, n => IPAddress.TryParse(n.Text, out _)
            ? $"the DNS name '{n.Text}' is an IP address; clients look for it among the IP addresses" : null)),
        Warning("server-names", c => c.KeyPurposes.Contains(KeyPurposes.ServerAuth) && c.Names.Count == 0
            ? "a server certificate without alternative names is accepted by no modern client" : null),
        Warning("no-purpose", c => !c.IsCa && c.KeyPurposes.Count == 0
            ? "the certificate is good for any purpose: name client auth or server auth" : null),
        Warning("encipherment-without-rsa", c =>
            c.PublicKey.Kind != KeyKind.Rsa && Uses(c, X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.DataEncipherment)
                ? $"encipherment usages have no meaning for a key of type {c.PublicKey.Description}" : null),
        Warning("masters-group", c => c.Subject.Organizations.Contains("system:masters")
            ? "the group system:masters bypasses authorization and cannot be taken away before the certificate ends" : null),
        Warning("masters-misspelt", c => c.Subject.Organizations.Contains("system:master")
            ? "the group system:master has no rights: system:masters was probably meant" : null),
        Warning("leaf-lifetime", c => !c.IsCa && c.Lifetime > TimeSpan.FromDays(3 * 366)
            ? "the lifetime is longer than three years" : null),
    ];

    /// <summary>Runs every lint; errors first.</summary>
    public static IReadOnlyList<LintFinding> Run(Certificate certificate)
    {
        List<LintFinding>? findings = null;
        foreach (var lint in All)
            if (lint.Check(certificate) is { } message)
                (findings ??= []).Add(new(lint.Name, lint.Severity, message));
        return findings is null ? [] : [.. findings.OrderByDescending(f => f.Severity)];
    }

    private static Lint Error(string name, Func<Certificate, string?> check) => new(name, LintSeverity.Error, check);

    private static Lint Warning(string name, Func<Certificate, string?> check) => new(name, LintSeverity.Warning, check);

    private static bool Uses(Certificate certificate, X509KeyUsageFlags flags) =>
        ((certificate.KeyUsage ?? X509KeyUsageFlags.None) & flags) != 0;

    private static string? First(Certificate certificate, GeneralNameKind kind, Func<GeneralName, string?> check)
    {
        foreach (var name in certificate.Names)
            if (name.Kind == kind && check(name) is { } message)
                return message;
        return null;
    }
}
