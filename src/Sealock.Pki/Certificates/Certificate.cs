// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Pem;

namespace Sealock.Pki.Certificates;

/// <summary>
/// A parsed X.509 certificate: an immutable value without native handles (the public key's is made on first use).
/// Equal where the DER is equal. Parsing says nothing about trust.
/// </summary>
public sealed class Certificate : IEquatable<Certificate>
{
    private byte[]? fingerprint;

    internal Certificate()
    {
    }

    /// <summary>The whole certificate.</summary>
    public required ReadOnlyMemory<byte> Der { get; init; }

    /// <summary>The part that is signed.</summary>
    public required ReadOnlyMemory<byte> TbsDer { get; init; }

    /// <summary>1, 2 or 3.</summary>
    public required int Version { get; init; }

    /// <summary>The serial number.</summary>
    public required SerialNumber SerialNumber { get; init; }

    /// <summary>The algorithm the issuer signed with.</summary>
    public required SignatureAlgorithm SignatureAlgorithm { get; init; }

    /// <summary>The issuer's signature.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>Who issued it.</summary>
    public required DistinguishedName Issuer { get; init; }

    /// <summary>Whom it names.</summary>
    public required DistinguishedName Subject { get; init; }

    /// <summary>First second of validity.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Last second of validity.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>The certified key.</summary>
    public required PublicKeyInfo PublicKey { get; init; }

    /// <summary>All extensions in order.</summary>
    public IReadOnlyList<CertificateExtension> Extensions { get; init; } = [];

    /// <summary>True where the certificate has basicConstraints.</summary>
    public bool HasBasicConstraints { get; internal set; }

    /// <summary>True where basicConstraints says CA.</summary>
    public bool IsCa { get; internal set; }

    /// <summary>How many intermediates may follow; null for no limit.</summary>
    public int? PathLength { get; internal set; }

    /// <summary>keyUsage, or null where the extension is absent.</summary>
    public X509KeyUsageFlags? KeyUsage { get; internal set; }

    /// <summary>The purposes of extendedKeyUsage as OIDs; empty where the extension is absent (any purpose).</summary>
    public IReadOnlyList<string> KeyPurposes { get; internal set; } = [];

    /// <summary>The subject alternative names.</summary>
    public SubjectAlternativeNames Names { get; internal set; } = SubjectAlternativeNames.None;

    /// <summary>The name constraints, or null.</summary>
    public NameConstraints? NameConstraints { get; internal set; }

    /// <summary>subjectKeyIdentifier; empty where absent.</summary>
    public ReadOnlyMemory<byte> SubjectKeyIdentifier { get; internal set; }

    /// <summary>The key identifier of authorityKeyIdentifier; empty where absent.</summary>
    public ReadOnlyMemory<byte> AuthorityKeyIdentifier { get; internal set; }

    /// <summary>Where CRLs are to be found.</summary>
    public IReadOnlyList<string> CrlUrls { get; internal set; } = [];

    /// <summary>Where OCSP responders are.</summary>
    public IReadOnlyList<string> OcspUrls { get; internal set; } = [];

    /// <summary>Where the issuer's certificate is to be found.</summary>
    public IReadOnlyList<string> IssuerUrls { get; internal set; } = [];

    /// <summary>Critical extensions that are not understood here; a chain with one is refused.</summary>
    public IReadOnlyList<string> UnhandledCriticalExtensions { get; internal set; } = [];

    /// <summary>What is accepted though it should not be so, in plain words (X.509 v1, negative serial, …).</summary>
    public IReadOnlyList<string> Warnings { get; internal set; } = [];

    /// <summary>What is malformed in it, in plain words: only of certificates that are read for inspection.</summary>
    public IReadOnlyList<string> Faults { get; internal set; } = [];

    /// <summary>True where issuer and subject are the same name.</summary>
    public bool IsSelfIssued => Issuer.Equals(Subject);

    /// <summary>SHA-256 of the DER.</summary>
    public ReadOnlyMemory<byte> Sha256 => fingerprint ??= SHA256.HashData(Der.Span);

    /// <summary>SHA-256 of the DER in lower-case hexadecimal without separators.</summary>
    public string Sha256Hex => Convert.ToHexStringLower(Sha256.Span);

    /// <summary>The lifetime, from the first to the last second.</summary>
    public TimeSpan Lifetime => NotAfter - NotBefore;

    /// <summary>True where <paramref name="time"/> lies within the validity, both ends included.</summary>
    public bool IsValidAt(DateTimeOffset time) => time >= NotBefore && time <= NotAfter;

    /// <summary>True where the certificate carries <paramref name="signer"/>'s public key.</summary>
    public bool Matches(ISigner signer) => PublicKey.Equals(signer.PublicKey);

    /// <summary>Reads a certificate of at most 128 KiB.</summary>
    /// <exception cref="PkiFormatException">It is malformed.</exception>
    public static Certificate Parse(ReadOnlyMemory<byte> der) => CertificateParser.Parse(der);

    /// <summary>
    /// The same for looking only: a key of a kind or size that is accepted nowhere is no fault, and malformed extensions are
    /// left out and listed in <see cref="Faults"/>.
    /// </summary>
    /// <exception cref="PkiFormatException">It is malformed.</exception>
    public static Certificate ParseForInspection(ReadOnlyMemory<byte> der) => CertificateParser.Parse(der, forInspection: true);

    /// <summary>Reads a text that holds exactly one <c>CERTIFICATE</c> block.</summary>
    /// <exception cref="PkiFormatException">It holds anything else, or the certificate is malformed.</exception>
    public static Certificate FromPem(string pem) => Parse(PemDocument.Parse(pem).Single(PemLabels.Certificate).Content);

    /// <summary>Reads one or more <c>CERTIFICATE</c> blocks (leaf first, in a chain) and nothing else but text.</summary>
    /// <exception cref="PkiFormatException">There is none, another block, a header, or a certificate is malformed.</exception>
    public static IReadOnlyList<Certificate> ListFromPem(string pem) =>
        [.. PemDocument.Parse(pem).AllOf(PemLabels.Certificate).Select(b => Parse(b.Content))];

    /// <summary>The certificate as a PEM block.</summary>
    public string ToPem() => PemText.Write(PemLabels.Certificate, Der.Span);

    /// <summary>Certificates as PEM blocks in order.</summary>
    public static string ToPem(IEnumerable<Certificate> certificates) =>
        PemText.Write(PemLabels.Certificate, certificates.Select(c => c.Der));

    /// <summary>
    /// Whether the issuer's key made the signature. Names, validity and constraints are for the chain verifier.
    /// </summary>
    /// <returns>Null where it did, else why not in plain words.</returns>
    public string? RefuseSignature(PublicKeyInfo issuerKey) =>
        SignatureAlgorithm.IsInsecure
            ? $"the signature uses the insecure algorithm {SignatureAlgorithm.Name}"
            : issuerKey.Verifier.Refuse(SignatureAlgorithm, TbsDer.Span, Signature.Span);

    /// <inheritdoc/>
    public bool Equals(Certificate? other) => other is not null && Der.Span.SequenceEqual(other.Der.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Certificate);

    /// <inheritdoc/>
    public override int GetHashCode() => SerialNumber.GetHashCode();

    /// <summary>Subject and serial number.</summary>
    public override string ToString() => $"{Subject} (serial {SerialNumber})";
}
