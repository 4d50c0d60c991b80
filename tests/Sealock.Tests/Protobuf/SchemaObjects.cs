// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Schemas;

namespace Sealock.Tests.Protobuf;

/// <summary>Generated objects of the kinds that are served, with few fields each.</summary>
internal static class SchemaObjects
{
    private const int MaxDepth = 9;
    private const long LastSecond = 253_402_300_799; // of the year 9999

    private static readonly string[] Texts = ["", "a", "web", "é😀", "\"<&>\\", "line\nbreak", "10.0.0.1"];

    /// <summary>An object with what it is an object of.</summary>
    public sealed record Item(SchemaNode Schema, JsonObject Value);

    /// <summary>Kubernetes' own kinds that can be the body of a request.</summary>
    public static IReadOnlyList<SchemaNode> Kinds { get; } = [.. SchemaCatalog.Kubernetes.Names
        .Select(SchemaCatalog.Kubernetes.Get)
        .Where(schema => schema.Fields.ContainsKey("apiVersion") && schema.Fields.ContainsKey("kind"))
        .Where(schema => schema.Fields.ContainsKey("metadata"))
        .Where(schema => !schema.ShortName!.EndsWith("List", StringComparison.Ordinal))];

    /// <summary>Objects of any of the kinds.</summary>
    public static Arbitrary<Item> Any => Gen.Elements(Kinds.ToArray())
        .SelectMany(schema => Object(schema, 0).Select(value => new Item(schema, value)))
        .ToArbitrary();

    private static Gen<JsonObject> Object(SchemaNode schema, int depth)
    {
        var fields = schema.Fields.Values.ToArray();
        return Gen.ListOf(
                from field in Gen.Elements(fields)
                from value in Value(field.Schema, depth + 1)
                select (field.Name, value))
            .Select(pairs =>
            {
                var value = new JsonObject();
                foreach (var (name, field) in pairs.Take(6))
                    value[name] = field.DeepClone();
                return value;
            });
    }

    private static Gen<JsonNode> Value(SchemaNode schema, int depth) => schema.Type switch
    {
        SchemaType.Object when depth > MaxDepth => Gen.Constant<JsonNode>(new JsonObject()),
        SchemaType.Object => Object(schema, depth).Select(value => (JsonNode)value),
        SchemaType.Map => Gen.ListOf(
                from key in Text
                from value in Value(schema.Values!, depth + 1)
                select (key, value))
            .Select(pairs => (JsonNode)new JsonObject(pairs
                .DistinctBy(pair => pair.key)
                .Take(4)
                .Select(pair => KeyValuePair.Create(pair.key, (JsonNode?)pair.value.DeepClone())))),
        SchemaType.Array => Gen.ListOf(Value(schema.Items!, depth + 1))
            .Select(items => (JsonNode)new JsonArray([.. items.Take(3).Select(item => item.DeepClone())])),
        SchemaType.Integer => Gen.Elements(0L, 1, -1, int.MaxValue, int.MinValue)
            .Select(number => (JsonNode)JsonValue.Create(number)),
        SchemaType.Boolean => Gen.Elements(true, false).Select(flag => (JsonNode)JsonValue.Create(flag)),
        SchemaType.IntOrString => Gen.OneOf(
            Text.Select(text => (JsonNode)JsonValue.Create(text)!),
            Gen.Choose(0, 70_000).Select(number => (JsonNode)JsonValue.Create((long)number))),
        SchemaType.Quantity => Gen.Elements("0", "100m", "1Gi").Select(text => (JsonNode)JsonValue.Create(text)!),
        SchemaType.Any => Gen.Constant((JsonNode)new JsonObject { ["f:data"] = new JsonObject() }),
        _ => schema.Format switch
        {
            SchemaFormat.Bytes => Text.Select(text => (JsonNode)JsonValue.Create(
                Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text)))!),
            SchemaFormat.Time => Time("yyyy-MM-dd'T'HH:mm:ss'Z'"),
            SchemaFormat.MicroTime => Time("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"),
            _ => Text.Select(text => (JsonNode)JsonValue.Create(text)!),
        },
    };

    private static Gen<string> Text => Gen.Elements(Texts);

    private static Gen<JsonNode> Time(string layout) =>
        from seconds in Gen.Elements(1, -1, 1_772_366_400, -60_000_000_000, LastSecond)
        from micro in Gen.Choose(0, 999_999)
        let time = DateTimeOffset.FromUnixTimeSeconds(seconds).AddMicroseconds(micro)
        select (JsonNode)JsonValue.Create(time.ToString(layout, System.Globalization.CultureInfo.InvariantCulture))!;
}
