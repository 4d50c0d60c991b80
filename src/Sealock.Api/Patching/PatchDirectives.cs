// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Api.Patching;

/// <summary>The <c>$…</c> members of a strategic merge patch.</summary>
internal static class PatchDirectives
{
    public const string Marker = "$patch";
    public const string DeleteFromList = "$deleteFromPrimitiveList";
    public const string SetOrder = "$setElementOrder";
    public const string Retain = "$retainKeys";

    /// <summary>The field that <c>$directive/field</c> speaks of.</summary>
    public static string Field(string name, string directive)
    {
        if (name.Length > directive.Length && name[directive.Length] == '/')
        {
            return name[(directive.Length + 1)..];
        }

        throw new PatchException(PatchFailure.BadRequest(directive == DeleteFromList
            ? "invalid patch format of primitive list" : "invalid patch format of setElementOrder list"));
    }

    public static JsonArray List(JsonNode? node) => node as JsonArray ?? throw new PatchException(PatchFailure.Error(
        $"expected a []interface {{}}, but received a {PatchJson.GoType(node)}"));

    public static string Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    public static PatchException Unknown(JsonNode? directive, JsonObject patch) => new(PatchFailure.Error(
        $"unknown patch type: {GoText.Plain(directive)} in map: {GoText.Plain(patch)}"));

    /// <summary>Removes what <c>$retainKeys</c> does not name; everything the patch sets must be named.</summary>
    public static void RetainKeys(JsonObject original, JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(Retain, out var listed))
        {
            return;
        }

        patch.Remove(Retain);
        var keep = listed is JsonArray list
            ? list.Select(Text).ToHashSet(StringComparer.Ordinal)
            : throw new PatchException(PatchFailure.BadRequest("invalid patch format of retainKeys"));
        foreach (var (name, value) in patch)
        {
            if (value is not null && !name.StartsWith(DeleteFromList, StringComparison.Ordinal)
                && !name.StartsWith(SetOrder, StringComparison.Ordinal) && !keep.Contains(name))
            {
                throw new PatchException(PatchFailure.BadRequest("invalid patch format of retainKeys"));
            }
        }

        PatchJson.RemoveAll(original, [.. original.Select(p => p.Key).Where(k => !keep.Contains(k))]);
    }

    /// <summary>A patch's value that is taken as it is: nulls and directives have done their work and go.</summary>
    public static JsonNode? CleanValue(JsonNode? node) => node switch
    {
        JsonObject map => Text(map[Marker]) == "delete" ? [] : Clean(map),
        JsonArray list => new JsonArray([.. list.Where(IsContent).Select(CleanValue)]),
        _ => node?.DeepClone(),
    };

    /// <summary>The same for an object whose own <c>$patch</c> is already answered.</summary>
    public static JsonObject Clean(JsonObject map)
    {
        var result = new JsonObject();
        foreach (var (name, value) in map)
        {
            if (name is Marker or Retain || name.StartsWith(DeleteFromList + "/", StringComparison.Ordinal)
                || name.StartsWith(SetOrder + "/", StringComparison.Ordinal))
            {
                if (name is Marker && Text(value) is not ("replace" or "merge" or "delete"))
                {
                    throw Unknown(value, map);
                }

                continue;
            }

            if (value is not null)
            {
                result[name] = CleanValue(value);
            }
        }

        return result;
    }

    private static bool IsContent(JsonNode? element) => element is not JsonObject map
        || !map.TryGetPropertyValue(Marker, out var directive)
        || (Text(directive) != "delete" && !(Text(directive) == "replace" && map.Count == 1));
}
