// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;

namespace Sealock.Pki.Revocation;

/// <summary>
/// What a CA is called where certificates are revoked: the identifier of its key, in lower-case hexadecimal. A CA
/// certificate that is renewed with the same key keeps it.
/// </summary>
public static class AuthorityKeyId
{
    /// <summary>The longest subjectKeyIdentifier that is taken as it is, in bytes.</summary>
    public const int LongestBytes = 32;

    /// <summary>
    /// The CA's subjectKeyIdentifier; where there is none, or an overlong one, the identifier computed from its key.
    /// </summary>
    public static string Of(Certificate authority) => Fits(authority.SubjectKeyIdentifier)
        ? Convert.ToHexStringLower(authority.SubjectKeyIdentifier.Span)
        : Convert.ToHexStringLower(authority.PublicKey.ComputeKeyIdentifier());

    /// <summary>
    /// Everything by which <paramref name="issued"/> may have been revoked, most usual first: the same CA may be known
    /// by another identifier when it signed, when it was written into a revocation, and in the certificate that leads
    /// to the trust anchor today.
    /// </summary>
    /// <param name="issued">A certificate.</param>
    /// <param name="authority">The certificate of its issuer, verified.</param>
    public static IEnumerable<string> Candidates(Certificate issued, Certificate authority)
    {
        string[] candidates =
        [
            Of(authority),
            Fits(issued.AuthorityKeyIdentifier) ? Convert.ToHexStringLower(issued.AuthorityKeyIdentifier.Span) : "",
            Convert.ToHexStringLower(authority.PublicKey.ComputeKeyIdentifier()),
        ];
        return candidates.Where(candidate => candidate.Length > 0).Distinct();
    }

    private static bool Fits(ReadOnlyMemory<byte> identifier) => identifier.Length is > 0 and <= LongestBytes;
}
