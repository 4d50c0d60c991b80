// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Api.Definitions.Plain;

/// <summary>Fields that may not change.</summary>
internal static class ImmutableFields
{
    /// <summary>The error of a field that differs from the stored object's.</summary>
    public static IEnumerable<FieldError> Check(JsonNode? value, JsonNode? old, FieldPath path) =>
        JsonNode.DeepEquals(value, old) ? [] : [path.Invalid(value, "field is immutable")];

    /// <summary>The errors of an object whose <c>immutable</c> flag is set in the store.</summary>
    public static IEnumerable<FieldError> CheckFrozen(ObjectOperation operation, params string[] fields)
    {
        const string Detail = "field is immutable when `immutable` is set";
        if (operation.Old is not { } old || !old.IsTrue("immutable"))
        {
            yield break;
        }

        if (!operation.Object.IsTrue("immutable"))
        {
            yield return new FieldPath("immutable").Forbidden(Detail);
        }

        foreach (var field in fields)
        {
            if (!JsonNode.DeepEquals(operation.Object.Map(field) ?? [], old.Map(field) ?? []))
            {
                yield return new FieldPath(field).Forbidden(Detail);
            }
        }
    }
}
