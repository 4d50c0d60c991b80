// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Sealock.Gateway.Authorization;

/// <summary>Reads fields of objects leniently: what is absent, null or of a wrong shape counts as empty.</summary>
internal static class JsonFields
{
    public static string Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    public static string Text(JsonObject? parent, string field) => Text(parent?[field]);

    public static ImmutableArray<string> Texts(JsonNode? node) =>
        node is JsonArray list ? [.. list.Select(Text)] : [];

    public static IEnumerable<JsonObject> Objects(JsonNode? node) => (node as JsonArray)?.OfType<JsonObject>() ?? [];

    public static JsonArray Array(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
