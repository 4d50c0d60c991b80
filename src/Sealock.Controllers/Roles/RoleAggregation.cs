// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Selectors;

namespace Sealock.Controllers.Roles;

/// <summary>Which rules an aggregated cluster role is to have.</summary>
internal static class RoleAggregation
{
    /// <summary>
    /// The rules of all other roles that a selector picks, selectors in their order, roles by name, each rule once; null
    /// where a selector is malformed (it must then be left alone: a broken selector is no reason to take rights away).
    /// </summary>
    public static IReadOnlyList<JsonObject>? Gather(ClusterRoleView role, IEnumerable<ClusterRoleView> all)
    {
        var byName = all.OrderBy(other => other.Metadata.Name, StringComparer.Ordinal).ToList();
        var rules = new List<JsonObject>();
        foreach (var source in role.AggregationRule?.ClusterRoleSelectors ?? [])
        {
            if (!LabelSelectorObject.TryCompile(source, out var selector, out _))
                return null;
            foreach (var other in byName)
            {
                if (other.Metadata.Name == role.Metadata.Name || !selector.Matches(other.Metadata.Labels))
                    continue;
                foreach (var rule in other.Rules)
                {
                    if (!rules.Any(known => JsonNode.DeepEquals(known, rule)))
                        rules.Add(rule);
                }
            }
        }

        return rules;
    }

    /// <summary>Whether two lists of rules are the same, in the same order.</summary>
    public static bool AreSame(IReadOnlyList<JsonObject> left, IReadOnlyList<JsonObject> right) =>
        left.Count == right.Count && left.Zip(right).All(pair => JsonNode.DeepEquals(pair.First, pair.Second));
}
