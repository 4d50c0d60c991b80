// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealock.Api.Schemas;

/// <summary>Completes the schema of a custom resource with the fields that every object has.</summary>
internal static class StructuralRoot
{
    private const string ObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
    private const string ListMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";

    private const string KindText =
        "Kind is a string value representing the REST resource this object represents. Servers may infer this "
        + "from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: "
        + "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";

    private const string ApiVersionText =
        "APIVersion defines the versioned schema of this representation of an object. Servers should convert "
        + "recognized schemas to the latest internal value, and may reject unrecognized values. More info: "
        + "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";

    private const string MetadataText = "Standard object's metadata. More info: "
        + "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

    /// <summary>A schema as it was given.</summary>
    /// <exception cref="JsonException">The text is no JSON object.</exception>
    public static JsonObject Parse(ReadOnlyMemory<byte> text) =>
        JsonNode.Parse(text.Span, documentOptions: new JsonDocumentOptions { MaxDepth = 256 }) as JsonObject
        ?? throw new JsonException("a schema must be a JSON object");

    /// <summary>The schema with apiVersion, kind and metadata as every object has them; it is changed.</summary>
    /// <exception cref="JsonException">It is not the schema of an object.</exception>
    public static ReadOnlyMemory<byte> Complete(JsonObject root)
    {
        if (root["type"] is not JsonValue type || !type.TryGetValue<string>(out var word) || word != "object")
            throw new JsonException("the schema of a kind must have the type object");
        if (root["properties"] is not JsonObject properties)
            root["properties"] = properties = [];
        properties["apiVersion"] = Text(ApiVersionText);
        properties["kind"] = Text(KindText);
        properties["metadata"] = Reference(ObjectMeta, MetadataText);
        return Bytes(root);
    }

    /// <summary>The schema of a list of the kind whose definition has this name.</summary>
    public static ReadOnlyMemory<byte> ListOf(string name)
    {
        var kind = name[(name.LastIndexOf('.') + 1)..];
        return Bytes(new JsonObject
        {
            ["description"] = $"{kind}List is a list of {kind}",
            ["type"] = "object",
            ["required"] = new JsonArray("items"),
            ["properties"] = new JsonObject
            {
                ["apiVersion"] = Text(ApiVersionText),
                ["items"] = new JsonObject
                {
                    ["description"] = "List of objects.",
                    ["type"] = "array",
                    ["items"] = new JsonObject { ["$ref"] = "#/definitions/" + name },
                },
                ["kind"] = Text(KindText),
                ["metadata"] = Reference(ListMeta, MetadataText),
            },
        });
    }

    private static ReadOnlyMemory<byte> Bytes(JsonObject value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            value.WriteTo(writer);
        return buffer.WrittenMemory;
    }

    private static JsonObject Text(string description) => new() { ["description"] = description, ["type"] = "string" };

    private static JsonObject Reference(string definition, string description) =>
        new() { ["description"] = description, ["$ref"] = "#/definitions/" + definition };
}
