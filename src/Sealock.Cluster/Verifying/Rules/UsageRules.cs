// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
using Sealock.Cluster.Surveying;
using Sealock.Pki.Certificates;
using Sealock.Pki.Inspection;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Whether a certificate may be used for what it is used for.</summary>
internal static class UsageRules
{
    public static Rule<SurveyedLeaf> PurposeMissing { get; } = new("usage-missing", Severity.Error,
        "The other side of the connection refuses a certificate that is not good for its role.",
        (survey, leaf) =>
        {
            var has = leaf.Certificate.KeyPurposes;
            var lacks = (leaf.Expected?.Purposes ?? []).Where(purpose => !has.Contains(purpose)).ToList();
            return has.Count == 0 || has.Contains(KeyPurposes.Any) || lacks.Count == 0 ? []
                : [new($"its extended key usage lacks {string.Join(" and ", lacks.Select(KeyPurposes.NameOf))} (it has {string.Join(", ", has.Select(KeyPurposes.NameOf))})",
                    Remedies.Reissue(survey, leaf.File))];
        });

    // A certificate of version 1 has no extensions: its own rule says so.
    public static Rule<SurveyedLeaf> NoPurpose { get; } = new("usage-unlimited", Severity.Warning,
        "A certificate without extended key usage serves as server and as client: a stolen server key logs in as its common name.",
        (survey, leaf) => leaf.Certificate is { Version: 3, KeyPurposes.Count: 0, IsCa: false } || leaf.Certificate.KeyPurposes.Contains(KeyPurposes.Any)
            ? [new("it has no extended key usage, so it is good for anything", Remedies.Reissue(survey, leaf.File))]
            : []);

    public static Rule<SurveyedLeaf> KeyUsage { get; } = new("key-usage", Severity.Error,
        "TLS 1.3, and TLS 1.2 with forward secrecy, sign with the key: peers refuse a certificate that does not allow it.",
        (survey, leaf) => leaf.Certificate.KeyUsage is { } usage && !usage.HasFlag(X509KeyUsageFlags.DigitalSignature)
            ? [new($"its key usage lacks digital signature (it has {string.Join(", ", CertificateFacts.NamesOf(usage))})", Remedies.Reissue(survey, leaf.File))]
            : []);

    public static Rule<SurveyedLeaf> LeafIsAuthority { get; } = new("leaf-is-ca", Severity.Error,
        "Whoever holds its key can sign certificates for anyone.",
        (survey, leaf) => leaf.Certificate.IsCa && leaf.Expected is not null
            ? [new("it is marked as a CA (basicConstraints CA:TRUE)", Remedies.Reissue(survey, leaf.File))]
            : []);
}
