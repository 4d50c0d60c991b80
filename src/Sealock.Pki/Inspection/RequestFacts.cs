// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;
using Sealock.Pki.Requests;
using Sealock.Pki.Revocation;

namespace Sealock.Pki.Inspection;

/// <summary>What a PKCS#10 request asks for, as plain values.</summary>
public sealed record RequestFacts
{
    /// <summary>The subject asked for, as RFC 4514 text.</summary>
    public required string Subject { get; init; }

    /// <summary>The key to certify.</summary>
    public required KeyFacts Key { get; init; }

    /// <summary>The algorithm of the proof of possession.</summary>
    public required string SignatureAlgorithm { get; init; }

    /// <summary>Why the proof of possession does not hold; null where it does.</summary>
    public required string? SignatureProblem { get; init; }

    /// <summary>The subject alternative names asked for.</summary>
    public required IReadOnlyList<GeneralName> Names { get; init; }

    /// <summary>Names of the key usages asked for; null where none are.</summary>
    public required IReadOnlyList<string>? KeyUsages { get; init; }

    /// <summary>Names or OIDs of the extended key usages asked for.</summary>
    public required IReadOnlyList<string> ExtendedKeyUsages { get; init; }

    /// <summary>True where a CA certificate is asked for.</summary>
    public required bool AsksForCa { get; init; }

    /// <summary>Attributes other than the extension request, in words or as OIDs; their values may be secret and are not kept.</summary>
    public required IReadOnlyList<string> OtherAttributes { get; init; }

    /// <summary>Extensions asked for that none of the facts above tells.</summary>
    public required IReadOnlyList<ExtensionFact> OtherExtensions { get; init; }

    /// <summary>What is weak, in plain words.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Describes a request.</summary>
    public static RequestFacts Of(CertificateSigningRequest request) => new()
    {
        Subject = request.Subject.ToString(),
        Key = KeyFacts.Of(request.PublicKey),
        SignatureAlgorithm = SignatureNames.NameOf(request.SignatureAlgorithm),
        SignatureProblem = request.SignatureProblem,
        Names = request.Names,
        KeyUsages = request.KeyUsage is { } usage ? CertificateFacts.NamesOf(usage) : null,
        ExtendedKeyUsages = [.. request.KeyPurposes.Select(KeyPurposes.NameOf)],
        AsksForCa = request.AsksForCa,
        OtherAttributes = [.. request.Attributes.Where(oid => oid != Oids.ExtensionRequest).Select(OidNames.NameOf)],
        OtherExtensions = ExtensionFact.ListOthers(request.Extensions),
        Warnings = request.Warnings,
    };
}

/// <summary>Words for the reasons of revocation.</summary>
public static class RevocationReasons
{
    /// <summary>A reason in words, e.g. <c>key compromise</c>.</summary>
    public static string NameOf(RevocationReason reason) => reason switch
    {
        RevocationReason.Unspecified => "unspecified",
        RevocationReason.KeyCompromise => "key compromise",
        RevocationReason.CaCompromise => "CA compromise",
        RevocationReason.AffiliationChanged => "affiliation changed",
        RevocationReason.Superseded => "superseded",
        RevocationReason.CessationOfOperation => "cessation of operation",
        RevocationReason.CertificateHold => "certificate hold",
        RevocationReason.RemoveFromCrl => "removed from the list",
        RevocationReason.PrivilegeWithdrawn => "privilege withdrawn",
        RevocationReason.AaCompromise => "attribute authority compromise",
        _ => "unknown",
    };
}

/// <summary>Words for the kinds of alternative names.</summary>
public static class GeneralNameWords
{
    /// <summary>The kind as users read it: <c>DNS</c>, <c>IP</c>, <c>email</c>…</summary>
    public static string NameOf(GeneralNameKind kind) => kind switch
    {
        GeneralNameKind.Dns => "DNS",
        GeneralNameKind.IpAddress => "IP",
        GeneralNameKind.Email => "email",
        GeneralNameKind.Uri => "URI",
        GeneralNameKind.Directory => "name",
        GeneralNameKind.OtherName => "other",
        GeneralNameKind.RegisteredId => "OID",
        GeneralNameKind.X400Address => "X.400",
        _ => "EDI",
    };

    /// <summary>The kind as a field of machine-readable output: <c>dns</c>, <c>ip</c>, <c>email</c>…</summary>
    public static string FieldOf(GeneralNameKind kind) => NameOf(kind).Replace(".", "", StringComparison.Ordinal).ToLowerInvariant();
}
