// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Api.Definitions.Plain;

/// <summary><c>metadata.generation</c>: 1 at first, one more with every change of what the user wants.</summary>
internal static class ObjectGeneration
{
    public static void Start(ObjectOperation operation) => operation.Object.Ensure("metadata")["generation"] = 1L;

    /// <summary>Counts up if one of the fields differs from the stored object's.</summary>
    public static void CountChange(ObjectOperation operation, params ReadOnlySpan<string> fields)
    {
        var changed = false;
        foreach (var field in fields)
        {
            changed |= !JsonNode.DeepEquals(operation.Object[field], operation.Old?[field]);
        }

        var before = operation.Old.Map("metadata").Number("generation") ?? 0;
        operation.Object.Ensure("metadata")["generation"] = changed ? before + 1 : before;
    }
}
