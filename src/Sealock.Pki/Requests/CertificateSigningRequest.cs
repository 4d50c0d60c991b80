// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Pem;

namespace Sealock.Pki.Requests;

/// <summary>
/// A parsed PKCS#10 request (RFC 2986): an immutable value, its proof of possession already checked. Whatever the
/// bytes, reading ends in this value or in <see cref="PkiFormatException"/>.
/// </summary>
public sealed class CertificateSigningRequest
{
    internal CertificateSigningRequest()
    {
    }

    /// <summary>The whole request.</summary>
    public required ReadOnlyMemory<byte> Der { get; init; }

    /// <summary>The subject asked for.</summary>
    public required DistinguishedName Subject { get; init; }

    /// <summary>The key to certify.</summary>
    public required PublicKeyInfo PublicKey { get; init; }

    /// <summary>The algorithm of the proof of possession.</summary>
    public required SignatureAlgorithm SignatureAlgorithm { get; init; }

    /// <summary>The types of all attributes, in order.</summary>
    public required IReadOnlyList<string> Attributes { get; init; }

    /// <summary>The extensions asked for.</summary>
    public IReadOnlyList<CertificateExtension> Extensions { get; internal set; } = [];

    /// <summary>The subject alternative names asked for.</summary>
    public SubjectAlternativeNames Names { get; internal set; } = SubjectAlternativeNames.None;

    /// <summary>The keyUsage asked for, or null.</summary>
    public X509KeyUsageFlags? KeyUsage { get; internal set; }

    /// <summary>The key purposes asked for, as OIDs.</summary>
    public IReadOnlyList<string> KeyPurposes { get; internal set; } = [];

    /// <summary>True where a CA certificate is asked for.</summary>
    public bool AsksForCa { get; internal set; }

    /// <summary>The name constraints asked for (CAs), or null.</summary>
    public NameConstraints? NameConstraints { get; internal set; }

    /// <summary>Why the proof of possession does not hold, in plain words; null where it does.</summary>
    public required string? SignatureProblem { get; init; }

    /// <summary>True where the request was signed with the key it carries.</summary>
    public bool IsSignatureValid => SignatureProblem is null;

    /// <summary>What is weak though accepted (RSA-1024, SHA-1), in plain words.</summary>
    public IReadOnlyList<string> Warnings { get; internal set; } = [];

    /// <summary>Reads a request of at most 64 KiB and checks its signature.</summary>
    /// <exception cref="PkiFormatException">It is malformed; a signature that does not verify is no fault.</exception>
    public static CertificateSigningRequest Parse(ReadOnlyMemory<byte> der) => RequestParser.Parse(der);

    /// <summary>The same for looking only: a key of a kind or size that is accepted nowhere is no fault.</summary>
    /// <exception cref="PkiFormatException">It is malformed.</exception>
    public static CertificateSigningRequest ParseForInspection(ReadOnlyMemory<byte> der) => RequestParser.Parse(der, anyKey: true);

    /// <summary>
    /// Reads the first block of a PEM text, which must be <c>CERTIFICATE REQUEST</c> (or the old
    /// <c>NEW CERTIFICATE REQUEST</c>); what follows it is ignored, as Kubernetes does.
    /// </summary>
    /// <exception cref="PkiFormatException">There is no such block, or it is malformed.</exception>
    public static CertificateSigningRequest FromPem(ReadOnlySpan<byte> pem) =>
        Parse(PemDocument.Parse(pem).First(PemLabels.CertificateRequest, PemLabels.NewCertificateRequest).Content);

    /// <inheritdoc cref="FromPem(ReadOnlySpan{byte})"/>
    public static CertificateSigningRequest FromPem(string pem) => FromPem(System.Text.Encoding.UTF8.GetBytes(pem));

    /// <summary>Makes a request for a key, signed with it.</summary>
    /// <param name="signer">The key.</param>
    /// <param name="subject">The subject to ask for.</param>
    /// <param name="names">The alternative names to ask for.</param>
    /// <param name="keyUsage">The keyUsage to ask for, or null.</param>
    /// <param name="keyPurposes">The key purposes to ask for, as OIDs.</param>
    /// <param name="asksForCa">Whether to ask for a CA certificate.</param>
    /// <param name="nameConstraints">The name constraints to ask for, or null.</param>
    public static CertificateSigningRequest Create(
        ISigner signer,
        DistinguishedName subject,
        SubjectAlternativeNames? names = null,
        X509KeyUsageFlags? keyUsage = null,
        IReadOnlyList<string>? keyPurposes = null,
        bool asksForCa = false,
        NameConstraints? nameConstraints = null) =>
        Parse(RequestWriter.Write(
            signer, subject, names ?? SubjectAlternativeNames.None, keyUsage, keyPurposes ?? [], asksForCa, nameConstraints));

    /// <summary>The request as a PEM block.</summary>
    public string ToPem() => PemText.Write(PemLabels.CertificateRequest, Der.Span);
}
