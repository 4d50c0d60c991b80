// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Schemas;

namespace Sealock.Api.Protobuf;

/// <summary>
/// Reads the message of a Kubernetes kind into the object that JSON would have brought, by the field numbers in its
/// schema. Fields that the schema does not know are passed over; empty fields, which Kubernetes' encoders always write,
/// are left for <see cref="ObjectDecoding"/> to drop.
/// </summary>
internal sealed class ProtobufDecoder
{
    private const int MaxDepth = 100;
    private const string KeyName = "key";

    private int _values = JsonLimits.Default.MaxValues;
    private int _depth;

    private ProtobufDecoder()
    {
    }

    /// <summary>Adds a message's fields to <paramref name="target"/>.</summary>
    /// <exception cref="MalformedObjectException">It cannot be read, or it exceeds a limit.</exception>
    public static void Decode(ReadOnlySpan<byte> message, SchemaNode schema, JsonObject target) =>
        new ProtobufDecoder().Message(message, schema.Wire, target);

    private void Message(ReadOnlySpan<byte> message, WireTable? table, JsonObject target)
    {
        if (++_depth > MaxDepth)
            throw new MalformedObjectException($"the object is nested deeper than {MaxDepth} levels");
        var reader = new WireReader(message);
        while (reader.Next())
        {
            switch (table?.Find(reader.Field))
            {
                case { Field: { } field }:
                    Count();
                    Field(ref reader, field, target);
                    break;
                case { Embedded: { } embedded }:
                    reader.Expect(WireType.Bytes, "embedded");
                    Message(reader.Bytes(), embedded, target);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        _depth--;
    }

    private void Field(ref WireReader reader, SchemaField field, JsonObject target)
    {
        var present = target[field.Name];
        switch (field.Schema.Type)
        {
            case SchemaType.Array:
                if (present is not JsonArray list)
                    target[field.Name] = list = [];
                Items(ref reader, field.Name, field.Schema.Items!, list);
                break;
            case SchemaType.Map:
                if (present is not JsonObject map)
                    target[field.Name] = map = [];
                reader.Expect(WireType.Bytes, field.Name);
                Entry(reader.Bytes(), field.Name, field.Schema.Values!, map);
                break;
            case SchemaType.Object when present is JsonObject earlier:
                // A message that comes in several parts is their union.
                reader.Expect(WireType.Bytes, field.Name);
                Message(reader.Bytes(), field.Schema.Wire, earlier);
                break;
            default:
                target[field.Name] = Value(ref reader, field.Name, field.Schema);
                break;
        }
    }

    private void Items(ref WireReader reader, string name, SchemaNode schema, JsonArray list)
    {
        if (schema.Type != SchemaType.Integer || reader.Type != WireType.Bytes)
        {
            list.Add(Value(ref reader, name, schema));
            return;
        }

        // Numbers may also come packed.
        var packed = new WireReader(reader.Bytes());
        while (!packed.IsAtEnd)
        {
            Count();
            list.Add((JsonNode)Whole(packed.Varint(), schema));
        }
    }

    private void Entry(ReadOnlySpan<byte> entry, string name, SchemaNode schema, JsonObject map)
    {
        var key = "";
        JsonNode? value = null;
        var reader = new WireReader(entry);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    reader.Expect(WireType.Bytes, KeyName);
                    key = reader.Text();
                    break;
                case 2:
                    value = schema.Type == SchemaType.Array
                        ? Wrapped(ref reader, name, schema.Items!)
                        : Value(ref reader, name, schema);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        map[key] = value;
    }

    /// <summary>A list that is a map's value: a message with the list as its field 1.</summary>
    private JsonArray Wrapped(ref WireReader reader, string name, SchemaNode items)
    {
        reader.Expect(WireType.Bytes, name);
        var list = new JsonArray();
        var message = new WireReader(reader.Bytes());
        while (message.Next())
        {
            if (message.Field != 1)
            {
                message.Skip();
                continue;
            }

            Count();
            Items(ref message, name, items, list);
        }

        return list;
    }

    private JsonNode? Value(ref WireReader reader, string name, SchemaNode schema)
    {
        if (schema.Type is SchemaType.Boolean or SchemaType.Integer)
        {
            reader.Expect(WireType.Varint, name);
            var number = reader.Varint();
            return schema.Type == SchemaType.Boolean ? JsonValue.Create(number != 0) : Whole(number, schema);
        }

        reader.Expect(WireType.Bytes, name);
        switch (schema.Type)
        {
            case SchemaType.Object:
                var value = new JsonObject();
                Message(reader.Bytes(), schema.Wire, value);
                return value;
            case SchemaType.String when schema.Format == SchemaFormat.Bytes:
                return JsonValue.Create(Convert.ToBase64String(reader.Bytes()));
            case SchemaType.String when schema.Format is SchemaFormat.Time or SchemaFormat.MicroTime:
                return WireScalars.Time(reader.Bytes(), schema.Format == SchemaFormat.MicroTime);
            case SchemaType.String:
                return JsonValue.Create(reader.Text());
            case SchemaType.IntOrString:
                return WireScalars.IntOrString(reader.Bytes());
            case SchemaType.Quantity:
                return WireScalars.Quantity(reader.Bytes());
            case SchemaType.Any:
                return Json(reader.Bytes());
            default:
                throw new MalformedObjectException($"proto: field {name} has no protobuf form");
        }
    }

    /// <summary>A message that carries JSON in its field 1 (FieldsV1).</summary>
    private JsonNode? Json(ReadOnlySpan<byte> message)
    {
        JsonNode? value = null;
        var reader = new WireReader(message);
        while (reader.Next())
        {
            if (reader.Field != 1)
            {
                reader.Skip();
                continue;
            }

            reader.Expect(WireType.Bytes, "Raw");
            var raw = reader.Bytes();
            value = raw.IsEmpty ? null : JsonReading.ReadValue(raw, JsonLimits.Default with { MaxValues = _values });
            Count(Values(value));
        }

        return value;
    }

    private static int Values(JsonNode? value) => value switch
    {
        JsonObject o => 1 + o.Sum(field => Values(field.Value)),
        JsonArray list => 1 + list.Sum(Values),
        _ => 1,
    };

    private static JsonValue Whole(ulong number, SchemaNode schema) =>
        JsonValue.Create(schema.Format == SchemaFormat.Int32 ? (int)number : (long)number);

    private void Count(int values = 1)
    {
        if ((_values -= values) < 0)
            throw new MalformedObjectException("the object has too many values");
    }
}
