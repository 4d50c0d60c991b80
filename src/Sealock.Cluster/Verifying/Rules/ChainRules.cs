// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Surveying;
using Sealock.Pki.Inspection;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Whether a leaf leads to what its peers trust.</summary>
internal static class ChainRules
{
    /// <summary>A script that makes CA and leaf for the same number of days lets the leaf outlive it by the time between them.</summary>
    private static readonly TimeSpan Negligible = TimeSpan.FromHours(1);

    public static Rule<SurveyedLeaf> WrongIssuer { get; } = new("wrong-issuer", Severity.Error,
        "Whoever is shown this certificate refuses it.",
        (survey, leaf) =>
        {
            var wanted = leaf.Expected?.Authority is { } authority ? $"the authority {authority.Name} ({authority.CommonName})" : "any authority here";
            var fix = Remedies.Reissue(survey, leaf.File);
            switch (leaf.Issuer.Verdict)
            {
                case IssuerVerdict.OtherAuthority when leaf.Expected?.Authority is not null:
                    return [new($"it is signed by {leaf.Issuer.Authority?.Name ?? leaf.Issuer.Issuer?.Subject.ToString() ?? "another authority"}, not by {wanted}", fix)];
                case IssuerVerdict.SameNameOtherKey:
                    return [new($"its issuer has the right name ({leaf.Certificate.Issuer}), but {leaf.Issuer.Reason}: another CA of that name signed it, or it was altered", fix)];
                case IssuerVerdict.SelfSigned when leaf.Expected is { Name: "kubelet-serving", IsPlanned: false }:
                case IssuerVerdict.Unknown when leaf.Expected is { Name: "kubelet-serving", IsPlanned: false }:
                    return [new("the kubelet made its serving certificate itself, so that nobody can verify it", fix) { Severity = Severity.Info }];
                case IssuerVerdict.SelfSigned:
                    return [new($"it is signed by its own key, not by {wanted}", fix)];
                case IssuerVerdict.Unknown:
                    return [new($"its issuer ({leaf.Certificate.Issuer}) is not {wanted}", fix)];
                default:
                    return [];
            }
        });

    public static Rule<SurveyedLeaf> Incomplete { get; } = new("chain-incomplete", Severity.Error,
        "Peers that know only the root cannot build the chain.",
        (survey, leaf) => leaf.Issuer.Verdict == IssuerVerdict.Incomplete
            ? [new($"the intermediate CA that signed it ({leaf.Certificate.Issuer}) does not stand after it in the file", $"append the intermediate's certificate to {leaf.File.Path}, or {Remedies.Reissue(survey, leaf.File)}")]
            : []);

    public static Rule<SurveyedLeaf> KeyIdentifier { get; } = new("key-identifier", Severity.Error,
        "openssl and what is built on it compare the identifiers and refuse the chain.",
        (survey, leaf) => leaf.Issuer is { Verdict: IssuerVerdict.Trusted, Issuer: { } issuer }
            && leaf.Certificate.AuthorityKeyIdentifier.Length > 0 && issuer.SubjectKeyIdentifier.Length > 0
            && !leaf.Certificate.AuthorityKeyIdentifier.Span.SequenceEqual(issuer.SubjectKeyIdentifier.Span)
                ? [new("its authority key identifier is not its issuer's subject key identifier (the CA was renewed with another identifier)", Remedies.Reissue(survey, leaf.File))]
                : []);

    public static Rule<SurveyedLeaf> OutlivesIssuer { get; } = new("outlives-issuer", Severity.Warning,
        "It stops working with its CA, long before the date that it names.",
        (survey, leaf) => leaf.Issuer is { Verdict: IssuerVerdict.Trusted, Issuer: { } issuer } && leaf.Certificate.NotAfter - issuer.NotAfter > Negligible
            ? [new($"it is valid until {ValidityText.Moment(leaf.Certificate.NotAfter)}, but its CA only until {ValidityText.Moment(issuer.NotAfter)}", Remedies.Reissue(survey, leaf.File))]
            : []);

    public static Rule<SurveyedLeaf> Foreign { get; } = new("foreign-certificate", Severity.Warning,
        "What does not belong to the chain confuses peers, and some refuse it.",
        (survey, leaf) =>
        {
            // A server may show its whole chain up to the root; what it shows must be a chain.
            var current = leaf.Certificate;
            foreach (var next in leaf.Above)
            {
                if (!Survey.LooksLikeAuthority(next) || !next.Subject.Equals(current.Issuer))
                    return [new($"{next.Subject} stands in the file but is no part of the chain", $"remove it from {leaf.File.Path}, or {Remedies.Reissue(survey, leaf.File)}")];
                current = next;
            }

            return [];
        });
}
