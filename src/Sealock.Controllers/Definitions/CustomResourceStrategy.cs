// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;

namespace Sealock.Controllers.Definitions;

/// <summary>
/// What may be written through which address, as apiextensions-apiserver has it for kinds with a status: the status
/// only through <c>/status</c>, and nothing else there. Every change beside metadata and status counts a generation.
/// </summary>
internal static class CustomResourceStrategy
{
    private static readonly ImmutableArray<string> ServersOwn = ["resourceVersion", "managedFields"];

    public static void PrepareForCreate(ObjectOperation operation)
    {
        operation.Object.Remove("status");
        Metadata(operation.Object)["generation"] = 1L;
    }

    public static void PrepareForUpdate(ObjectOperation operation)
    {
        var old = operation.Old ?? [];
        operation.Object.TakeFrom(old, "status");
        var generation = old.Map("metadata")?.Number("generation") ?? 0;
        Metadata(operation.Object)["generation"] = ChangesWishes(operation.Object, old) ? generation + 1 : generation;
    }

    public static void PrepareForStatus(ObjectOperation operation)
    {
        var (current, old) = (operation.Object, operation.Old ?? []);
        Restore(current, old, ["status", "metadata", "kind", "apiVersion"]);
        Restore(Metadata(current), old.Map("metadata") ?? [], ServersOwn);
    }

    /// <summary>The subresource <c>status</c>; <paramref name="validate"/> null takes the kind's own rules.</summary>
    public static Subresource Status(Func<ObjectOperation, IEnumerable<Api.Objects.FieldError>>? validate = null) => new()
    {
        Name = "status",
        PrepareForUpdate = PrepareForStatus,
        Validate = validate ?? (_ => []),
    };

    private static bool ChangesWishes(JsonObject current, JsonObject old) =>
        Wishes(current).Union(Wishes(old)).Any(name => !JsonNode.DeepEquals(current[name], old[name]));

    private static IEnumerable<string> Wishes(JsonObject @object) => @object.Select(field => field.Key)
        .Where(name => name is not ("metadata" or "status" or "kind" or "apiVersion"));

    /// <summary>Makes every field what it was, but some.</summary>
    private static void Restore(JsonObject current, JsonObject old, ImmutableArray<string> but)
    {
        foreach (var name in current.Select(field => field.Key).Union(old.Select(field => field.Key)).Except(but).ToList())
            current.TakeFrom(old, name);
    }

    private static JsonObject Metadata(JsonObject @object)
    {
        if (@object.Map("metadata") is { } metadata)
            return metadata;
        @object["metadata"] = metadata = [];
        return metadata;
    }
}
