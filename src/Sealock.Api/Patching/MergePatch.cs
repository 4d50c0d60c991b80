// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace Sealock.Api.Patching;

/// <summary>RFC 7386: members of the patch replace those of the document, null removes them, lists are replaced whole.</summary>
public static class MergePatch
{
    /// <summary>
    /// Applies a patch to <paramref name="document"/>, which is changed. The trees must be free of duplicate keys.
    /// </summary>
    public static bool TryApply(
        JsonObject document, JsonNode? patch,
        [NotNullWhen(true)] out JsonObject? result, [NotNullWhen(false)] out PatchFailure? failure)
    {
        if (patch is not JsonObject changes)
        {
            result = null;
            failure = PatchFailure.BadRequest(patch is null
                ? "Invalid JSON Patch"
                : $"error decoding patch: json: cannot unmarshal {PatchJson.GoName(patch)} into Go value of type map[string]interface {{}}");
            return false;
        }

        Merge(document, changes);
        result = document;
        failure = null;
        return true;
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        PatchJson.RemoveAll(target, [.. patch.Where(p => p.Value is null).Select(p => p.Key)]);
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                continue;
            }

            if (value is JsonObject changes)
            {
                if (target[name] is not JsonObject inner)
                {
                    inner = [];
                    target[name] = inner;
                }

                Merge(inner, changes);
            }
            else
            {
                target[name] = value.DeepClone();
            }
        }
    }
}
