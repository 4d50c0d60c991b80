// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Objects;

namespace Sealock.Gateway.Authorization;

/// <summary>
/// Whether rules that someone holds cover rules to be granted (k8s.io/component-helpers rbac/validation): the wanted
/// rules are broken down to one verb, group, resource and name each, and each must be covered by a single held rule.
/// </summary>
internal static class RuleCover
{
    /// <summary>
    /// The most single rights into which rules are broken down; who asks for more is treated as not covered, since
    /// the four lists of a rule multiply.
    /// </summary>
    public const int MaxRights = 200_000;

    /// <summary>What is wanted and not held, broken down; empty where everything is covered.</summary>
    public static List<PolicyRule> Missing(ImmutableArray<PolicyRule> held, ImmutableArray<PolicyRule> wanted) =>
        [.. wanted.SelectMany(BreakDown).Where(right => !held.Any(rule => Covers(rule, right)))];

    /// <summary>Number of single rights in rules.</summary>
    public static long CountRights(ImmutableArray<PolicyRule> rules) => rules.Sum(rule =>
        ((long)rule.Groups.Length * rule.Resources.Length * Math.Max(1, rule.ResourceNames.Length) + rule.Paths.Length)
        * rule.Verbs.Length);

    /// <summary>Joins the verbs of single rights on the same resource, for a shorter message.</summary>
    public static IEnumerable<PolicyRule> Compact(IReadOnlyList<PolicyRule> rights) =>
        rights.Where(right => right.Paths.Length > 0).Concat(rights
            .Where(right => right.Paths.Length == 0)
            .GroupBy(right => (right.Groups[0], right.Resources[0], right.ResourceNames.FirstOrDefault()))
            .Select(same => same.First() with { Verbs = [.. same.SelectMany(right => right.Verbs)] }));

    /// <summary>A rule as kube-apiserver's messages show it: <c>{APIGroups:[""], Resources:["pods"], Verbs:["get"]}</c>.</summary>
    public static string Describe(PolicyRule rule)
    {
        (string Name, ImmutableArray<string> Values)[] parts =
        [
            ("APIGroups", rule.Groups), ("Resources", rule.Resources), ("NonResourceURLs", rule.Paths),
            ("ResourceNames", rule.ResourceNames), ("Verbs", rule.Verbs),
        ];
        return "{" + string.Join(", ", parts.Where(part => part.Values.Length > 0)
            .Select(part => $"{part.Name}:{QuoteList(part.Values)}")) + "}";
    }

    /// <summary>Go's <c>%q</c> of a list of strings.</summary>
    public static string QuoteList(ImmutableArray<string> values) =>
        $"[{string.Join(' ', values.Select(GoText.Quote))}]";

    private static IEnumerable<PolicyRule> BreakDown(PolicyRule rule)
    {
        foreach (var group in rule.Groups)
        {
            foreach (var resource in rule.Resources)
            {
                foreach (var verb in rule.Verbs)
                {
                    var right = new PolicyRule { Groups = [group], Resources = [resource], Verbs = [verb] };
                    if (rule.ResourceNames.Length == 0)
                        yield return right;
                    foreach (var name in rule.ResourceNames)
                        yield return right with { ResourceNames = [name] };
                }
            }
        }

        foreach (var path in rule.Paths)
        {
            foreach (var verb in rule.Verbs)
                yield return new PolicyRule { Paths = [path], Verbs = [verb] };
        }
    }

    private static bool Covers(PolicyRule held, PolicyRule right) =>
        (held.Verbs.Contains(PolicyRule.Any) || held.Verbs.Contains(right.Verbs[0]))
        && (right.ResourceNames.Length == 0
            ? held.ResourceNames.Length == 0
            : held.ResourceNames.Length == 0 || held.ResourceNames.Contains(right.ResourceNames[0]))
        && (right.Paths.Length > 0
            ? held.Paths.Any(path => CoversPath(path, right.Paths[0]))
            : (held.Groups.Contains(PolicyRule.Any) || held.Groups.Contains(right.Groups[0]))
                && CoversResource(held.Resources, right.Resources[0]));

    private static bool CoversResource(ImmutableArray<string> held, string resource)
    {
        if (held.Contains(PolicyRule.Any) || held.Contains(resource))
            return true;
        var slash = resource.IndexOf('/', StringComparison.Ordinal);
        return slash >= 0 && held.Contains("*" + resource[slash..]);
    }

    private static bool CoversPath(string held, string path) =>
        held == path || (held.EndsWith('*') && path.AsSpan().StartsWith(held.AsSpan().TrimEnd('*')));
}
