// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealock.Api.Schemas;

/// <summary>
/// Makes a <see cref="JsonObject"/> what decoding into Kubernetes' Go types and encoding again would make it: unknown
/// fields go, null is absent, so are empty values where Go leaves them out, times and base64 take their normal form,
/// and a value of the wrong type is refused with the message of Kubernetes' decoder (encoding/json).
/// </summary>
public static class ObjectDecoding
{
    private const int MaxReported = 100;

    /// <summary>Checks and prunes in place. Doing so again changes nothing.</summary>
    /// <returns>The paths of the unknown fields that were dropped, at most 100.</returns>
    /// <exception cref="MalformedObjectException">
    /// A value has the wrong type or cannot be read. In the parts that a structural schema describes a wrong type is
    /// left for <see cref="StructuralValidation"/>.
    /// </exception>
    public static IReadOnlyList<string> Decode(JsonObject value, SchemaNode schema)
    {
        var walk = new Walk();
        walk.Visit(value, schema, "");
        return walk.Unknown;
    }

    private sealed class Walk
    {
        private readonly FieldPath _path = new();
        private readonly Stack<string> _names = new();

        public List<string> Unknown { get; } = [];

        /// <summary>Checks one value that is not null; answers what stands in its place.</summary>
        public JsonNode? Visit(JsonNode value, SchemaNode schema, string owner)
        {
            switch (schema.Type)
            {
                case SchemaType.Object:
                    return value is JsonObject o
                        ? Fields(o, schema, schema.ShortName ?? owner)
                        : Wrong(value, schema, owner);
                case SchemaType.Map:
                    return value is JsonObject map ? Entries(map, schema, owner) : Wrong(value, schema, owner);
                case SchemaType.Array:
                    return value is JsonArray list ? Items(list, schema, owner) : Wrong(value, schema, owner);
                case SchemaType.Any:
                    return value;
                default:
                    return schema.IsStructural ? value : Scalar(value, schema, owner);
            }
        }

        private JsonObject Fields(JsonObject value, SchemaNode schema, string owner)
        {
            List<string>? drop = null;
            List<(string Name, JsonNode? Value)>? replace = null;
            foreach (var (name, field) in value)
            {
                _path.Enter(name);
                if (!schema.Fields.TryGetValue(name, out var known))
                {
                    if (!schema.PreservesUnknownFields)
                    {
                        Report();
                        (drop ??= []).Add(name);
                    }
                }
                else if (field is null)
                {
                    if (!known.Schema.IsNullable)
                        (drop ??= []).Add(name);
                }
                else
                {
                    _names.Push(name);
                    var result = Visit(field, known.Schema, owner);
                    _names.Pop();
                    if (known.OmitsEmpty && IsEmpty(result))
                        (drop ??= []).Add(name);
                    else if (!ReferenceEquals(result, field))
                        (replace ??= []).Add((name, result));
                }

                _path.Leave();
            }

            Apply(value, drop, replace);
            return value;
        }

        private JsonObject Entries(JsonObject value, SchemaNode schema, string owner)
        {
            List<(string Name, JsonNode? Value)>? replace = null;
            foreach (var (name, entry) in value)
            {
                _path.Enter(name);
                var result = entry is null ? Zero(schema.Values!) : Visit(entry, schema.Values!, owner);
                if (!ReferenceEquals(result, entry))
                    (replace ??= []).Add((name, result));
                _path.Leave();
            }

            Apply(value, null, replace);
            return value;
        }

        private JsonArray Items(JsonArray value, SchemaNode schema, string owner)
        {
            for (var i = 0; i < value.Count; i++)
            {
                _path.Enter(i);
                var item = value[i];
                var result = item is null ? Zero(schema.Items!) : Visit(item, schema.Items!, owner);
                if (!ReferenceEquals(result, item))
                    value[i] = result;
                _path.Leave();
            }

            return value;
        }

        private static void Apply(JsonObject value, List<string>? drop, List<(string Name, JsonNode? Value)>? replace)
        {
            foreach (var name in drop ?? [])
                value.Remove(name);
            foreach (var (name, result) in replace ?? [])
                value[name] = result;
        }

        private void Report()
        {
            if (Unknown.Count < MaxReported)
                Unknown.Add(_path.ToString());
        }

        private static bool IsEmpty(JsonNode? value) => value switch
        {
            JsonObject o => o.Count == 0,
            JsonArray list => list.Count == 0,
            JsonValue v => v.GetValueKind() switch
            {
                JsonValueKind.String => v.GetValue<string>().Length == 0,
                JsonValueKind.Number => JsonNumber.Raw(v) == "0",
                JsonValueKind.False => true,
                _ => false,
            },
            _ => false,
        };

        // Go decodes null in a list or a map as the type's zero value.
        private static JsonNode? Zero(SchemaNode schema) => schema.IsStructural || schema.Type == SchemaType.Any
            ? null
            : schema.Type switch
            {
                SchemaType.Object or SchemaType.Map => new JsonObject(),
                SchemaType.Array => new JsonArray(),
                SchemaType.Boolean => JsonValue.Create(false),
                SchemaType.Integer or SchemaType.Number or SchemaType.IntOrString => JsonValue.Create(0L),
                SchemaType.Quantity => JsonValue.Create("0"),
                _ => JsonValue.Create(""),
            };

        private JsonNode Scalar(JsonNode value, SchemaNode schema, string owner)
        {
            var kind = value.GetValueKind();
            return (schema.Type, kind) switch
            {
                (SchemaType.IntOrString, _) => IntOrString(value),
                (SchemaType.Quantity, _) => Quantities.Normalize(value),
                (SchemaType.String, JsonValueKind.String) => Text((JsonValue)value, schema.Format),
                (SchemaType.String, _) when schema.Format is SchemaFormat.Time or SchemaFormat.MicroTime =>
                    throw Opaque(value, "string"),
                (SchemaType.Boolean, JsonValueKind.True or JsonValueKind.False) => value,
                (SchemaType.Integer, JsonValueKind.Number) => Whole((JsonValue)value, schema, owner),
                (SchemaType.Number, JsonValueKind.Number) => value,
                _ => Wrong(value, schema, owner),
            };
        }

        private static JsonValue Text(JsonValue value, SchemaFormat format) => format switch
        {
            SchemaFormat.Bytes => GoBase64.Normalize(value),
            SchemaFormat.Time or SchemaFormat.MicroTime => GoTime.Normalize(value, format == SchemaFormat.MicroTime),
            _ => value,
        };

        private JsonValue Whole(JsonValue value, SchemaNode schema, string owner)
        {
            var raw = JsonNumber.Raw(value);
            var fits = schema.Format == SchemaFormat.Int32
                ? int.TryParse(raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
                : long.TryParse(raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
            return fits ? value : throw Mismatch("number " + raw, schema, owner);
        }

        private static JsonNode IntOrString(JsonNode value)
        {
            if (value.GetValueKind() == JsonValueKind.String)
                return value;
            if (value.GetValueKind() != JsonValueKind.Number)
                throw Opaque(value, "int32");
            var raw = JsonNumber.Raw((JsonValue)value);
            return int.TryParse(raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
                ? value
                : throw new MalformedObjectException(
                    $"json: cannot unmarshal number {raw} into Go value of type int32");
        }

        // Types with a decoder of their own do not know the field they stand in.
        private static MalformedObjectException Opaque(JsonNode value, string type) =>
            new($"json: cannot unmarshal {Word(value)} into Go value of type {type}");

        private JsonNode Wrong(JsonNode value, SchemaNode schema, string owner) => schema.IsStructural
            ? value
            : throw Mismatch(Word(value), schema, owner);

        private MalformedObjectException Mismatch(string what, SchemaNode schema, string owner)
        {
            var where = _names.Count == 0
                ? "value"
                : $"struct field {owner}.{string.Join('.', _names.Reverse())}";
            return new($"json: cannot unmarshal {what} into Go {where} of type {schema.GoType}");
        }

        private static string Word(JsonNode value) => value.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.Number => "number",
            JsonValueKind.True or JsonValueKind.False => "bool",
            JsonValueKind.Array => "array",
            _ => "object",
        };
    }
}
