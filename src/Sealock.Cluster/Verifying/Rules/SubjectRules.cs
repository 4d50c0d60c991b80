// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Surveying;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Whether a certificate names the user and groups that the component needs.</summary>
internal static class SubjectRules
{
    public static Rule<SurveyedLeaf> CommonName { get; } = new("common-name", Severity.Error,
        "The common name is the user: under another one the component has none of its rights.",
        (survey, leaf) =>
        {
            var name = leaf.Certificate.Subject.CommonName;
            if (leaf.Expected is not { } expected)
                return [];
            if (expected.CommonName is { } wanted && name != wanted)
                return [new($"its common name is {Shown(name)}, not {wanted}", Remedies.Reissue(survey, leaf.File)) { Severity = Weight(expected) }];
            return expected.CommonNamePrefix is { } prefix && name?.StartsWith(prefix, StringComparison.Ordinal) != true
                ? [new($"its common name is {Shown(name)}, not {prefix}NODE", Remedies.Reissue(survey, leaf.File))]
                : [];
        });

    public static Rule<SurveyedLeaf> Organization { get; } = new("organization", Severity.Error,
        "The organizations are the user's groups: without the right one it has none of its rights.",
        (survey, leaf) =>
        {
            var groups = leaf.Certificate.Subject.Organizations;
            var faults = new List<Fault>();
            foreach (var alternatives in leaf.Expected?.Organizations ?? [])
            {
                // Peers of etcd look at the authority alone.
                if (alternatives.Any(groups.Contains))
                    continue;
                var near = groups.FirstOrDefault(group => OpenSslText.Nearest(group, alternatives) is not null);
                var inCommonName = leaf.Certificate.Subject.CommonName?.Contains("/O=", StringComparison.Ordinal) == true;
                faults.Add(new(near is not null ? $"its organization is {near}, not {alternatives[0]}{Or(alternatives)}: a misspelt group has no rights"
                    : inCommonName ? $"its common name is {leaf.Certificate.Subject.CommonName}: the organization was written into it"
                    : groups.Count == 0 ? $"it has no organization; {alternatives[0]}{Or(alternatives)} is needed"
                    : $"its organization is {string.Join(", ", groups)}, not {alternatives[0]}{Or(alternatives)}",
                    Remedies.Reissue(survey, leaf.File)));
            }

            if (leaf.Expected is null && groups.Contains("system:master"))
                faults.Add(new("its organization is system:master, which has no rights: system:masters was probably meant", Remedies.Reissue(survey, leaf.File)));
            return faults;
        });

    public static Rule<SurveyedLeaf> Masters { get; } = new("masters-group", Severity.Info,
        "The group bypasses RBAC and cannot be taken away before the certificate ends.",
        (survey, leaf) => leaf.Certificate.Subject.Organizations.Contains("system:masters") && leaf.Expected?.Authority?.Name != "etcd-ca"
            && leaf.Expected?.Organizations.Any(alternatives => alternatives[0] == "system:masters") != true
                ? [new("it is in the group system:masters", $"use the group kubeadm:cluster-admins with a ClusterRoleBinding instead: {Remedies.Reissue(survey, leaf.File)}")]
                : []);

    /// <summary>Nobody reads a server's common name; it is told because something else made the certificate.</summary>
    private static Severity Weight(ExpectedLeaf expected) => expected.IsServer ? Severity.Warning : Severity.Error;

    private static string Shown(string? name) => name is null ? "missing" : $"\"{name}\"";

    private static string Or(IReadOnlyList<string> alternatives) => alternatives.Count > 1 ? $" (or {string.Join(", ", alternatives.Skip(1))})" : "";
}
