// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Schemas;

namespace Sealock.Tests.Protobuf;

/// <summary>
/// The reverse of the decoder, for objects that have a schema. Fields come in the reverse order of the object's, and
/// one that nobody knows comes between them.
/// </summary>
internal static class ProtobufEncoder
{
    /// <summary>The object with its envelope.</summary>
    public static byte[] Encode(JsonObject value, SchemaNode schema)
    {
        var type = new List<byte>();
        Bytes(type, 1, Encoding.UTF8.GetBytes(value["apiVersion"]?.ToString() ?? ""));
        Bytes(type, 2, Encoding.UTF8.GetBytes(value["kind"]?.ToString() ?? ""));
        List<byte> body = [.. "k8s\0"u8];
        Bytes(body, 1, type);
        Bytes(body, 2, Message(value, schema));
        Bytes(body, 3, []);
        Bytes(body, 4, []);
        return [.. body];
    }

    private static List<byte> Message(JsonObject value, SchemaNode schema)
    {
        var definition = JsonNode.Parse(SchemaCatalog.Kubernetes.Text(schema.Definition!).Span)!;
        var output = new List<byte>();
        foreach (var (name, field) in value.Reverse())
        {
            if (definition["properties"]![name]!["x-go-protobuf"]?.ToString() is not { } path || field is null)
                continue;
            var numbers = Array.ConvertAll(path.Split('.'), n => int.Parse(n, CultureInfo.InvariantCulture));
            var part = new List<byte>();
            Field(part, numbers[^1], field, schema.Fields[name].Schema);
            foreach (var outer in numbers[..^1].Reverse())
            {
                var around = new List<byte>();
                Bytes(around, outer, part);
                part = around;
            }

            output.AddRange(part);
            Varint(output, (19_999 << 3) | 2);
            Varint(output, 1);
            output.Add(0xff);
        }

        return output;
    }

    private static void Field(List<byte> output, int number, JsonNode value, SchemaNode schema)
    {
        switch (schema.Type)
        {
            case SchemaType.Array:
                foreach (var item in value.AsArray())
                    Value(output, number, item!, schema.Items!);
                break;
            case SchemaType.Map:
                foreach (var (key, item) in value.AsObject())
                {
                    var entry = new List<byte>();
                    Bytes(entry, 1, Encoding.UTF8.GetBytes(key));
                    if (schema.Values!.Type == SchemaType.Array)
                    {
                        var list = new List<byte>();
                        Field(list, 1, item!, schema.Values);
                        Bytes(entry, 2, list);
                    }
                    else
                    {
                        Value(entry, 2, item!, schema.Values);
                    }

                    Bytes(output, number, entry);
                }

                break;
            default:
                Value(output, number, value, schema);
                break;
        }
    }

    private static void Value(List<byte> output, int number, JsonNode value, SchemaNode schema)
    {
        switch (schema.Type)
        {
            case SchemaType.Integer:
                Number(output, number, value.GetValue<long>());
                break;
            case SchemaType.Boolean:
                Number(output, number, value.GetValue<bool>() ? 1 : 0);
                break;
            case SchemaType.String when schema.Format == SchemaFormat.Bytes:
                Bytes(output, number, Convert.FromBase64String(value.ToString()));
                break;
            case SchemaType.String when schema.Format is SchemaFormat.Time or SchemaFormat.MicroTime:
                Bytes(output, number, Time(DateTimeOffset.Parse(value.ToString(), CultureInfo.InvariantCulture)));
                break;
            case SchemaType.String:
                Bytes(output, number, Encoding.UTF8.GetBytes(value.ToString()));
                break;
            default:
                Bytes(output, number, Inner(value, schema));
                break;
        }
    }

    private static List<byte> Inner(JsonNode value, SchemaNode schema)
    {
        var message = new List<byte>();
        switch (schema.Type)
        {
            case SchemaType.Object:
                return Message(value.AsObject(), schema);
            case SchemaType.Quantity:
                Bytes(message, 1, Encoding.UTF8.GetBytes(value.ToString()));
                break;
            case SchemaType.Any:
                Bytes(message, 1, Encoding.UTF8.GetBytes(value.ToJsonString()));
                break;
            case SchemaType.IntOrString when value.AsValue().TryGetValue<long>(out var whole):
                Number(message, 1, 0);
                Number(message, 2, whole);
                break;
            default:
                Number(message, 1, 1);
                Bytes(message, 3, Encoding.UTF8.GetBytes(value.ToString()));
                break;
        }

        return message;
    }

    private static List<byte> Time(DateTimeOffset time)
    {
        var message = new List<byte>();
        Number(message, 1, time.ToUnixTimeSeconds());
        Number(message, 2, time.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick);
        return message;
    }

    private static void Number(List<byte> output, int field, long value)
    {
        Varint(output, (ulong)field << 3);
        Varint(output, (ulong)value);
    }

    private static void Bytes(List<byte> output, int field, IReadOnlyCollection<byte> value)
    {
        Varint(output, ((ulong)field << 3) | 2);
        Varint(output, (ulong)value.Count);
        output.AddRange(value);
    }

    private static void Varint(List<byte> output, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            output.Add((byte)(value | 0x80));
        output.Add((byte)value);
    }
}
