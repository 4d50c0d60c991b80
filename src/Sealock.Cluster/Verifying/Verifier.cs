// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Surveying;
using Sealock.Cluster.Verifying.Rules;

namespace Sealock.Cluster.Verifying;

/// <summary>Runs every rule over a survey. Pure: the same survey gives the same findings.</summary>
public static class Verifier
{
    /// <summary>The names of all rules.</summary>
    public static IReadOnlyList<string> RuleNames { get; } =
    [
        .. RuleTable.OfFiles.Select(rule => rule.Name), .. RuleTable.OfLeaves.Select(rule => rule.Name), .. RuleTable.OfAuthorities.Select(rule => rule.Name),
        .. RuleTable.OfKubeconfigs.Select(rule => rule.Name), .. RuleTable.OfComponents.Select(rule => rule.Name), .. RuleTable.OfSurveys.Select(rule => rule.Name),
    ];

    /// <summary>All that is wrong: by node and file, the worst first within a file.</summary>
    public static IReadOnlyList<Finding> Run(Survey survey) => Ordered(
    [
        .. OfCertificates(survey),
        .. survey.Components.SelectMany(component => RuleTable.OfComponents
            .SelectMany(rule => rule.Run(survey, component, component.Files[0], component.ToString()))),
    ]);

    /// <summary>The same without what concerns components' settings.</summary>
    public static IReadOnlyList<Finding> RunCertificates(Survey survey) => Ordered(OfCertificates(survey));

    private static List<Finding> OfCertificates(Survey survey) =>
        [
            .. survey.Files.AsParallel().AsOrdered().SelectMany(file => RuleTable.OfFiles.SelectMany(rule => rule.Run(survey, file, file, TitleOf(file)))),
            .. survey.Leaves.AsParallel().AsOrdered().SelectMany(leaf => RuleTable.OfLeaves.SelectMany(rule => rule.Run(survey, leaf, leaf.File, leaf.Title))),
            .. survey.Authorities.SelectMany(authority => RuleTable.OfAuthorities.SelectMany(rule => rule.Run(survey, authority, authority.File, authority.Title))),
            .. survey.Files.Where(file => file.Body is KubeconfigBody)
                .SelectMany(file => RuleTable.OfKubeconfigs.SelectMany(rule => rule.Run(survey, file, file, TitleOf(file)))),
            .. RuleTable.OfSurveys.SelectMany(rule => rule.Run(survey, survey, null, "cluster")),
        ];

    private static IReadOnlyList<Finding> Ordered(List<Finding> findings) =>
        [.. findings.Distinct().OrderBy(finding => finding.Node, StringComparer.Ordinal).ThenBy(finding => finding.Path, StringComparer.Ordinal)
            .ThenByDescending(finding => finding.Severity).ThenBy(finding => finding.Rule, StringComparer.Ordinal)];

    private static string TitleOf(SurveyedFile file)
    {
        var name = file.Role.Leaf is { IsPlanned: true } leaf ? leaf.Name : System.IO.Path.GetFileName(file.Path);
        return file.Node.Length == 0 ? name : $"{file.Node}/{name}";
    }
}
