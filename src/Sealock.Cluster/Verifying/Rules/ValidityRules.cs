// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Surveying;
using Sealock.Pki.Inspection;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Whether a leaf is valid, for long enough and not for too long.</summary>
internal static class ValidityRules
{
    private static readonly TimeSpan LongestSensible = TimeSpan.FromDays(3 * 366);

    public static Rule<SurveyedLeaf> Expired { get; } = new("expired", Severity.Error,
        "Everyone refuses it.",
        (survey, leaf) => survey.Now > leaf.Certificate.NotAfter
            ? [new($"it expired {ValidityText.Relative(leaf.Certificate.NotAfter, survey.Now)} ({ValidityText.Moment(leaf.Certificate.NotAfter)})", Remedies.Renew(survey, leaf.File))]
            : []);

    public static Rule<SurveyedLeaf> NotYetValid { get; } = new("not-yet-valid", Severity.Error,
        "Everyone refuses it until then; often the clock of the machine that made it was wrong.",
        (survey, leaf) => survey.Now < leaf.Certificate.NotBefore
            ? [new($"it is valid only from {ValidityText.Moment(leaf.Certificate.NotBefore)}", $"check the clocks, then {Remedies.Renew(survey, leaf.File)}")]
            : []);

    public static Rule<SurveyedLeaf> Expiring { get; } = new("expiring", Severity.Warning,
        "When it expires the component cannot be reached, or reaches nobody.",
        (survey, leaf) => ValidityText.StateAt(survey.Now, leaf.Certificate.NotBefore, leaf.Certificate.NotAfter, Within(survey, leaf)) == ValidityState.Expiring
            ? [new($"it expires {ValidityText.Relative(leaf.Certificate.NotAfter, survey.Now)} ({ValidityText.Moment(leaf.Certificate.NotAfter)})", Remedies.Renew(survey, leaf.File))]
            : []);

    public static Rule<SurveyedLeaf> Lifetime { get; } = new("lifetime", Severity.Warning,
        "A stolen key stays good for all that time: Kubernetes cannot revoke certificates.",
        (survey, leaf) => leaf.Certificate.Lifetime > Longest(survey)
            ? [new($"it is valid for {ValidityText.Span(leaf.Certificate.Lifetime)}", Remedies.Reissue(survey, leaf.File))]
            : []);

    /// <summary>Certificates that live for hours are renewed late in their lives: they count as expiring in their last third.</summary>
    private static TimeSpan Within(Survey survey, SurveyedLeaf leaf) =>
        survey.Within < leaf.Certificate.Lifetime ? survey.Within : leaf.Certificate.Lifetime / 3;

    private static TimeSpan Longest(Survey survey) =>
        survey.Scope.Plan?.Configuration.CertificateLifetime is { } planned && planned > LongestSensible ? planned : LongestSensible;
}
