// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Numerics;
using System.Text;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Pem;

namespace Sealock.Pki.Revocation;

/// <summary>Why a certificate was revoked (RFC 5280 5.3.1).</summary>
public enum RevocationReason
{
    /// <summary>No reason given.</summary>
    Unspecified = 0,

    /// <summary>The key is known to someone else.</summary>
    KeyCompromise = 1,

    /// <summary>The CA's key is known to someone else.</summary>
    CaCompromise = 2,

    /// <summary>The subject belongs elsewhere now.</summary>
    AffiliationChanged = 3,

    /// <summary>Another certificate took its place.</summary>
    Superseded = 4,

    /// <summary>It is no longer needed.</summary>
    CessationOfOperation = 5,

    /// <summary>It is on hold.</summary>
    CertificateHold = 6,

    /// <summary>Taken off a delta list.</summary>
    RemoveFromCrl = 8,

    /// <summary>A right it carried was withdrawn.</summary>
    PrivilegeWithdrawn = 9,

    /// <summary>The attribute authority's key is known to someone else.</summary>
    AaCompromise = 10,
}

/// <summary>One entry of a revocation list.</summary>
/// <param name="SerialNumber">The revoked certificate's serial number.</param>
/// <param name="RevokedAt">When it was revoked.</param>
/// <param name="Reason">Why.</param>
public sealed record RevokedCertificate(
    SerialNumber SerialNumber, DateTimeOffset RevokedAt, RevocationReason Reason = RevocationReason.Unspecified);

/// <summary>
/// A parsed CRL: an immutable value with its entries indexed by serial number. Parsing does not check the signature.
/// </summary>
public sealed class CertificateRevocationList
{
    /// <summary>What a CRL in PEM may measure: 48 MiB, one block.</summary>
    internal static readonly PemLimits PemSize = new(48 * 1024 * 1024, 1);

    internal CertificateRevocationList()
    {
    }

    /// <summary>The whole list.</summary>
    public required ReadOnlyMemory<byte> Der { get; init; }

    /// <summary>The part that is signed.</summary>
    public required ReadOnlyMemory<byte> TbsDer { get; init; }

    /// <summary>The algorithm it is signed with.</summary>
    public required SignatureAlgorithm SignatureAlgorithm { get; init; }

    /// <summary>The issuer's signature.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>Who issued it.</summary>
    public required DistinguishedName Issuer { get; init; }

    /// <summary>When it was issued.</summary>
    public required DateTimeOffset ThisUpdate { get; init; }

    /// <summary>By when the next one is issued; null where the list does not say.</summary>
    public required DateTimeOffset? NextUpdate { get; init; }

    /// <summary>The entries by serial number.</summary>
    public required FrozenDictionary<SerialNumber, RevokedCertificate> Entries { get; init; }

    /// <summary>The cRLNumber, or null.</summary>
    public BigInteger? Number { get; internal set; }

    /// <summary>The key identifier of the issuer's key; empty where absent.</summary>
    public ReadOnlyMemory<byte> AuthorityKeyIdentifier { get; internal set; }

    /// <summary>
    /// Critical extensions that are not understood (delta lists, indirect lists, partial scopes): such a list must not
    /// be taken for a complete one.
    /// </summary>
    public IReadOnlyList<string> UnhandledCriticalExtensions { get; internal set; } = [];

    /// <summary>The entry of a serial number, or null where it is not revoked.</summary>
    public RevokedCertificate? Find(SerialNumber serialNumber) => Entries.GetValueOrDefault(serialNumber);

    /// <summary>True where nextUpdate has passed.</summary>
    public bool IsStaleAt(DateTimeOffset time) => time > NextUpdate;

    /// <summary>
    /// Whether <paramref name="issuer"/> issued this list and may do so, and all of it is understood.
    /// </summary>
    /// <returns>Null where so, else why not in plain words.</returns>
    public string? Refuse(Certificate issuer) =>
        !Issuer.Equals(issuer.Subject) ? $"the list is issued by {Issuer}, not by {issuer.Subject}"
        : issuer.KeyUsage is { } usage
            && !usage.HasFlag(System.Security.Cryptography.X509Certificates.X509KeyUsageFlags.CrlSign)
            ? $"{issuer.Subject} lacks the key usage crl sign"
        : UnhandledCriticalExtensions is [var oid, ..] ? $"the list has the critical extension {oid}, which is not understood"
        : SignatureAlgorithm.IsInsecure ? $"the signature uses the insecure algorithm {SignatureAlgorithm.Name}"
        : issuer.PublicKey.Verifier.Refuse(SignatureAlgorithm, TbsDer.Span, Signature.Span);

    /// <summary>Reads a CRL of at most 32 MiB.</summary>
    /// <exception cref="PkiFormatException">It is malformed.</exception>
    public static CertificateRevocationList Parse(ReadOnlyMemory<byte> der) => CrlParser.Parse(der);

    /// <summary>Reads a text of exactly one <c>X509 CRL</c> block.</summary>
    /// <exception cref="PkiFormatException">It holds anything else, or the list is malformed.</exception>
    public static CertificateRevocationList FromPem(string pem) =>
        Parse(PemDocument.Parse(Encoding.UTF8.GetBytes(pem), PemSize).Single(PemLabels.Crl).Content);

    /// <summary>The list as a PEM block.</summary>
    public string ToPem() => PemText.Write(PemLabels.Crl, Der.Span);
}
