// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;

namespace Sealock.Pki.Issuing;

/// <summary>What may be issued under which CA: pure functions that answer null, or why not.</summary>
internal static class IssuingRules
{
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(100 * 366);

    /// <summary>Why a certificate may not act as CA. A v1 certificate may: stock openssl commands make such CAs.</summary>
    public static string? RefuseIssuer(Certificate issuer) =>
        issuer.Version == 3 && !issuer.IsCa ? "its certificate is not a CA certificate (basicConstraints CA:TRUE)"
        : issuer.KeyUsage is { } usage && !usage.HasFlag(X509KeyUsageFlags.KeyCertSign)
            ? "its certificate lacks the key usage cert sign"
        : issuer.Subject.IsEmpty ? "its certificate has no subject"
        : null;

    /// <summary>Why a request is not issued whoever signs it.</summary>
    public static string? RefuseRequest(IssuanceRequest request)
    {
        var lifetime = request.Lifetime ?? request.Profile.DefaultLifetime;
        if (lifetime <= TimeSpan.Zero)
            return "the lifetime must be positive";
        if (lifetime > LongestLifetime)
            return "the lifetime is longer than a hundred years";
        if (request.Profile.PathLength < 0)
            return "the path length must be 0 or more";
        if (request.PublicKey.Kind == KeyKind.Unknown)
            return "the key is of an unknown type";
        return null;
    }

    /// <summary>Why a certificate would not verify under these issuers (own CA first), whatever its signature.</summary>
    public static string? RefuseUnder(Certificate draft, IReadOnlyList<Certificate> issuers)
    {
        // Everything below an issuer that counts for its path length, from the leaf side upwards.
        var casBelow = draft is { IsCa: true, IsSelfIssued: false } ? 1 : 0;
        IReadOnlyList<Certificate> below = [draft];
        var purposes = draft.KeyPurposes;
        foreach (var issuer in issuers)
        {
            if (issuer.PathLength is { } length && (casBelow > length || (draft.IsCa && draft.PathLength > length - casBelow)))
            {
                return $"the path length of {issuer.Subject} allows {length} CAs below it; "
                    + "the certificate would exceed it";
            }
            if (issuer.NameConstraints is { } constraints && NameConstraintChecker.Refuse(constraints, below, new()) is { } name)
                return $"the name constraints of {issuer.Subject} do not allow it: {name}";
            if (!PurposesAllowed(issuer.KeyPurposes, purposes))
            {
                return $"{issuer.Subject} may issue only for {Names(issuer.KeyPurposes)}, "
                    + $"not for {(purposes.Count == 0 ? "any purpose" : Names(purposes))}";
            }
            if (issuer.IsSelfIssued)
                continue;
            casBelow++;
            below = [.. below, issuer];
        }
        return null;
    }

    private static bool PurposesAllowed(IReadOnlyList<string> issuer, IReadOnlyList<string> wanted) =>
        issuer.Count == 0 || issuer.Contains(KeyPurposes.Any)
        || (wanted.Count > 0 && wanted.All(issuer.Contains));

    private static string Names(IReadOnlyList<string> purposes) => string.Join(", ", purposes.Select(KeyPurposes.NameOf));
}
