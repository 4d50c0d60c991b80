// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;

namespace Sealock.Cluster.Surveying;

/// <summary>Finds the leaf certificates among files, and joins each with its key and its issuer.</summary>
internal static class LeafSearch
{
    public static IReadOnlyList<SurveyedLeaf> Run(Survey survey)
    {
        var keys = survey.Files.Where(file => file.Pem is { PrivateKeys.Count: > 0 } && file.Role.Kind != RoleKind.Leaf)
            .GroupBy(PairName).ToDictionary(group => group.Key, group => group.First());
        var ofAuthorities = survey.Authorities.Select(found => found.File).ToHashSet(ReferenceEqualityComparer.Instance);
        var sites = survey.Files.Where(file => !ofAuthorities.Contains(file) && Chain(file).Count > 0).ToList();
        var leaves = new SurveyedLeaf[sites.Count];
        Parallel.For(0, leaves.Length, i => leaves[i] = Join(survey, sites[i], keys));
        return leaves;
    }

    private static SurveyedLeaf Join(Survey survey, SurveyedFile file, Dictionary<string, SurveyedFile> keys)
    {
        var chain = Chain(file);
        var inPlace = file.Body is KubeconfigBody config ? config.Client?.PrivateKeys : file.Pem?.PrivateKeys;
        var keyFile = inPlace is [_, ..] ? file : file.Body is KubeconfigBody ? null : keys.GetValueOrDefault(PairName(file));
        var (leaf, above) = (chain[0], chain.Skip(1).ToList());
        return new()
        {
            File = file,
            Expected = file.Role.Leaf,
            Certificate = leaf,
            Above = above,
            KeyFile = keyFile,
            Key = inPlace is [var own, ..] ? own : keyFile?.Pem?.PrivateKeys[0],
            Issuer = survey.Trust.Ask(leaf, above, file.Node, file.Role.Leaf?.Authority),
        };
    }

    /// <summary>The certificates that a file shows to others; what lies about in backups under other names is not one's.</summary>
    private static IReadOnlyList<Certificate> Chain(SurveyedFile file) => file.Body switch
    {
        PemBody pem when file.Role.Kind == RoleKind.Leaf || (file.Role.Kind == RoleKind.Unknown && RoleNames.IsCertificateName(file.Path)) => pem.Certificates,
        KubeconfigBody { Target.User.ClientCertificateData.IsDefaultOrEmpty: false, Client: { } client } => client.Certificates,
        _ => [],
    };

    /// <summary>The same for a certificate and its key.</summary>
    private static string PairName(SurveyedFile file) => file is { Planned: not null, Role.Leaf: { } leaf }
        ? $"{file.Node}\0{leaf.Name}"
        : $"{file.Node}\0{Path.Combine(Path.GetDirectoryName(file.PathOnNode) ?? "/", RoleNames.Stem(Path.GetFileName(file.PathOnNode)).Stem)}";
}
