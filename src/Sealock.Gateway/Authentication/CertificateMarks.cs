// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Pki.Certificates;
using Sealock.Pki.Revocation;

namespace Sealock.Gateway.Authentication;

/// <summary>
/// Everything by which a verified chain may be revoked. Made once for a connection, so that a request asks with what
/// is at hand.
/// </summary>
/// <param name="Certificates">Its certificates but the trust anchor, by issuer and serial number.</param>
/// <param name="Keys">Their keys.</param>
public readonly record struct CertificateMarks(ImmutableArray<string> Certificates, ImmutableArray<string> Keys)
{
    /// <summary>Nothing to revoke.</summary>
    public static CertificateMarks None { get; } = new([], []);

    /// <summary>One certificate: the identifier of its issuer's key, and its serial number, in lower-case hexadecimal.</summary>
    public static string ByIssuer(string authorityKeyId, SerialNumber serialNumber) =>
        $"{authorityKeyId}/{Convert.ToHexStringLower(serialNumber.Bytes.Span)}";

    /// <summary>The marks of a chain, leaf first and anchor last. A leaf that is its own anchor is its own issuer.</summary>
    public static CertificateMarks Of(IReadOnlyList<Certificate> chain) => new(
        [
            .. chain.Zip(chain.Count == 1 ? chain : chain.Skip(1)).SelectMany(pair => AuthorityKeyId
                .Candidates(pair.First, pair.Second).Select(authority => ByIssuer(authority, pair.First.SerialNumber))),
        ],
        [.. chain.Take(Math.Max(1, chain.Count - 1)).Select(one => Convert.ToHexStringLower(one.PublicKey.ComputeSha256()))]);
}
