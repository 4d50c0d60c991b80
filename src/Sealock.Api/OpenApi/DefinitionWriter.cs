// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;

namespace Sealock.Api.OpenApi;

/// <summary>Writes a definition as OpenAPI v2 or v3 asks for it.</summary>
internal static class DefinitionWriter
{
    private const string Reference = "#/definitions/";
    private const string Quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    private const string IntOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
    private const string Kinds = "x-kubernetes-group-version-kind";

    /// <summary>
    /// Writes one definition; <paramref name="kind"/> is added where the text does not name its kind.
    /// </summary>
    public static void Write(
        Utf8JsonWriter writer, string name, ReadOnlyMemory<byte> text, GroupVersionKind? kind, bool v3)
    {
        using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 256 });
        var schema = document.RootElement;
        writer.WriteStartObject();
        if (v3 && name is Quantity or IntOrString)
            Union(writer, schema, name);
        else
            Members(writer, schema, v3);
        if (kind is { } k && !schema.TryGetProperty(Kinds, out _))
        {
            writer.WriteStartArray(Kinds);
            Write(writer, k);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes a kind's full name as an object.</summary>
    public static void Write(Utf8JsonWriter writer, GroupVersionKind kind)
    {
        writer.WriteStartObject();
        writer.WriteString("group", kind.Group);
        writer.WriteString("kind", kind.Kind);
        writer.WriteString("version", kind.Version);
        writer.WriteEndObject();
    }

    /// <summary>A reference in the words of the version.</summary>
    public static string Refer(string definition, bool v3) => (v3 ? "#/components/schemas/" : Reference) + definition;

    private static void Union(Utf8JsonWriter writer, JsonElement schema, string name)
    {
        if (schema.TryGetProperty("description", out var description))
            writer.WriteString("description", description.GetString());
        if (name == IntOrString)
            writer.WriteString("format", "int-or-string");
        writer.WriteStartArray("oneOf");
        foreach (var type in name == IntOrString ? ["integer", "string"] : new[] { "string", "number" })
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Schema(Utf8JsonWriter writer, JsonElement schema, bool v3)
    {
        writer.WriteStartObject();
        Members(writer, schema, v3);
        writer.WriteEndObject();
    }

    private static void Members(Utf8JsonWriter writer, JsonElement schema, bool v3)
    {
        // In v2 a client takes every field that is not listed for an error, so open objects are left without a type.
        var open = !v3 && IsTrue(schema, "x-kubernetes-preserve-unknown-fields");
        if (!v3 && IsTrue(schema, "x-kubernetes-int-or-string"))
        {
            writer.WriteString("type", "string");
            writer.WriteString("format", "int-or-string");
        }

        foreach (var member in schema.EnumerateObject())
        {
            switch (member.Name)
            {
                case "x-go-type" or "x-go-omitempty" or "x-go-protobuf":
                case "default" or "nullable" or "x-kubernetes-validations" when !v3:
                case "oneOf" or "anyOf" or "allOf" or "not" when !v3:
                case "type" or "properties" or "items" or "additionalProperties" or "required" when open:
                    break;
                case "$ref":
                    // Beside other members, v3 readers overlook a plain reference.
                    var target = member.Value.GetString()![Reference.Length..];
                    Link(writer, target, v3, alone: schema.GetPropertyCount() == 1);
                    break;
                case "properties":
                    writer.WriteStartObject(member.Name);
                    foreach (var property in member.Value.EnumerateObject())
                    {
                        writer.WritePropertyName(property.Name);
                        Schema(writer, property.Value, v3);
                    }

                    writer.WriteEndObject();
                    break;
                case "items" or "additionalProperties" when member.Value.ValueKind == JsonValueKind.Object:
                    writer.WritePropertyName(member.Name);
                    Schema(writer, member.Value, v3);
                    break;
                default:
                    member.WriteTo(writer);
                    break;
            }
        }
    }

    private static void Link(Utf8JsonWriter writer, string definition, bool v3, bool alone)
    {
        if (v3 && !alone)
        {
            writer.WriteStartArray("allOf");
            writer.WriteStartObject();
            writer.WriteString("$ref", Refer(definition, v3));
            writer.WriteEndObject();
            writer.WriteEndArray();
            return;
        }

        writer.WriteString("$ref", Refer(definition, v3));
    }

    private static bool IsTrue(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
