// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealock.Api.Patching;

/// <summary>
/// RFC 6902. Where kube-apiserver is laxer than the RFC we are too: <c>replace</c> of an absent object member adds it,
/// negative list indices count from the end, a missing <c>value</c> is null. Unlike it we insist on the leading slash
/// of a path.
/// </summary>
public static class JsonPatch
{
    /// <summary>The most operations in one patch.</summary>
    public const int MaxOperations = 10_000;

    /// <summary>The most bytes that <c>copy</c> operations may add in one patch.</summary>
    public const int MaxCopiedBytes = 3 * 1024 * 1024;

    /// <summary>
    /// Applies a patch to <paramref name="document"/>, which is changed and must not be used further on failure.
    /// The trees must be free of duplicate keys.
    /// </summary>
    public static bool TryApply(
        JsonObject document, JsonNode? patch,
        [NotNullWhen(true)] out JsonObject? result, [NotNullWhen(false)] out PatchFailure? failure)
    {
        result = null;
        try
        {
            var run = new JsonPatchRun(document);
            foreach (var operation in Operations(patch))
            {
                run.Apply(operation);
            }
        }
        catch (PatchException e)
        {
            failure = e.Failure;
            return false;
        }

        result = document;
        failure = null;
        return true;
    }

    private static IEnumerable<JsonObject> Operations(JsonNode? patch)
    {
        const string Prefix = "error decoding patch: json: cannot unmarshal ";
        if (patch is null)
        {
            return [];
        }

        if (patch is not JsonArray list)
        {
            throw new PatchException(PatchFailure.BadRequest(
                $"{Prefix}{PatchJson.GoName(patch)} into Go value of type []handlers.jsonPatchOp"));
        }

        if (list.Count > MaxOperations)
        {
            throw new PatchException(PatchFailure.TooLarge(
                $"The allowed maximum operations in a JSON patch is {MaxOperations}, got {list.Count}"));
        }

        var wrong = list.FirstOrDefault(o => o is not (null or JsonObject));
        if (wrong is not null)
        {
            throw new PatchException(PatchFailure.BadRequest(
                $"{Prefix}{PatchJson.GoName(wrong)} into Go value of type handlers.jsonPatchOp"));
        }

        foreach (var (name, value) in list.OfType<JsonObject>().SelectMany(o => o))
        {
            if (name is "op" or "path" or "from" && value is not null && value.GetValueKind() != JsonValueKind.String)
            {
                throw new PatchException(PatchFailure.BadRequest(
                    $"{Prefix}{PatchJson.GoName(value)} into Go struct field jsonPatchOp.{name} of type string"));
            }
        }

        return list.Select(o => o as JsonObject ?? []);
    }
}
