// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Gateway.Authorization;

namespace Sealock.Gateway.Bootstrap;

/// <summary>What is to be done about one object.</summary>
public enum BootstrapAction
{
    /// <summary>It does not exist.</summary>
    Create,

    /// <summary>Something is missing from it.</summary>
    Update,

    /// <summary>A binding refers to another role, which cannot be changed: delete it, create it anew.</summary>
    Recreate,
}

/// <summary>One step towards the policy; <paramref name="Body"/> is what to write.</summary>
public sealed record BootstrapChange(BootstrapAction Action, BootstrapObject Target, JsonObject Body);

/// <summary>
/// Compares the policy with what is stored, as kube-apiserver does at its start: what is missing is added, what an
/// administrator added stays, and an object with <c>autoupdate: "false"</c> is left alone.
/// </summary>
public static class BootstrapPlan
{
    /// <summary>The changes that are needed; nothing where all is in place.</summary>
    public static IEnumerable<BootstrapChange> Make(IEnumerable<BootstrapObject> policy, IObjectReader objects) => policy
        .Select(target => Compare(target, objects.Find(target.Group, target.Plural, target.Namespace, target.Name)))
        .OfType<BootstrapChange>();

    private static BootstrapChange? Compare(BootstrapObject target, JsonObject? existing)
    {
        if (existing is null)
            return new BootstrapChange(BootstrapAction.Create, target, target.Object.DeepClone().AsObject());
        if (target.Plural == "namespaces" || IsProtected(existing))
            return null;
        var isBinding = target.Object.ContainsKey("roleRef");
        if (isBinding && RoleReference.Read(existing) != RoleReference.Read(target.Object))
            return new BootstrapChange(BootstrapAction.Recreate, target, target.Object.DeepClone().AsObject());
        var merged = existing.DeepClone().AsObject();
        var changed = MergeMetadata(merged, target.Object)
            | (isBinding ? AddSubjects(merged, target.Object) : AddRules(merged, target.Object) | AddSelectors(merged, target.Object));
        return changed ? new BootstrapChange(BootstrapAction.Update, target, merged) : null;
    }

    private static bool IsProtected(JsonObject existing) =>
        JsonFields.Text((existing["metadata"] as JsonObject)?["annotations"] as JsonObject, BootstrapPolicy.AutoUpdateAnnotation)
            == "false";

    /// <summary>Adds labels and annotations that are missing; a value that stands there stays.</summary>
    private static bool MergeMetadata(JsonObject merged, JsonObject expected)
    {
        if (merged["metadata"] is not JsonObject metadata)
            merged["metadata"] = metadata = [];
        var changed = false;
        foreach (var kind in (string[])["labels", "annotations"])
        {
            var map = metadata[kind] as JsonObject;
            foreach (var (key, value) in expected["metadata"]![kind] as JsonObject ?? [])
            {
                if (map?.ContainsKey(key) == true)
                    continue;
                if (map is null)
                    metadata[kind] = map = [];
                map[key] = value?.DeepClone();
                changed = true;
            }
        }

        return changed;
    }

    private static bool AddRules(JsonObject merged, JsonObject expected)
    {
        var missing = RuleCover.Missing(RbacJson.Rules(merged), RbacJson.Rules(expected));
        foreach (var rule in missing)
            ListOf(merged, "rules").Add((JsonNode)RbacJson.ToJson(rule));
        return missing.Count > 0;
    }

    private static bool AddSelectors(JsonObject merged, JsonObject expected)
    {
        if (expected["aggregationRule"] is not JsonObject wanted)
            return merged["aggregationRule"] is not null && merged.Remove("aggregationRule");
        if (merged["aggregationRule"] is not JsonObject aggregation)
            merged["aggregationRule"] = aggregation = [];
        var selectors = ListOf(aggregation, "clusterRoleSelectors");
        var missing = JsonFields.Objects(wanted["clusterRoleSelectors"])
            .Where(selector => !selectors.Any(present => JsonNode.DeepEquals(present, selector))).ToList();
        foreach (var selector in missing)
            selectors.Add(selector.DeepClone());
        return missing.Count > 0;
    }

    private static bool AddSubjects(JsonObject merged, JsonObject expected)
    {
        var present = RbacJson.Subjects(merged);
        var missing = JsonFields.Objects(expected["subjects"])
            .Where(subject => !present.Contains(RbacJson.Subject(subject))).ToList();
        foreach (var subject in missing)
            ListOf(merged, "subjects").Add(subject.DeepClone());
        return missing.Count > 0;
    }

    private static JsonArray ListOf(JsonObject parent, string field)
    {
        if (parent[field] is not JsonArray list)
            parent[field] = list = [];
        return list;
    }
}
