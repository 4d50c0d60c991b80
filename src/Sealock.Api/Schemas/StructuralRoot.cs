// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealock.Api.Schemas;

/// <summary>Completes the schema of a custom resource with the fields that every object has.</summary>
internal static class StructuralRoot
{
    public const string ObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    private const string KindText = "Kind is a string value representing the REST resource this object represents. Servers may "
        + "infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: "
        + "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";

    private const string ApiVersionText = "APIVersion defines the versioned schema of this representation of an object. Servers "
        + "should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: "
        + "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";

    /// <summary>The schema with apiVersion, kind and metadata as every object has them.</summary>
    public static ReadOnlyMemory<byte> Complete(ReadOnlyMemory<byte> text)
    {
        var root = JsonNode.Parse(text.Span, documentOptions: new JsonDocumentOptions { MaxDepth = 256 }) as JsonObject
            ?? throw new JsonException("a schema must be a JSON object");
        if (root["type"] is not JsonValue type || type.GetValueKind() != JsonValueKind.String || (string?)type != "object")
            throw new JsonException("the schema of a kind must have the type object");
        if (root["properties"] is not JsonObject properties)
            root["properties"] = properties = [];
        properties["apiVersion"] = new JsonObject { ["description"] = ApiVersionText, ["type"] = "string" };
        properties["kind"] = new JsonObject { ["description"] = KindText, ["type"] = "string" };
        properties["metadata"] = new JsonObject
        {
            ["description"] = "Standard object's metadata. More info: "
                + "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
            ["$ref"] = "#/definitions/" + ObjectMeta,
        };
        return System.Text.Encoding.UTF8.GetBytes(root.ToJsonString());
    }
}
