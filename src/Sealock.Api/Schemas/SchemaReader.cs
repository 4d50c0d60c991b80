// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using Sealock.Api.Protobuf;

namespace Sealock.Api.Schemas;

/// <summary>Compiles a schema's JSON (Kubernetes' published definitions, or a structural openAPIV3Schema).</summary>
internal sealed class SchemaReader(Func<string, SchemaNode> resolve, bool structural)
{
    private const string ReferencePrefix = "#/definitions/";
    private const string QuantityDefinition = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    private const string MicroTimeDefinition = "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime";

    /// <summary>
    /// Fills <paramref name="node"/>, which may already be referred to (a definition that contains itself).
    /// </summary>
    public void Fill(SchemaNode node, JsonElement schema)
    {
        node.IsStructural = structural;
        node.PreservesUnknownFields = Flag(schema, "x-kubernetes-preserve-unknown-fields");
        node.IsEmbeddedResource = Flag(schema, "x-kubernetes-embedded-resource");
        node.IsNullable = Flag(schema, "nullable");
        node.IsAtomicMap = Text(schema, "x-kubernetes-map-type") == "atomic";
        node.ListMapKeys = Texts(schema, "x-kubernetes-list-map-keys");
        node.ListType = Text(schema, "x-kubernetes-list-type") switch
        {
            "map" => SchemaListType.Map,
            "set" => SchemaListType.Set,
            _ => SchemaListType.Atomic,
        };
        node.Required = Texts(schema, "required");
        if (structural)
            node.Bounds = BoundsReader.Read(schema);
        if (schema.TryGetProperty("enum", out var values))
        {
            node.Enum = [.. values.EnumerateArray().Select(v => v.GetRawText())];
            if (structural && values.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String))
                node.EnumTexts = values.EnumerateArray().Select(v => v.GetString()!).ToHashSet(StringComparer.Ordinal);
        }

        FillType(node, schema);
        node.GoType = Text(schema, "x-go-type") ?? GoTypeOf(node);
    }

    private SchemaNode Child(JsonElement schema)
    {
        if (Text(schema, "$ref") is { } reference)
            return resolve(reference[ReferencePrefix.Length..]);
        var node = new SchemaNode(null);
        Fill(node, schema);
        return node;
    }

    private void FillType(SchemaNode node, JsonElement schema)
    {
        var format = Text(schema, "format");
        if (Flag(schema, "x-kubernetes-int-or-string") || format == "int-or-string")
        {
            node.Type = SchemaType.IntOrString;
            return;
        }

        switch (Text(schema, "type"))
        {
            case "object":
                FillObject(node, schema);
                break;
            case "array":
                node.Type = SchemaType.Array;
                node.Items = schema.TryGetProperty("items", out var items) ? Child(items) : new SchemaNode(null);
                node.HasDefaults = node.Items.HasDefaults;
                break;
            case "string":
                node.Type = node.Definition == QuantityDefinition ? SchemaType.Quantity : SchemaType.String;
                node.Format = format switch
                {
                    "byte" => SchemaFormat.Bytes,
                    "date-time" when node.Definition == MicroTimeDefinition => SchemaFormat.MicroTime,
                    "date-time" => SchemaFormat.Time,
                    _ => SchemaFormat.None,
                };
                break;
            case "integer":
                node.Type = SchemaType.Integer;
                node.Format = format == "int32" ? SchemaFormat.Int32 : SchemaFormat.Int64;
                break;
            case "number":
                node.Type = SchemaType.Number;
                break;
            case "boolean":
                node.Type = SchemaType.Boolean;
                break;
            default:
                node.Type = SchemaType.Any;
                break;
        }
    }

    private void FillObject(SchemaNode node, JsonElement schema)
    {
        if (schema.TryGetProperty("additionalProperties", out var values))
        {
            node.Type = SchemaType.Map;
            node.Values = values.ValueKind == JsonValueKind.Object ? Child(values) : new SchemaNode(null);
            node.HasDefaults = node.Values.HasDefaults;
            return;
        }

        // A published definition without properties is free-form (FieldsV1, RawExtension); a structural one is empty.
        if (!schema.TryGetProperty("properties", out var properties) && !structural)
        {
            node.Type = SchemaType.Any;
            return;
        }

        node.Type = SchemaType.Object;
        if (properties.ValueKind != JsonValueKind.Object)
            return;
        var fields = new Dictionary<string, SchemaField>(StringComparer.Ordinal);
        node.Fields = fields;
        foreach (var property in properties.EnumerateObject())
        {
            var field = Field(property.Name, property.Value);
            fields.Add(property.Name, field);
            node.HasDefaults |= field.Default is not null || field.Schema.HasDefaults;
        }

        node.Wire = WireTable.Build(Numbered(properties, fields));
    }

    private static IEnumerable<(SchemaField Field, int[] Path)> Numbered(
        JsonElement properties, Dictionary<string, SchemaField> fields)
    {
        foreach (var property in properties.EnumerateObject())
        {
            if (Text(property.Value, "x-go-protobuf") is { } path)
            {
                yield return (
                    fields[property.Name],
                    [.. path.Split('.').Select(number => int.Parse(number, CultureInfo.InvariantCulture))]);
            }
        }
    }

    private SchemaField Field(string name, JsonElement schema) => new(name, Child(schema))
    {
        Default = schema.TryGetProperty("default", out var value) ? value.GetRawText() : null,
        PatchStrategy = Text(schema, "x-kubernetes-patch-strategy"),
        PatchMergeKey = Text(schema, "x-kubernetes-patch-merge-key"),
        OmitsEmpty = Flag(schema, "x-go-omitempty"),
    };

    private static string GoTypeOf(SchemaNode node)
    {
        if (node.Definition is { } definition)
        {
            var kind = definition.LastIndexOf('.');
            var package = kind <= 0 ? -1 : definition.LastIndexOf('.', kind - 1);
            return definition[(package + 1)..];
        }

        return node.Type switch
        {
            SchemaType.String => node.Format == SchemaFormat.Bytes ? "[]uint8" : "string",
            SchemaType.Boolean => "bool",
            SchemaType.Integer => node.Format == SchemaFormat.Int32 ? "int32" : "int64",
            SchemaType.Number => "float64",
            SchemaType.Array => "[]" + node.Items!.GoType,
            SchemaType.Map => "map[string]" + node.Values!.GoType,
            _ => "interface {}",
        };
    }

    private static bool Flag(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static string? Text(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static string[] Texts(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(v => v.GetString()!)]
            : [];
}

file static class BoundsReader
{
    public static SchemaBounds? Read(JsonElement schema)
    {
        var bounds = new SchemaBounds
        {
            Minimum = Number(schema, "minimum"),
            Maximum = Number(schema, "maximum"),
            ExclusiveMinimum = Flag(schema, "exclusiveMinimum"),
            ExclusiveMaximum = Flag(schema, "exclusiveMaximum"),
            MinLength = Count(schema, "minLength"),
            MaxLength = Count(schema, "maxLength"),
            MinItems = Count(schema, "minItems"),
            MaxItems = Count(schema, "maxItems"),
            MinProperties = Count(schema, "minProperties"),
            MaxProperties = Count(schema, "maxProperties"),
            Pattern = schema.TryGetProperty("pattern", out var pattern) ? pattern.GetString() : null,
        };
        return bounds == new SchemaBounds() ? null : bounds;
    }

    private static bool Flag(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static double? Number(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value) ? value.GetDouble() : null;

    private static int? Count(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value) ? value.GetInt32() : null;
}
