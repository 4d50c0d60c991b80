// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Certificates;

namespace Sealock.Pki.Paths;

/// <summary>
/// Builds and verifies chains from a leaf over the given intermediates to an anchor of the pool (RFC 5280 section 6, and
/// where verifiers differ as Go's crypto/x509 does). Takes nothing from the network or the system.
/// </summary>
public static class ChainVerifier
{
    /// <summary>Verifies a leaf. Never throws for what the certificates say.</summary>
    public static ChainVerdict Verify(
        Certificate leaf, IReadOnlyList<Certificate> intermediates, TrustPool pool, ChainRequirements requirements) =>
        new Search(intermediates, pool, requirements).Run(leaf);

    private sealed class Search(IReadOnlyList<Certificate> intermediates, TrustPool pool, ChainRequirements requirements)
    {
        private readonly List<Certificate> chain = [];
        private readonly ConstraintBudget budget = new();
        private int signatureChecks;
        private ChainVerdict? failure;

        public ChainVerdict Run(Certificate leaf)
        {
            chain.Add(leaf);
            if (CheckAlone(leaf) is { } problem)
                return problem;
            if (requirements.HostName is { } host && HostNames.Refuse(leaf, host) is { } mismatch)
                return ChainVerdict.Refused(ChainFailure.WrongHost, mismatch);
            if (WrongPurpose(leaf) is { } purpose)
                return purpose;
            if (pool.Contains(leaf) || Extend())
                return new() { Chain = chain };
            return failure ?? ChainVerdict.Refused(ChainFailure.UnknownIssuer,
                leaf.IsSelfIssued
                    ? $"{leaf.Subject} is self-signed and not trusted"
                    : $"{leaf.Subject} is issued by {leaf.Issuer}, which is not trusted");
        }

        /// <summary>Tries every issuer of the chain's end, depth first; true where an anchor is reached.</summary>
        private bool Extend()
        {
            var child = chain[^1];
            foreach (var anchor in Ranked(pool.FindBySubject(child.Issuer), child))
            {
                if (!TryAppend(anchor, isAnchor: true))
                    continue;
                return true;
            }
            if (intermediates.Count == 0)
                return false;
            foreach (var issuer in Ranked(intermediates.Where(c => c.Subject.Equals(child.Issuer)), child))
            {
                if (!TryAppend(issuer, isAnchor: false))
                    continue;
                if (Extend())
                    return true;
                chain.RemoveAt(chain.Count - 1);
            }
            return false;
        }

        /// <summary>Matching key identifiers first, contradicting ones last: they steer, they do not decide.</summary>
        private static IEnumerable<Certificate> Ranked(IEnumerable<Certificate> candidates, Certificate child)
        {
            var wanted = child.AuthorityKeyIdentifier;
            return wanted.Length == 0
                ? candidates
                : candidates.OrderBy(c => c.SubjectKeyIdentifier.Length == 0 ? 1
                    : c.SubjectKeyIdentifier.Span.SequenceEqual(wanted.Span) ? 0 : 2);
        }

        private bool TryAppend(Certificate issuer, bool isAnchor)
        {
            if (chain.Any(c => c.Subject.Equals(issuer.Subject) && c.PublicKey.Equals(issuer.PublicKey) && c.Names.SequenceEqual(issuer.Names)))
                return false;
            if ((CheckAlone(issuer) ?? CheckAsIssuer(issuer, isAnchor) ?? WrongPurpose(issuer) ?? CheckSignature(issuer)) is { } problem)
            {
                // The first obstacle on the way that a key identifier points to is the one worth telling.
                failure ??= problem;
                return false;
            }
            chain.Add(issuer);
            return true;
        }

        private ChainVerdict? CheckAlone(Certificate certificate)
        {
            if (requirements.At > certificate.NotAfter)
                return ChainVerdict.Refused(ChainFailure.Expired, $"{certificate.Subject} has expired at {certificate.NotAfter:u}");
            if (requirements.At < certificate.NotBefore)
            {
                return ChainVerdict.Refused(ChainFailure.NotYetValid,
                    $"{certificate.Subject} is not valid before {certificate.NotBefore:u}");
            }
            return certificate.UnhandledCriticalExtensions is [var oid, ..]
                ? ChainVerdict.Refused(ChainFailure.UnhandledCriticalExtension,
                    $"{certificate.Subject} has the critical extension {oid}, which is not understood")
                : null;
        }

        private ChainVerdict? CheckAsIssuer(Certificate issuer, bool isAnchor)
        {
            // An anchor of version 1 has no extensions to say CA with; its presence in the pool says so.
            if (!issuer.IsCa && (!isAnchor || issuer.Version == 3))
            {
                return ChainVerdict.Refused(ChainFailure.NotAuthorizedToSign,
                    $"{issuer.Subject} is not a CA certificate, so it cannot have issued {chain[^1].Subject}");
            }
            if (issuer.KeyUsage is { } usage && !usage.HasFlag(X509KeyUsageFlags.KeyCertSign))
            {
                return ChainVerdict.Refused(ChainFailure.NotAuthorizedToSign,
                    $"{issuer.Subject} lacks the key usage cert sign");
            }
            if (chain.Count >= requirements.MaxDepth)
            {
                return ChainVerdict.Refused(ChainFailure.PathTooLong,
                    $"the chain is longer than {requirements.MaxDepth} certificates");
            }
            // RFC 5280 4.2.1.9: self-issued intermediates do not count.
            if (issuer.PathLength is { } length && chain.Skip(1).Count(c => !c.IsSelfIssued) > length)
            {
                return ChainVerdict.Refused(ChainFailure.PathTooLong,
                    $"{issuer.Subject} allows only {length} CAs below it");
            }
            return issuer.NameConstraints is { } constraints
                && NameConstraintChecker.Refuse(constraints, Constrained(), budget) is { } name
                ? ChainVerdict.Refused(ChainFailure.NameNotPermitted,
                    $"the name constraints of {issuer.Subject} do not allow it: {name}")
                : null;
        }

        /// <summary>RFC 5280 6.1.3 (b): self-issued certificates are exempt unless they are the leaf.</summary>
        private IEnumerable<Certificate> Constrained() => chain.Where((c, index) => index == 0 || !c.IsSelfIssued);

        private ChainVerdict? CheckSignature(Certificate issuer)
        {
            if (++signatureChecks > requirements.MaxSignatureChecks)
            {
                return failure = ChainVerdict.Refused(ChainFailure.TooMuchWork,
                    $"no chain was found within {requirements.MaxSignatureChecks} signature checks");
            }
            return chain[^1].RefuseSignature(issuer.PublicKey) is { } reason
                ? ChainVerdict.Refused(ChainFailure.BadSignature, $"{chain[^1].Subject} is not signed by {issuer.Subject}: {reason}")
                : null;
        }

        private ChainVerdict? WrongPurpose(Certificate next)
        {
            if (requirements.Purposes.Count == 0 || requirements.Purposes.Contains(KeyPurposes.Any))
                return null;
            if (requirements.Purposes.Any(p => Allows(next, p) && chain.All(c => Allows(c, p))))
                return null;
            return ChainVerdict.Refused(ChainFailure.WrongPurpose,
                $"{next.Subject} is not good for {string.Join(" or ", requirements.Purposes.Select(KeyPurposes.NameOf))} "
                + $"(only for {string.Join(", ", next.KeyPurposes.Select(KeyPurposes.NameOf))})");
        }

        private static bool Allows(Certificate certificate, string purpose) =>
            certificate.KeyPurposes.Count == 0
            || certificate.KeyPurposes.Contains(purpose)
            || certificate.KeyPurposes.Contains(KeyPurposes.Any);
    }
}
