// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;

namespace Sealock.Api.OpenApi;

/// <summary>Writes a path with its operations as OpenAPI v2 or v3 asks for it.</summary>
internal static class OperationWriter
{
    private static readonly string[] Produces = ["application/json", "application/yaml"];
    private static readonly string[] WatchProduces = [.. Produces, "application/json;stream=watch"];

    /// <summary>Writes the path's item, without its name.</summary>
    public static void Write(Utf8JsonWriter writer, ApiPath path, bool v3)
    {
        writer.WriteStartObject();
        foreach (var operation in path.Operations)
        {
            writer.WriteStartObject(operation.Method);
            writer.WriteStartArray("tags");
            writer.WriteStringValue(operation.Tag);
            writer.WriteEndArray();
            writer.WriteString("description", operation.Description);
            writer.WriteString("operationId", operation.Id);
            var produces = operation.Action == "list" ? WatchProduces : Produces;
            if (v3)
                Body3(writer, operation, produces);
            else
                Body2(writer, operation, produces);
            writer.WriteString("x-kubernetes-action", operation.Action);
            writer.WritePropertyName("x-kubernetes-group-version-kind");
            DefinitionWriter.Write(writer, operation.Kind);
            writer.WriteEndObject();
        }

        writer.WriteStartArray("parameters");
        if (path.HasName)
            Parameter(writer, ApiParameter.ObjectName, "path", v3);
        if (path.HasNamespace)
            Parameter(writer, ApiParameter.Namespace, "path", v3);
        Parameter(writer, ApiParameter.Pretty, "query", v3);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Body2(Utf8JsonWriter writer, ApiOperation operation, string[] produces)
    {
        Strings(writer, "produces", produces);
        Strings(writer, "consumes", operation.Consumes);
        if (operation.Request is not null || operation.Query.Count > 0)
        {
            writer.WriteStartArray("parameters");
            if (operation.Request is not null)
                BodyParameter(writer, operation);
            foreach (var parameter in operation.Query)
                Parameter(writer, parameter, "query", v3: false);
            writer.WriteEndArray();
        }

        writer.WriteStartObject("responses");
        foreach (var (code, text) in operation.Successes)
        {
            writer.WriteStartObject(code);
            writer.WriteString("description", text);
            Reference(writer, operation.Response, v3: false);
            writer.WriteEndObject();
        }

        Unauthorized(writer);
        writer.WriteEndObject();
        Strings(writer, "schemes", ["https"]);
    }

    private static void Body3(Utf8JsonWriter writer, ApiOperation operation, string[] produces)
    {
        if (operation.Query.Count > 0)
        {
            writer.WriteStartArray("parameters");
            foreach (var parameter in operation.Query)
                Parameter(writer, parameter, "query", v3: true);
            writer.WriteEndArray();
        }

        if (operation.Request is not null)
        {
            writer.WriteStartObject("requestBody");
            Content(writer, operation.Consumes, operation.Request);
            if (operation.RequestRequired)
                writer.WriteBoolean("required", true);
            writer.WriteEndObject();
        }

        writer.WriteStartObject("responses");
        foreach (var (code, text) in operation.Successes)
        {
            writer.WriteStartObject(code);
            writer.WriteString("description", text);
            Content(writer, produces, operation.Response);
            writer.WriteEndObject();
        }

        Unauthorized(writer);
        writer.WriteEndObject();
    }

    private static void BodyParameter(Utf8JsonWriter writer, ApiOperation operation)
    {
        writer.WriteStartObject();
        writer.WriteString("name", "body");
        writer.WriteString("in", "body");
        if (operation.RequestRequired)
            writer.WriteBoolean("required", true);
        Reference(writer, operation.Request!, v3: false);
        writer.WriteEndObject();
    }

    private static void Parameter(Utf8JsonWriter writer, ApiParameter parameter, string place, bool v3)
    {
        writer.WriteStartObject();
        writer.WriteString("name", parameter.Name);
        writer.WriteString("in", place);
        writer.WriteString("description", parameter.Description);
        if (place == "path")
            writer.WriteBoolean("required", true);
        if (v3)
            writer.WriteStartObject("schema");
        writer.WriteString("type", parameter.Type);
        writer.WriteBoolean("uniqueItems", true);
        if (v3)
            writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Content(Utf8JsonWriter writer, IEnumerable<string> mediaTypes, string definition)
    {
        writer.WriteStartObject("content");
        foreach (var mediaType in mediaTypes)
        {
            writer.WriteStartObject(mediaType);
            Reference(writer, definition, v3: true);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void Reference(Utf8JsonWriter writer, string definition, bool v3)
    {
        writer.WriteStartObject("schema");
        writer.WriteString("$ref", DefinitionWriter.Refer(definition, v3));
        writer.WriteEndObject();
    }

    private static void Unauthorized(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("401");
        writer.WriteString("description", "Unauthorized");
        writer.WriteEndObject();
    }

    private static void Strings(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }
}
