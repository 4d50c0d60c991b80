// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.Controllers.Definitions;

/// <summary>
/// Structural schemas (apiextensions.k8s.io/v1) in few words. Every call makes a schema of its own, so that each may be
/// placed once in a larger one.
/// </summary>
internal static class StructuralSchema
{
    private const string Definitions = "#/definitions/";

    /// <summary>An object; a field whose name ends in an exclamation mark must be there.</summary>
    public static JsonObject Object(string description, params ReadOnlySpan<(string Name, JsonObject Schema)> fields)
    {
        var required = new JsonArray();
        var properties = new JsonObject();
        foreach (var (name, schema) in fields)
        {
            var plain = name.TrimEnd('!');
            properties[plain] = schema;
            if (plain.Length < name.Length)
                required.Add((JsonNode)plain);
        }

        var result = Typed("object", description);
        if (required.Count > 0)
            result["required"] = required;
        if (properties.Count > 0)
            result["properties"] = properties;
        return result;
    }

    /// <summary>The schema of a whole kind; its metadata is added by whoever serves it.</summary>
    public static JsonObject Kind(string description, JsonObject spec, JsonObject? status = null) => status is null
        ? Object(description, ("spec!", spec))
        : Object(description, ("spec!", spec), ("status", status));

    /// <summary>A string.</summary>
    public static JsonObject Text(string description = "") => Typed("string", description);

    /// <summary>One of some strings.</summary>
    public static JsonObject OneOf(string description, params ReadOnlySpan<string> values) =>
        Text(description).With("enum", Strings(values));

    /// <summary>true or false.</summary>
    public static JsonObject Flag(string description) => Typed("boolean", description);

    /// <summary>A whole number of 64 bits.</summary>
    public static JsonObject Number(string description) => Typed("integer", description).With("format", "int64");

    /// <summary>A whole number of 32 bits.</summary>
    public static JsonObject Small(string description) => Typed("integer", description).With("format", "int32");

    /// <summary>A point in time (RFC 3339).</summary>
    public static JsonObject Time(string description) => Text(description).With("format", "date-time");

    /// <summary>Bytes in base64.</summary>
    public static JsonObject Bytes(string description) => Text(description).With("format", "byte");

    /// <summary>A list that is replaced as a whole.</summary>
    public static JsonObject List(string description, JsonObject item) =>
        Typed("array", description).With("items", item).With("x-kubernetes-list-type", "atomic");

    /// <summary>A list of strings that is replaced as a whole.</summary>
    public static JsonObject Texts(string description) => List(description, Text());

    /// <summary>A list whose items are told apart by one of their fields.</summary>
    public static JsonObject ByKey(string description, string key, JsonObject item) =>
        Typed("array", description).With("items", item)
            .With("x-kubernetes-list-type", "map").With("x-kubernetes-list-map-keys", Strings(key));

    /// <summary>A map from any key to strings.</summary>
    public static JsonObject Map(string description) => Map(description, Text());

    /// <summary>A map from any key to values of one schema.</summary>
    public static JsonObject Map(string description, JsonObject value) =>
        Typed("object", description).With("additionalProperties", value);

    /// <summary>Any JSON.</summary>
    public static JsonObject Anything(string description) =>
        new() { ["description"] = description, ["x-kubernetes-preserve-unknown-fields"] = true };

    /// <summary>One of Kubernetes' own types, such as <c>io.k8s.api.core.v1.Affinity</c>.</summary>
    public static JsonObject Kubernetes(string definition, string description) =>
        new() { ["description"] = description, ["$ref"] = Definitions + definition };

    /// <summary>The schema with one keyword more.</summary>
    public static JsonObject With(this JsonObject schema, string keyword, JsonNode value)
    {
        schema[keyword] = value;
        return schema;
    }

    private static JsonObject Typed(string type, string description)
    {
        var schema = new JsonObject();
        if (description.Length > 0)
            schema["description"] = description;
        schema["type"] = type;
        return schema;
    }

    private static JsonArray Strings(params ReadOnlySpan<string> values)
    {
        var array = new JsonArray();
        foreach (var value in values)
            array.Add((JsonNode)value);
        return array;
    }
}
