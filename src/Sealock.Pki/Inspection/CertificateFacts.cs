// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;

namespace Sealock.Pki.Inspection;

/// <summary>
/// What a certificate says, as plain values in the words they are shown in: for tables, texts and machine-readable
/// output. Facts only; whether it is trusted or fits a purpose is for others.
/// </summary>
public sealed record CertificateFacts
{
    // Told already by the certificate's own warnings and the key's facts.
    private static readonly string[] ToldOtherwise = ["version-3", "serial-positive", "serial-length", "key-strength", "signature-strength"];

    /// <summary>1, 2 or 3.</summary>
    public required int Version { get; init; }

    /// <summary>The serial number in upper-case hexadecimal, as openssl prints it.</summary>
    public required string SerialNumber { get; init; }

    /// <summary>The subject as RFC 4514 text; empty where it has no attributes.</summary>
    public required string Subject { get; init; }

    /// <summary>The issuer as RFC 4514 text.</summary>
    public required string Issuer { get; init; }

    /// <summary>The subject's common name (Kubernetes' user); null where there is none.</summary>
    public required string? CommonName { get; init; }

    /// <summary>The subject's organizations (Kubernetes' groups).</summary>
    public required IReadOnlyList<string> Organizations { get; init; }

    /// <summary>First second of validity.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Last second of validity.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>The certified key.</summary>
    public required KeyFacts Key { get; init; }

    /// <summary>The algorithm of the issuer's signature, e.g. <c>ECDSA-SHA256</c>.</summary>
    public required string SignatureAlgorithm { get; init; }

    /// <summary>True where issuer and subject are the same name and the key made the signature.</summary>
    public required bool IsSelfSigned { get; init; }

    /// <summary>True where basicConstraints says CA; null where the extension is absent.</summary>
    public required bool? IsCa { get; init; }

    /// <summary>How many CAs may stand below; null for no limit.</summary>
    public required int? PathLength { get; init; }

    /// <summary>Names of the key usages (<c>digital signature</c>, …); null where the extension is absent.</summary>
    public required IReadOnlyList<string>? KeyUsages { get; init; }

    /// <summary>Names or OIDs of the extended key usages (<c>server auth</c>, …); empty where the extension is absent.</summary>
    public required IReadOnlyList<string> ExtendedKeyUsages { get; init; }

    /// <summary>The subject alternative names in order.</summary>
    public required IReadOnlyList<GeneralName> Names { get; init; }

    /// <summary>Name constraints, permitted subtrees: <c>DNS:.example.com</c>.</summary>
    public required IReadOnlyList<string> PermittedNames { get; init; }

    /// <summary>Name constraints, excluded subtrees.</summary>
    public required IReadOnlyList<string> ExcludedNames { get; init; }

    /// <summary>subjectKeyIdentifier in lower-case hexadecimal; empty where absent.</summary>
    public required string SubjectKeyId { get; init; }

    /// <summary>The key identifier of authorityKeyIdentifier in lower-case hexadecimal; empty where absent.</summary>
    public required string AuthorityKeyId { get; init; }

    /// <summary>SHA-256 of the whole certificate in lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Where CRLs are to be found.</summary>
    public required IReadOnlyList<string> CrlUrls { get; init; }

    /// <summary>Where OCSP responders are.</summary>
    public required IReadOnlyList<string> OcspUrls { get; init; }

    /// <summary>Where the issuer's certificate is to be found.</summary>
    public required IReadOnlyList<string> IssuerUrls { get; init; }

    /// <summary>The certificate policies.</summary>
    public required IReadOnlyList<PolicyFact> Policies { get; init; }

    /// <summary>OIDs of the extensions that are marked critical.</summary>
    public required IReadOnlyList<string> CriticalExtensions { get; init; }

    /// <summary>The extensions that none of the facts above tells.</summary>
    public required IReadOnlyList<ExtensionFact> OtherExtensions { get; init; }

    /// <summary>What is malformed in it, in plain words; every verifier refuses such a certificate.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>What should not be so though it is read, in plain words.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The lifetime, from the first to the last second.</summary>
    public TimeSpan Lifetime => NotAfter - NotBefore;

    /// <summary>Where <paramref name="now"/> stands in the validity.</summary>
    public ValidityState StateAt(DateTimeOffset now, TimeSpan within) => ValidityText.StateAt(now, NotBefore, NotAfter, within);

    /// <summary>Describes a certificate. Verifies one signature where issuer and subject are the same name.</summary>
    public static CertificateFacts Of(Certificate certificate)
    {
        var key = KeyFacts.Of(certificate.PublicKey);
        return new()
        {
            Version = certificate.Version,
            SerialNumber = certificate.SerialNumber.ToString(),
            Subject = certificate.Subject.ToString(),
            Issuer = certificate.Issuer.ToString(),
            CommonName = certificate.Subject.CommonName,
            Organizations = certificate.Subject.Organizations,
            NotBefore = certificate.NotBefore,
            NotAfter = certificate.NotAfter,
            Key = key,
            SignatureAlgorithm = SignatureNames.NameOf(certificate.SignatureAlgorithm),
            IsSelfSigned = Signatures.IsSelfSigned(certificate),
            IsCa = certificate.HasBasicConstraints ? certificate.IsCa : null,
            PathLength = certificate.PathLength,
            KeyUsages = certificate.KeyUsage is { } usage ? NamesOf(usage) : null,
            ExtendedKeyUsages = [.. certificate.KeyPurposes.Select(KeyPurposes.NameOf)],
            Names = certificate.Names,
            PermittedNames = Texts(certificate.NameConstraints?.Permitted),
            ExcludedNames = Texts(certificate.NameConstraints?.Excluded),
            SubjectKeyId = Convert.ToHexStringLower(certificate.SubjectKeyIdentifier.Span),
            AuthorityKeyId = Convert.ToHexStringLower(certificate.AuthorityKeyIdentifier.Span),
            Sha256 = certificate.Sha256Hex,
            CrlUrls = certificate.CrlUrls,
            OcspUrls = certificate.OcspUrls,
            IssuerUrls = certificate.IssuerUrls,
            Policies = PolicyFact.ListOf(certificate.Extensions),
            CriticalExtensions = [.. certificate.Extensions.Where(e => e.IsCritical).Select(e => e.Oid)],
            OtherExtensions = ExtensionFact.ListOthers(certificate.Extensions),
            Faults = certificate.Faults,
            Warnings = WarningsOf(certificate, key),
        };
    }

    /// <summary>Kubernetes' names of keyUsage bits, in the order of the bits.</summary>
    public static IReadOnlyList<string> NamesOf(X509KeyUsageFlags usage) => new CertificateUsages { KeyUsage = usage }.ToNames();

    private static List<string> Texts(IReadOnlyList<GeneralName>? names) => [.. (names ?? []).Select(name => name.ToString())];

    private static List<string> WarningsOf(Certificate certificate, KeyFacts key)
    {
        List<string> warnings = [.. certificate.Warnings];
        if (key.Problem is { } problem && !warnings.Contains(problem))
            warnings.Add(problem);
        warnings.AddRange(Lint.Run(certificate).Where(f => !ToldOtherwise.Contains(f.Lint)).Select(f => f.Message));
        return warnings;
    }
}
