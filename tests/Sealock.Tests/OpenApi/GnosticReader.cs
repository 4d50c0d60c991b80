// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;

namespace Sealock.Tests.OpenApi;

/// <summary>Decodes gnostic's openapi.v2 messages back into JSON, by its own table of field numbers.</summary>
internal static class GnosticReader
{
    private delegate void Reading(JsonObject target, ReadOnlyMemory<byte> value, ulong number);

    private static readonly Dictionary<int, Reading> Schemas = new()
    {
        [1] = Text("$ref"),
        [2] = Text("format"),
        [4] = Text("description"),
        [9] = (t, _, n) => t["minimum"] = BitConverter.UInt64BitsToDouble(n),
        [13] = Text("pattern"),
        [19] = Texts("required"),
        [20] = (t, v, _) => Array(t, "enum").Add(Any(v)),
        [21] = (t, v, _) => Read(v, (field, inner, number) =>
            t["additionalProperties"] = field == 1 ? Schema(inner) : JsonValue.Create(number != 0)),
        [22] = (t, v, _) => Read(v, (_, inner, _) => t["type"] = Encoding.UTF8.GetString(inner.Span)),
        [23] = (t, v, _) => Read(v, (_, inner, _) => t["items"] = Schema(inner)),
        [25] = (t, v, _) => t["properties"] = Named(v, 1, Schema),
        [31] = Extension,
    };

    private static readonly Dictionary<int, Reading> Operations = new()
    {
        [1] = Texts("tags"),
        [3] = Text("description"),
        [5] = Text("operationId"),
        [6] = Texts("produces"),
        [7] = Texts("consumes"),
        [8] = (t, v, _) => Array(t, "parameters").Add(Parameter(v)),
        [9] = (t, v, _) => t["responses"] = Named(v, 1, Response),
        [10] = Texts("schemes"),
        [13] = Extension,
    };

    private static readonly Dictionary<int, Reading> Paths = new()
    {
        [2] = Nested("get", Operations),
        [3] = Nested("put", Operations),
        [4] = Nested("post", Operations),
        [5] = Nested("delete", Operations),
        [8] = Nested("patch", Operations),
        [9] = (t, v, _) => Array(t, "parameters").Add(Parameter(v)),
    };

    private static readonly Dictionary<int, Reading> Bodies = new()
    {
        [2] = Text("name"),
        [3] = Text("in"),
        [4] = Flag("required"),
        [5] = (t, v, _) => t["schema"] = Schema(v),
    };

    private static readonly Dictionary<int, Reading> QueryParameters = new()
    {
        [1] = Flag("required"),
        [2] = Text("in"),
        [3] = Text("description"),
        [4] = Text("name"),
        [6] = Text("type"),
        [16] = Flag("uniqueItems"),
    };

    private static readonly Dictionary<int, Reading> PathParameters = new()
    {
        [1] = Flag("required"),
        [2] = Text("in"),
        [3] = Text("description"),
        [4] = Text("name"),
        [5] = Text("type"),
        [15] = Flag("uniqueItems"),
    };

    public static JsonObject Document(ReadOnlyMemory<byte> bytes) => Message(bytes, new()
    {
        [1] = Text("swagger"),
        [2] = Nested("info", new() { [1] = Text("title"), [2] = Text("version") }),
        [8] = (t, v, _) => t["paths"] = Named(v, 2, p => Message(p, Paths)),
        [9] = (t, v, _) => t["definitions"] = Named(v, 1, Schema),
    });

    private static JsonNode Schema(ReadOnlyMemory<byte> bytes) => Message(bytes, Schemas);

    private static JsonNode Parameter(ReadOnlyMemory<byte> bytes)
    {
        JsonNode? found = null;
        Read(bytes, (_, parameter, _) => Read(parameter, (field, inner, _) =>
        {
            if (field == 1)
                found = Message(inner, Bodies);
            else
                Read(inner, (kind, sub, _) => found = Message(sub, kind == 3 ? QueryParameters : PathParameters));
        }));
        return found!;
    }

    private static JsonNode Response(ReadOnlyMemory<byte> bytes)
    {
        JsonNode? found = null;
        Read(bytes, (_, inner, _) => found = Message(inner, new()
        {
            [1] = Text("description"),
            [2] = (t, v, _) => Read(v, (_, schema, _) => t["schema"] = Schema(schema)),
        }));
        return found!;
    }

    private static JsonObject Named(ReadOnlyMemory<byte> bytes, int field, Func<ReadOnlyMemory<byte>, JsonNode> value)
    {
        var result = new JsonObject();
        Read(bytes, (number, inner, _) =>
        {
            Assert.Equal(field, number);
            var name = "";
            JsonNode? content = new JsonObject();
            Read(inner, (part, v, _) =>
            {
                if (part == 1)
                    name = Encoding.UTF8.GetString(v.Span);
                else
                    content = value(v);
            });
            result.Add(name, content);
        });
        return result;
    }

    private static JsonObject Message(ReadOnlyMemory<byte> bytes, Dictionary<int, Reading> fields)
    {
        var result = new JsonObject();
        Read(bytes, (field, value, number) => fields[field](result, value, number));
        return result;
    }

    private static JsonNode? Any(ReadOnlyMemory<byte> bytes)
    {
        JsonNode? value = null;
        Read(bytes, (field, yaml, _) =>
        {
            Assert.Equal(2, field);
            value = JsonNode.Parse(yaml.Span);
        });
        return value;
    }

    private static void Extension(JsonObject target, ReadOnlyMemory<byte> value, ulong number)
    {
        var name = "";
        Read(value, (field, inner, _) =>
        {
            if (field == 1)
                name = Encoding.UTF8.GetString(inner.Span);
            else
                target[name] = Any(inner);
        });
    }

    private static Reading Text(string name) =>
        (target, value, _) => target[name] = Encoding.UTF8.GetString(value.Span);

    private static Reading Texts(string name) =>
        (target, value, _) => Array(target, name).Add(Encoding.UTF8.GetString(value.Span));

    private static Reading Flag(string name) => (target, _, number) => target[name] = number != 0;

    private static Reading Nested(string name, Dictionary<int, Reading> fields) =>
        (target, value, _) => target[name] = Message(value, fields);

    private static JsonArray Array(JsonObject target, string name)
    {
        if (target[name] is not JsonArray)
            target[name] = new JsonArray();
        return target[name]!.AsArray();
    }

    private static void Read(ReadOnlyMemory<byte> bytes, Action<int, ReadOnlyMemory<byte>, ulong> field)
    {
        while (!bytes.IsEmpty)
        {
            var tag = Varint(ref bytes);
            switch (tag & 7)
            {
                case 0:
                    field((int)(tag >> 3), default, Varint(ref bytes));
                    break;
                case 1:
                    field((int)(tag >> 3), default, BitConverter.ToUInt64(bytes.Span[..8]));
                    bytes = bytes[8..];
                    break;
                default:
                    Assert.Equal(2ul, tag & 7);
                    var length = (int)Varint(ref bytes);
                    field((int)(tag >> 3), bytes[..length], 0);
                    bytes = bytes[length..];
                    break;
            }
        }
    }

    private static ulong Varint(ref ReadOnlyMemory<byte> bytes)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = bytes.Span[0];
            bytes = bytes[1..];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
                return value;
        }
    }
}
