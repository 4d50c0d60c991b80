// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Surveying;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Every rule there is.</summary>
internal static class RuleTable
{
    /// <summary>What a single file must be.</summary>
    public static IReadOnlyList<Rule<SurveyedFile>> OfFiles { get; } =
    [
        FileRules.Missing, FileRules.Unreadable, FileRules.Empty, FileRules.NotPem, FileRules.Truncated, FileRules.Malformed, FileRules.KeyInCertificateFile,
        FileRules.OpenSslConfiguration,
        ModeRules.SecretReadable, ModeRules.Writable, ModeRules.Owner,
        KeyRules.Unreadable, KeyRules.Weak,
    ];

    /// <summary>What a leaf certificate must be.</summary>
    public static IReadOnlyList<Rule<SurveyedLeaf>> OfLeaves { get; } =
    [
        KeyRules.Missing, KeyRules.Mismatch,
        ChainRules.WrongIssuer, ChainRules.Incomplete, ChainRules.KeyIdentifier, ChainRules.OutlivesIssuer, ChainRules.Foreign,
        SubjectRules.CommonName, SubjectRules.Organization, SubjectRules.Masters,
        NameRules.Missing, NameRules.Odd, NameRules.Unplanned,
        UsageRules.PurposeMissing, UsageRules.NoPurpose, UsageRules.KeyUsage, UsageRules.LeafIsAuthority,
        ValidityRules.Expired, ValidityRules.NotYetValid, ValidityRules.Expiring, ValidityRules.Lifetime,
        FormRules.Version1, FormRules.Serial, FormRules.WeakKey, FormRules.WeakSignature,
    ];

    /// <summary>What a CA certificate must be.</summary>
    public static IReadOnlyList<Rule<SurveyedAuthority>> OfAuthorities { get; } =
    [
        AuthorityRules.NoAuthority, AuthorityRules.CertSign, AuthorityRules.LeafInBundle, AuthorityRules.SeveralInBundle, AuthorityRules.WrongKey,
        AuthorityRules.Expired, AuthorityRules.Expiring, AuthorityRules.NotYetValid, AuthorityRules.Lifetime,
        AuthorityRules.Version1, AuthorityRules.WeakKey, AuthorityRules.Serial,
    ];

    /// <summary>What a kubeconfig must be.</summary>
    public static IReadOnlyList<Rule<SurveyedFile>> OfKubeconfigs { get; } =
    [
        KubeconfigRules.Unusable, KubeconfigRules.NoContext, KubeconfigRules.NotHttps, KubeconfigRules.Unverified, KubeconfigRules.WrongServer, KubeconfigRules.ServerNotCovered,
        KubeconfigRules.NoAuthorities, KubeconfigRules.WrongAuthorities, KubeconfigRules.NoClient, KubeconfigRules.StaticToken, KubeconfigRules.MissingFiles,
    ];

    /// <summary>What a component's settings must be.</summary>
    public static IReadOnlyList<Rule<FoundComponent>> OfComponents { get; } =
    [
        .. InsecureFlags.All, .. WeakFlags.All, .. AbsentFlags.All, FlagFiles.Missing, FlagFiles.Wrong, FlagFiles.Pair, FlagFiles.ServerKeySignsTokens,
    ];

    /// <summary>What the parts of a cluster must be to each other.</summary>
    public static IReadOnlyList<Rule<Survey>> OfSurveys { get; } =
    [
        ClusterRules.KeyReused, ClusterRules.SerialReused, ClusterRules.AuthoritiesDiffer, ClusterRules.ServiceAccountPair,
        ClusterRules.ServiceAccountKeysDiffer, ClusterRules.AuthorityKeyOnWorker, ClusterRules.OneAuthorityForAll, ModeRules.FolderWritable,
    ];
}
