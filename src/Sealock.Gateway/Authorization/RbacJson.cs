// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Sealock.Gateway.Authorization;

/// <summary>Rules and subjects in JSON.</summary>
internal static class RbacJson
{
    public static ImmutableArray<PolicyRule> Rules(JsonObject role) =>
        [.. JsonFields.Objects(role["rules"]).Select(Rule)];

    public static ImmutableArray<RbacSubject> Subjects(JsonObject binding) =>
        [.. JsonFields.Objects(binding["subjects"]).Select(Subject)];

    public static PolicyRule Rule(JsonObject rule) => new()
    {
        Verbs = JsonFields.Texts(rule["verbs"]),
        Groups = JsonFields.Texts(rule["apiGroups"]),
        Resources = JsonFields.Texts(rule["resources"]),
        ResourceNames = JsonFields.Texts(rule["resourceNames"]),
        Paths = JsonFields.Texts(rule["nonResourceURLs"]),
    };

    /// <summary>A rule as JSON; empty lists are left out, verbs always stand.</summary>
    public static JsonObject ToJson(PolicyRule rule)
    {
        var json = new JsonObject { ["verbs"] = JsonFields.Array(rule.Verbs) };
        Add("apiGroups", rule.Groups);
        Add("resources", rule.Resources);
        Add("resourceNames", rule.ResourceNames);
        Add("nonResourceURLs", rule.Paths);
        return json;

        void Add(string field, ImmutableArray<string> values)
        {
            if (values.Length > 0)
                json[field] = JsonFields.Array(values);
        }
    }

    public static RbacSubject Subject(JsonObject subject) => new(
        JsonFields.Text(subject, "kind"), JsonFields.Text(subject, "apiGroup"),
        JsonFields.Text(subject, "namespace"), JsonFields.Text(subject, "name"));
}
