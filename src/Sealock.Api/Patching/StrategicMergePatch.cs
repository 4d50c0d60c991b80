// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Api.Patching;

/// <summary>
/// Kubernetes' strategic merge patch: a merge patch in which lists are merged by key where the schema says so, with
/// the directives <c>$patch: replace|delete</c>, <c>$deleteFromPrimitiveList/field</c>,
/// <c>$setElementOrder/field</c> and <c>$retainKeys</c>.
/// </summary>
public static class StrategicMergePatch
{
    /// <summary>
    /// Applies a patch to <paramref name="document"/>. Both trees are used up. They must be free of duplicate keys.
    /// </summary>
    public static bool TryApply(
        JsonObject document, JsonNode? patch, IPatchSchema schema,
        [NotNullWhen(true)] out JsonObject? result, [NotNullWhen(false)] out PatchFailure? failure)
    {
        result = null;
        failure = null;
        if (patch is not (null or JsonObject))
        {
            failure = PatchFailure.BadRequest(
                $"json: cannot unmarshal {PatchJson.GoName(patch)} into Go value of type map[string]interface {{}}");
            return false;
        }

        try
        {
            result = MergeObject(document, patch as JsonObject ?? [], schema);
            return true;
        }
        catch (PatchException e)
        {
            failure = e.Failure;
            return false;
        }
    }

    internal static JsonObject MergeObject(JsonObject original, JsonObject patch, IPatchSchema? schema)
    {
        if (patch.TryGetPropertyValue(PatchDirectives.Marker, out var directive))
        {
            return PatchDirectives.Text(directive) switch
            {
                "replace" => PatchDirectives.Clean(patch),
                "delete" => [],
                _ => throw PatchDirectives.Unknown(directive, patch),
            };
        }

        PatchDirectives.RetainKeys(original, patch);
        MergeOrderedLists(original, patch, schema);
        PatchJson.RemoveAll(original, [.. patch.Where(p => p.Value is null).Select(p => p.Key)]);
        foreach (var (name, value) in patch.ToArray())
        {
            MergeField(original, name, value, schema);
        }

        return original;
    }

    private static void MergeField(JsonObject original, string name, JsonNode? value, IPatchSchema? schema)
    {
        var field = name;
        var deletes = name.StartsWith(PatchDirectives.DeleteFromList, StringComparison.Ordinal);
        if (deletes)
        {
            field = PatchDirectives.Field(name, PatchDirectives.DeleteFromList);
        }

        if (value is null)
        {
            original.Remove(field);
            return;
        }

        if (!original.TryGetPropertyValue(field, out var current))
        {
            if (!deletes)
            {
                original[field] = PatchDirectives.CleanValue(value);
            }

            return;
        }

        switch (current, value)
        {
            case (JsonObject map, JsonObject changes):
                var known = Find(schema, field);
                if (known?.Replaces == true)
                {
                    original[field] = PatchDirectives.Clean(changes);
                    break;
                }

                var merged = MergeObject(map, changes, known?.Schema);
                if (!ReferenceEquals(merged, map))
                {
                    original[field] = merged.Parent is null ? merged : merged.DeepClone();
                }

                break;
            case (JsonArray list, JsonArray changes):
                original[field] = MergeLists(list, changes, Find(schema, field), deletes);
                break;
            default:
                original[field] = deletes ? current?.DeepClone() : PatchDirectives.CleanValue(value);
                break;
        }
    }

    // Lists with an order directive are merged first, and taken out of the patch.
    private static void MergeOrderedLists(JsonObject original, JsonObject patch, IPatchSchema? schema)
    {
        foreach (var (name, value) in patch.ToArray())
        {
            if (!name.StartsWith(PatchDirectives.SetOrder, StringComparison.Ordinal))
            {
                continue;
            }

            patch.Remove(name);
            var order = PatchDirectives.List(value);
            var field = PatchDirectives.Field(name, PatchDirectives.SetOrder);
            var current = original.TryGetPropertyValue(field, out var had) ? PatchDirectives.List(had) : null;
            var changes = patch.TryGetPropertyValue(field, out var has) ? PatchDirectives.List(has) : null;
            var known = Find(schema, field) ?? throw new PatchException(PatchFailure.Error(
                $"unable to find api field in struct {schema?.Name} for the json field {GoText.Quote(field)}"));
            if (changes is not null)
            {
                StrategicList.CheckOrder(changes, order, known.MergeKey);
            }

            if (current is null && changes is null)
            {
                continue;
            }

            patch.Remove(field);
            List<JsonNode?> serverOrder = [.. (current ?? []).Select(n => n?.DeepClone())];
            var merged = (current, changes) switch
            {
                (not null, null) => current,
                (null, not null) => (JsonArray)PatchDirectives.CleanValue(changes)!,
                _ => MergeLists(current!, changes!, known, deletes: false),
            };
            original[field] = StrategicList.Arrange(merged, [.. order], serverOrder, known.MergeKey);
        }
    }

    private static JsonArray MergeLists(JsonArray original, JsonArray patch, PatchField? field, bool deletes) =>
        field?.Merges == true
            ? StrategicList.Merge(original, patch, field.Value, deletes)
            : (JsonArray)PatchDirectives.CleanValue(patch)!;

    private static PatchField? Find(IPatchSchema? schema, string field) => schema?.FindPatchField(field);
}
