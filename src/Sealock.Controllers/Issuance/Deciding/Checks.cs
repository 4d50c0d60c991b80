// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Controllers.Issuance.Deciding;

/// <summary>What a violated check leads to.</summary>
[Flags]
internal enum CheckUse
{
    /// <summary>The Certificate is not ready.</summary>
    Ready = 1,

    /// <summary>A new certificate is issued.</summary>
    Issue = 2,

    /// <summary>Both.</summary>
    Both = Ready | Issue,
}

/// <summary>One thing that can be wrong with a Certificate: pure, answers a message, or null where all is well.</summary>
internal sealed record Check(string Reason, CheckUse Use, Func<CertificateState, string?> Find);

/// <summary>What was found wrong.</summary>
internal sealed record Violation(string Reason, string Message);

/// <summary>
/// Everything that is checked, in order; the first that is violated counts. The same list says when to issue and whether a
/// Certificate is ready, so the two cannot contradict each other.
/// </summary>
internal static class Checks
{
    public static IReadOnlyList<Check> All { get; } =
    [
        new(Reasons.InvalidSpecification, CheckUse.Ready, state => state.SpecProblem),
        new(Reasons.DoesNotExist, CheckUse.Both, SecretChecks.DoesNotExist),
        new(Reasons.MissingData, CheckUse.Both, SecretChecks.MissingData),
        new(Reasons.InvalidKeyPair, CheckUse.Both, SecretChecks.UnreadableKey),
        new(Reasons.InvalidCertificate, CheckUse.Both, SecretChecks.UnreadableCertificate),
        new(Reasons.InvalidKeyPair, CheckUse.Both, SecretChecks.KeyIsNotTheCertificates),
        new(Reasons.IncorrectCertificate, CheckUse.Both, SecretChecks.BelongsToAnother),
        new(Reasons.SecretMismatch, CheckUse.Both, SecretChecks.IsTemporary),
        new(Reasons.SecretMismatch, CheckUse.Issue, SecretChecks.KeyIsReplaceable),
        new(Reasons.SecretMismatch, CheckUse.Ready, SecretChecks.KeyIsNotAsSpecified),
        new(Reasons.IncorrectIssuer, CheckUse.Both, SecretChecks.IssuedByAnother),
        new(Reasons.SecretMismatch, CheckUse.Both, RequestChecks.SecretIsNotWhatWasIssued),
        new(Reasons.RequestChanged, CheckUse.Both, RequestChecks.SpecificationChanged),
        new(Reasons.SecretMismatch, CheckUse.Both, RequestChecks.CertificateIsForOtherNames),
        new(Reasons.AuthorityReplaced, CheckUse.Issue, AuthorityChecks.Replaced),
        new(Reasons.Revoked, CheckUse.Ready, RevocationChecks.Revoked),
        new(Reasons.Revoked, CheckUse.Issue, RevocationChecks.RevokedForGood),
        new(Reasons.Expired, CheckUse.Ready, TimeChecks.Expired),
        new(Reasons.KeystoreIncomplete, CheckUse.Ready, SecretChecks.LacksKeystore),
        new(Reasons.Expired, CheckUse.Issue, TimeChecks.ExpiredAndRenewable),
        new(Reasons.Renewing, CheckUse.Issue, TimeChecks.RenewalIsDue),
    ];

    /// <summary>The first violated check of a use, or null.</summary>
    public static Violation? First(CertificateState state, CheckUse use)
    {
        foreach (var check in All)
        {
            if (check.Use.HasFlag(use) && check.Find(state) is { } message)
                return new(check.Reason, message);
        }

        return null;
    }
}
