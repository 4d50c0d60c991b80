// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
using Sealock.Cluster.Surveying;
using Sealock.Pki.Certificates;
using Sealock.Pki.Inspection;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Whether CA certificates can do what they are there for.</summary>
internal static class AuthorityRules
{
    private static readonly TimeSpan LongestSensible = TimeSpan.FromDays(20 * 366);

    public static Rule<SurveyedAuthority> NoAuthority { get; } = new("ca-flag", Severity.Error,
        "Nothing that it signed is accepted: only a certificate marked as a CA may sign others.",
        (survey, found) => found.Certificate is { Version: 3, IsCa: false } certificate && IsAuthority(found, certificate)
            ? [new("it is not marked as a CA (basicConstraints CA:TRUE)", Remedies.Rotate(survey, found.Authority))]
            : []);

    public static Rule<SurveyedAuthority> CertSign { get; } = new("ca-cert-sign", Severity.Error,
        "Nothing that it signed is accepted: its key usage does not allow signing certificates.",
        (survey, found) => found.Certificate is { IsCa: true, KeyUsage: { } usage } && !usage.HasFlag(X509KeyUsageFlags.KeyCertSign)
            ? [new("its key usage lacks cert sign", Remedies.Rotate(survey, found.Authority))]
            : []);

    public static Rule<SurveyedAuthority> LeafInBundle { get; } = new("leaf-in-bundle", Severity.Error,
        "A bundle of CAs with a leaf in it was put together from the wrong files; what the leaf signs is not trusted.",
        (survey, found) => found.Certificate is { IsCa: false } certificate && !IsAuthority(found, certificate)
            ? [new($"{certificate.Subject} stands among the CA certificates, but is none", $"remove it: {Remedies.RestoreBundle(survey, found.File)}")]
            : []);

    public static Rule<SurveyedAuthority> SeveralInBundle { get; } = new("several-cas", Severity.Warning,
        "Whoever has the key of any of them can make certificates for everyone; outside a rotation one is enough.",
        (survey, found) => found.Index == 0 && found.File.Role.Kind == RoleKind.AuthorityBundle && !survey.Scope.IsRotating
            && found.File.Pem is { Certificates: { Count: > 1 } all } && Roots(all) is { Count: > 1 } roots
                ? [new($"it trusts {roots.Count} CAs: {string.Join(", ", roots.Select(one => one.Subject.ToString()).Distinct())}",
                    $"keep the one that signs, unless a rotation is under way: {Remedies.RestoreBundle(survey, found.File)}")]
                : []);

    public static Rule<SurveyedAuthority> WrongKey { get; } = new("ca-key-mismatch", Severity.Error,
        "Nothing can be signed with a key that is not the CA's.",
        (survey, found) =>
        {
            if (found.Index > 0 || found.Authority is not { } authority || !survey.Trust.HasSigningRole(found))
                return [];
            var key = survey.Trust.KeyOf(found.File.Node, authority);
            var signs = survey.Trust.Signing(found.File.Node, authority);
            return key?.Pem?.PrivateKeys is [{ Public: { } half }, ..] && !signs.Any(certificate => certificate.PublicKey.Equals(half))
                ? [new($"{key.PathOnNode} is not the key of {found.File.PathOnNode}", "put the CA's own key back from a backup; without it, " + Remedies.Rotate(survey, authority))]
                : [];
        });

    public static Rule<SurveyedAuthority> Expired { get; } = new("ca-expired", Severity.Error,
        "Everything that it signed is refused.",
        (survey, found) => survey.Now > found.Certificate.NotAfter
            ? [new($"the CA certificate expired {ValidityText.Relative(found.Certificate.NotAfter, survey.Now)} ({ValidityText.Moment(found.Certificate.NotAfter)})", Remedies.Rotate(survey, found.Authority))]
            : []);

    public static Rule<SurveyedAuthority> Expiring { get; } = new("ca-expiring", Severity.Warning,
        "With it, everything that it signed stops working at once; a rotation takes preparation.",
        (survey, found) => found.Certificate.IsValidAt(survey.Now) && found.Certificate.NotAfter - survey.Now <= survey.Within
            ? [new($"the CA certificate expires {ValidityText.Relative(found.Certificate.NotAfter, survey.Now)} ({ValidityText.Moment(found.Certificate.NotAfter)})", Remedies.Rotate(survey, found.Authority))]
            : []);

    public static Rule<SurveyedAuthority> NotYetValid { get; } = new("ca-not-yet-valid", Severity.Error,
        "Everything that it signed is refused until then; often the clock of the machine that made it was wrong.",
        (survey, found) => survey.Now < found.Certificate.NotBefore
            ? [new($"the CA certificate is valid only from {ValidityText.Moment(found.Certificate.NotBefore)}", $"check the clocks, then {Remedies.Rotate(survey, found.Authority)}")]
            : []);

    public static Rule<SurveyedAuthority> Lifetime { get; } = new("ca-lifetime", Severity.Warning,
        "A CA that outlives everyone who remembers how to rotate it is never rotated.",
        (survey, found) => found.Certificate.Lifetime > Longest(survey)
            ? [new($"the CA certificate is valid for {ValidityText.Span(found.Certificate.Lifetime)}", Remedies.Rotate(survey, found.Authority))]
            : []);

    public static Rule<SurveyedAuthority> Version1 { get; } = new("ca-version-1", Severity.Warning,
        "It cannot say that it is a CA: openssl 3 and newer libraries refuse chains to it.",
        (survey, found) => found.Certificate.Version < 3
            ? [new($"the CA certificate is of X.509 version {found.Certificate.Version} (openssl x509 -req -signkey makes them)", Remedies.Rotate(survey, found.Authority))]
            : []);

    public static Rule<SurveyedAuthority> WeakKey { get; } = new("ca-key-weak", Severity.Error,
        "Whoever breaks the key can make certificates for everyone.",
        (survey, found) => FormRules.KeyFault(found.Certificate.PublicKey) is { } what ? [new(what, Remedies.Rotate(survey, found.Authority))] : []);

    public static Rule<SurveyedAuthority> Serial { get; } = new("serial-number", Severity.Warning,
        "RFC 5280 wants a positive serial number of at most 20 bytes; some libraries refuse others.",
        (survey, found) => FormRules.SerialFault(found.Certificate) is { } what
            // kubeadm's CAs had the number 0 for years, and nobody compares those of roots.
            ? [new(what, Remedies.Rotate(survey, found.Authority)) { Severity = found.Certificate is { IsSelfIssued: true, SerialNumber.IsZero: true } ? Severity.Info : null }]
            : []);

    /// <summary>The CAs of different keys, without those that stand below another one of the bundle.</summary>
    private static List<Certificate> Roots(IReadOnlyList<Certificate> all) =>
    [
        .. all.Where(Survey.LooksLikeAuthority).Where(one => one.IsSelfIssued || !all.Any(other => other.Subject.Equals(one.Issuer))).DistinctBy(one => one.PublicKey),
    ];

    /// <summary>A file's first certificate is meant as the CA, unless it says that it is something else.</summary>
    private static bool IsAuthority(SurveyedAuthority found, Certificate certificate) =>
        certificate.IsCa || (certificate.IsSelfIssued && certificate.KeyPurposes.Count == 0 && (certificate.Version < 3 || found.Index == 0));

    private static TimeSpan Longest(Survey survey) =>
        survey.Scope.Plan?.Configuration.AuthorityLifetime is { } planned && planned > LongestSensible ? planned : LongestSensible;
}
