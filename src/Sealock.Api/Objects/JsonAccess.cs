// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealock.Api.Objects;

/// <summary>Reads fields of decoded objects; what is absent or of another type reads as empty.</summary>
internal static class JsonAccess
{
    /// <summary>An object field.</summary>
    public static JsonObject? Map(this JsonNode? node, string field) => (node as JsonObject)?[field] as JsonObject;

    /// <summary>An object field of an object field.</summary>
    public static JsonObject? Map(this JsonNode? node, string field, string inner) => node.Map(field).Map(inner);

    /// <summary>The elements of a list field.</summary>
    public static IEnumerable<JsonNode?> Items(this JsonNode? node, string field) => (node as JsonObject)?[field] as JsonArray ?? [];

    /// <summary>The text elements of a list field.</summary>
    public static IEnumerable<string> Texts(this JsonNode? node, string field) => node.Items(field).Select(AsText);

    /// <summary>A text field; empty where absent.</summary>
    public static string Text(this JsonNode? node, string field) => ((node as JsonObject)?[field]).AsText();

    /// <summary>A text; empty where it is none.</summary>
    public static string AsText(this JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    /// <summary>A whole number field; null where absent.</summary>
    public static long? Number(this JsonNode? node, string field) => ((node as JsonObject)?[field]).AsNumber();

    /// <summary>A whole number; null where it is none.</summary>
    public static long? AsNumber(this JsonNode? node) => node is JsonValue value && value.GetValueKind() is JsonValueKind.Number
        ? value.TryGetValue<long>(out var number) ? number
            : value.TryGetValue<int>(out var small) ? small
            : value.TryGetValue<decimal>(out var wide) && wide == decimal.Truncate(wide) && Math.Abs(wide) < long.MaxValue ? (long)wide : null
        : null;

    /// <summary>Whether a field is true.</summary>
    public static bool IsTrue(this JsonNode? node, string field) =>
        (node as JsonObject)?[field] is JsonValue value && value.GetValueKind() is JsonValueKind.True;

    /// <summary>Whether a field is there and not null.</summary>
    public static bool Has(this JsonNode? node, string field) => (node as JsonObject)?[field] is not null;

    /// <summary>An object field, made where it is absent.</summary>
    public static JsonObject Ensure(this JsonObject node, string field)
    {
        if (node[field] is not JsonObject map)
        {
            map = [];
            node[field] = map;
        }

        return map;
    }

    /// <summary>Sets a field that is absent or null or an empty text.</summary>
    public static void Default(this JsonObject node, string field, JsonNode value)
    {
        if (node[field] is null or JsonValue && node.Text(field).Length == 0
            && (node[field]?.GetValueKind() ?? JsonValueKind.String) is JsonValueKind.String)
        {
            node[field] = value;
        }
    }

    /// <summary>Makes a field what it is in another object, absence included.</summary>
    public static void CopyFrom(this JsonObject node, JsonObject? other, string field)
    {
        if (other?[field] is { } value)
        {
            node[field] = value.DeepClone();
        }
        else
        {
            node.Remove(field);
        }
    }
}
