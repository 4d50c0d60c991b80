// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;

namespace Sealock.Api.OpenApi;

/// <summary>
/// Encodes the parts of an OpenAPI v2 document as gnostic's messages (openapi.v2, OpenAPIv2.proto): the form that
/// kubectl reads. Extensions and other free values travel as YAML texts, for which JSON serves.
/// </summary>
internal static class GnosticEncoder
{
    /// <summary>A <c>NamedSchema</c> in a field of the message that is open.</summary>
    public static void NamedSchema(ProtobufWriter writer, int field, string name, JsonElement schema)
    {
        var named = writer.Open(field);
        writer.String(1, name);
        Schema(writer, 2, schema);
        writer.Close(named);
    }

    /// <summary>A <c>NamedPathItem</c> in a field of the message that is open.</summary>
    public static void NamedPathItem(ProtobufWriter writer, int field, string name, JsonElement item)
    {
        var named = writer.Open(field);
        writer.String(1, name);
        var value = writer.Open(2);
        foreach (var member in item.EnumerateObject())
        {
            switch (member.Name)
            {
                case "get":
                    Operation(writer, 2, member.Value);
                    break;
                case "put":
                    Operation(writer, 3, member.Value);
                    break;
                case "post":
                    Operation(writer, 4, member.Value);
                    break;
                case "delete":
                    Operation(writer, 5, member.Value);
                    break;
                case "patch":
                    Operation(writer, 8, member.Value);
                    break;
                case "parameters":
                    foreach (var parameter in member.Value.EnumerateArray())
                        Parameter(writer, 9, parameter);
                    break;
            }
        }

        writer.Close(value);
        writer.Close(named);
    }

    private static void Schema(ProtobufWriter writer, int field, JsonElement schema)
    {
        var message = writer.Open(field);
        foreach (var member in schema.EnumerateObject())
            SchemaMember(writer, member.Name, member.Value);
        writer.Close(message);
    }

    private static void SchemaMember(ProtobufWriter writer, string name, JsonElement value)
    {
        switch (name)
        {
            case "$ref":
                writer.String(1, value.GetString()!);
                break;
            case "format":
                writer.String(2, value.GetString()!);
                break;
            case "title":
                writer.String(3, value.GetString()!);
                break;
            case "description":
                writer.String(4, value.GetString()!);
                break;
            case "maximum":
                writer.Double(7, value.GetDouble());
                break;
            case "exclusiveMaximum":
                writer.Boolean(8, value.GetBoolean());
                break;
            case "minimum":
                writer.Double(9, value.GetDouble());
                break;
            case "exclusiveMinimum":
                writer.Boolean(10, value.GetBoolean());
                break;
            case "maxLength":
                writer.Integer(11, value.GetInt64());
                break;
            case "minLength":
                writer.Integer(12, value.GetInt64());
                break;
            case "pattern":
                writer.String(13, value.GetString()!);
                break;
            case "maxItems":
                writer.Integer(14, value.GetInt64());
                break;
            case "minItems":
                writer.Integer(15, value.GetInt64());
                break;
            case "uniqueItems":
                writer.Boolean(16, value.GetBoolean());
                break;
            case "maxProperties":
                writer.Integer(17, value.GetInt64());
                break;
            case "minProperties":
                writer.Integer(18, value.GetInt64());
                break;
            case "required":
                Strings(writer, 19, value);
                break;
            case "enum":
                foreach (var allowed in value.EnumerateArray())
                    Any(writer, 20, allowed);
                break;
            case "additionalProperties":
                AdditionalProperties(writer, value);
                break;
            case "type":
                var type = writer.Open(22);
                writer.String(1, value.GetString()!);
                writer.Close(type);
                break;
            case "items":
                var items = writer.Open(23);
                Schema(writer, 1, value);
                writer.Close(items);
                break;
            case "properties":
                var properties = writer.Open(25);
                foreach (var property in value.EnumerateObject())
                    NamedSchema(writer, 1, property.Name, property.Value);
                writer.Close(properties);
                break;
            default:
                if (name.StartsWith("x-", StringComparison.Ordinal))
                    Extension(writer, 31, name, value);
                break;
        }
    }

    private static void AdditionalProperties(ProtobufWriter writer, JsonElement value)
    {
        var item = writer.Open(21);
        if (value.ValueKind == JsonValueKind.Object)
            Schema(writer, 1, value);
        else
            writer.Integer(2, value.GetBoolean() ? 1 : 0);
        writer.Close(item);
    }

    private static void Operation(ProtobufWriter writer, int field, JsonElement operation)
    {
        var message = writer.Open(field);
        foreach (var member in operation.EnumerateObject())
        {
            switch (member.Name)
            {
                case "tags":
                    Strings(writer, 1, member.Value);
                    break;
                case "description":
                    writer.String(3, member.Value.GetString()!);
                    break;
                case "operationId":
                    writer.String(5, member.Value.GetString()!);
                    break;
                case "produces":
                    Strings(writer, 6, member.Value);
                    break;
                case "consumes":
                    Strings(writer, 7, member.Value);
                    break;
                case "parameters":
                    foreach (var parameter in member.Value.EnumerateArray())
                        Parameter(writer, 8, parameter);
                    break;
                case "responses":
                    Responses(writer, member.Value);
                    break;
                case "schemes":
                    Strings(writer, 10, member.Value);
                    break;
                default:
                    Extension(writer, 13, member.Name, member.Value);
                    break;
            }
        }

        writer.Close(message);
    }

    // ParametersItem.parameter -> Parameter.{body_parameter | non_body_parameter.{query | path}}
    private static void Parameter(ProtobufWriter writer, int field, JsonElement parameter)
    {
        var item = writer.Open(field);
        var outer = writer.Open(1);
        switch (parameter.GetProperty("in").GetString())
        {
            case "body":
                var body = writer.Open(1);
                writer.String(2, parameter.GetProperty("name").GetString()!);
                writer.String(3, "body");
                writer.Boolean(4, parameter.TryGetProperty("required", out var required) && required.GetBoolean());
                Schema(writer, 5, parameter.GetProperty("schema"));
                writer.Close(body);
                break;
            case "query":
                Primitive(writer, parameter, oneof: 3, required: false, type: 6, unique: 16);
                break;
            default:
                Primitive(writer, parameter, oneof: 4, required: true, type: 5, unique: 15);
                break;
        }

        writer.Close(outer);
        writer.Close(item);
    }

    private static void Primitive(
        ProtobufWriter writer, JsonElement parameter, int oneof, bool required, int type, int unique)
    {
        var nonBody = writer.Open(2);
        var message = writer.Open(oneof);
        writer.Boolean(1, required);
        writer.String(2, parameter.GetProperty("in").GetString()!);
        writer.String(3, parameter.GetProperty("description").GetString()!);
        writer.String(4, parameter.GetProperty("name").GetString()!);
        writer.String(type, parameter.GetProperty("type").GetString()!);
        writer.Boolean(unique, true);
        writer.Close(message);
        writer.Close(nonBody);
    }

    private static void Responses(ProtobufWriter writer, JsonElement responses)
    {
        var message = writer.Open(9);
        foreach (var response in responses.EnumerateObject())
        {
            var named = writer.Open(1);
            writer.String(1, response.Name);
            var value = writer.Open(2);
            var body = writer.Open(1);
            writer.String(1, response.Value.GetProperty("description").GetString()!);
            if (response.Value.TryGetProperty("schema", out var schema))
            {
                var item = writer.Open(2);
                Schema(writer, 1, schema);
                writer.Close(item);
            }

            writer.Close(body);
            writer.Close(value);
            writer.Close(named);
        }

        writer.Close(message);
    }

    private static void Extension(ProtobufWriter writer, int field, string name, JsonElement value)
    {
        var named = writer.Open(field);
        writer.String(1, name);
        Any(writer, 2, value);
        writer.Close(named);
    }

    private static void Any(ProtobufWriter writer, int field, JsonElement value)
    {
        var any = writer.Open(field);
        writer.String(2, value.GetRawText());
        writer.Close(any);
    }

    private static void Strings(ProtobufWriter writer, int field, JsonElement values)
    {
        foreach (var value in values.EnumerateArray())
            writer.String(field, value.GetString()!);
    }
}
