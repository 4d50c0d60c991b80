// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Protobuf;
using Sealock.Api.Schemas;

namespace Sealock.Tests.Protobuf;

public sealed class ProtobufDecoderTests
{
    [Fact]
    public void What_Kubernetes_encodes_is_decoded_as_its_JSON_is() => Assert.All(
        Sample.FromGo,
        sample => Assert.Equal(WithoutEmptyLists(sample.Expected()), WithoutEmptyLists(Sample.Decode(sample.Bytes))));

    [Fact]
    public void What_kubectl_sends_is_decoded() => Assert.All(
        Sample.FromKubectl, sample => Assert.Equal(sample.Expected(), Sample.Decode(sample.Bytes)));

    [Fact]
    public void Any_object_of_any_kind_comes_back() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(SchemaObjects.Any, item =>
        {
            // What is the same as nothing goes, as it would out of JSON.
            var value = item.Value.DeepClone().AsObject();
            value.Remove("kind");
            value.Remove("apiVersion");
            ObjectDecoding.Decode(value, item.Schema);
            var envelope = ProtobufEnvelope.Read(ProtobufEncoder.Encode(item.Value, item.Schema));
            var decoded = new JsonObject();
            ProtobufDecoder.Decode(envelope.Raw, item.Schema, decoded);
            ObjectDecoding.Decode(decoded, item.Schema);
            return (WithoutEmptyLists(Text(decoded)) == WithoutEmptyLists(Text(WithoutEmptyMaps(value, item.Schema))))
                .Label($"{Text(value)} became {Text(decoded)}");
        }));

    [Fact]
    public void A_map_without_entries_has_no_form_on_the_wire_even_where_it_is_required()
    {
        var schema = SchemaCatalog.Kubernetes.Get("io.k8s.api.core.v1.Pod");
        var value = JsonNode.Parse(
            """{"status":{"nodeAllocatableResourceClaimStatuses":[{"resourceClaimName":"a","resources":{}}]}}""")!.AsObject();
        var decoded = new JsonObject();
        ProtobufDecoder.Decode(ProtobufEnvelope.Read(ProtobufEncoder.Encode(value, schema)).Raw, schema, decoded);
        Assert.Equal("""{"status":{"nodeAllocatableResourceClaimStatuses":[{"resourceClaimName":"a"}]}}""", Text(decoded));
        Assert.Equal(Text(decoded), Text(WithoutEmptyMaps(value, schema)));
    }

    [Fact]
    public void Parts_of_a_message_are_joined_and_the_last_scalar_counts()
    {
        // metadata{name: a, labels{k: v}}, then metadata{name: b}
        byte[] message =
        [
            0x0a, 0x0d, 0x0a, 0x01, (byte)'a', 0x5a, 0x06, 0x0a, 0x01, (byte)'k', 0x12, 0x01, (byte)'v', 0x80, 0x01,
            0x0a, 0x03, 0x0a, 0x01, (byte)'b',
        ];
        message[1] = 0x0b;

        Assert.Equal("""{"metadata":{"labels":{"k":"v"},"name":"b"}}""", Decode([.. message[..13], .. message[15..]]));
    }

    [Theory]
    [InlineData("", "{}")]
    [InlineData("0a00", """{"metadata":{}}""")]
    [InlineData("0a024200", """{"metadata":{}}""")] // a creation time that is not set
    [InlineData("0a0442020800", """{"metadata":{}}""")] // and one that is 0
    [InlineData("0a0442020801", """{"metadata":{"creationTimestamp":"1970-01-01T00:00:01Z"}}""")]
    [InlineData("0a025000", """{"metadata":{"deletionGracePeriodSeconds":0}}""")] // a pointer, so 0 is a value
    [InlineData("0a023800", """{"metadata":{}}""")] // generation is none
    [InlineData("1200", """{"data":{"":""}}""")] // an entry without key and value
    [InlineData("12050a01611200", """{"data":{"a":""}}""")]
    [InlineData("2800", """{"immutable":false}""")]
    [InlineData("2807", """{"immutable":true}""")]
    [InlineData("f8ffffff0f01", "{}")] // the largest field number there is
    public void Fields_that_are_empty_vanish_where_Go_has_no_pointer(string hex, string expected) =>
        Assert.Equal(expected, Decode(Convert.FromHexString(hex)));

    [Theory]
    [InlineData("0a", "unexpected EOF")]
    [InlineData("0a05", "unexpected EOF")]
    [InlineData("0affffffffffffffffff01", "unexpected EOF")]
    [InlineData("0affffffffffffffffffff01", "proto: integer overflow")]
    [InlineData("0800", "proto: wrong wireType = 0 for field metadata")]
    [InlineData("2a00", "proto: wrong wireType = 2 for field immutable")]
    [InlineData("00", "proto: illegal tag 0 (wire type 0)")]
    [InlineData("8080808010", "proto: illegal tag 536870912 (wire type 0)")]
    [InlineData("f303", "proto: illegal wireType 3")]
    [InlineData("f103000000", "unexpected EOF")]
    [InlineData("1a01ff", "proto: a string field contains invalid UTF-8")]
    [InlineData("0a0c420a08ffffffffffffffff7f", "proto: a time is out of range")]
    public void What_is_wrong_is_named(string hex, string expected) =>
        Assert.Equal(
            expected, Assert.Throws<MalformedObjectException>(() => Decode(Convert.FromHexString(hex))).Message);

    [Fact]
    public void Packed_numbers_are_a_list_too()
    {
        var schema = SchemaCatalog.Kubernetes.Get("io.k8s.api.core.v1.PodSecurityContext");
        var value = new JsonObject();

        ProtobufDecoder.Decode([0x20, 0x01, 0x22, 0x03, 0x02, 0xac, 0x02], schema, value);

        Assert.Equal("""{"supplementalGroups":[1,2,300]}""", Text(value));
    }

    [Fact]
    public void A_custom_resource_has_no_protobuf_form()
    {
        ReadOnlyMemory<byte> custom = """{"type":"object"}"""u8.ToArray();
        var schemas = SchemaCatalog.Kubernetes.With([KeyValuePair.Create("dev.sealock.v1.Agent", custom)]);

        Assert.Null(schemas.Get("dev.sealock.v1.Agent").Wire);
        Assert.All(SchemaObjects.Kinds, kind => Assert.NotNull(kind.Wire));
    }

    [Fact]
    public void A_stranger_cannot_ask_for_any_number_of_values()
    {
        var message = new byte[2 * 1024 * 1024];
        for (var i = 0; i < message.Length; i += 2)
            message[i] = 0x12;

        var fault = Assert.Throws<MalformedObjectException>(() => Decode(message));

        Assert.Equal("the object has too many values", fault.Message);
    }

    private static string Decode(byte[] message)
    {
        var schema = SchemaCatalog.Kubernetes.Get("io.k8s.api.core.v1.Secret");
        var value = new JsonObject();
        ProtobufDecoder.Decode(message, schema, value);
        ObjectDecoding.Decode(value, schema);
        return Text(value);
    }

    private static string Text(JsonNode value) => Encoding.UTF8.GetString(CanonicalJson.Serialize(value.AsObject()));

    private static string WithoutEmptyLists(string value) =>
        Text(WithoutEmptyLists(JsonReading.ReadObject(Encoding.UTF8.GetBytes(value)).Object));

    /// <summary>On the wire a list without items does not exist.</summary>
    private static JsonObject WithoutEmptyLists(JsonObject value)
    {
        foreach (var (name, field) in value.ToArray())
        {
            if (field is JsonArray { Count: 0 })
                value.Remove(name);
            foreach (var inner in (field is JsonArray list ? list : Enumerable.Repeat(field, 1)).OfType<JsonObject>())
                WithoutEmptyLists(inner);
        }

        return value;
    }

    /// <summary>Nor does a map without entries; a message without fields does, so that it takes the schema to know.</summary>
    private static JsonObject WithoutEmptyMaps(JsonObject value, SchemaNode schema)
    {
        Visit(value, schema);
        return value;

        static void Visit(JsonNode? value, SchemaNode schema)
        {
            switch (schema.Type)
            {
                case SchemaType.Object when value is JsonObject message:
                    foreach (var (name, field) in message.ToArray())
                    {
                        if (!schema.Fields.TryGetValue(name, out var known))
                            continue;
                        if (known.Schema.Type == SchemaType.Map && field is JsonObject { Count: 0 })
                            message.Remove(name);
                        else
                            Visit(field, known.Schema);
                    }

                    break;
                case SchemaType.Array when value is JsonArray list:
                    foreach (var item in list)
                        Visit(item, schema.Items!);
                    break;
                case SchemaType.Map when value is JsonObject map:
                    foreach (var (_, entry) in map)
                        Visit(entry, schema.Values!);
                    break;
            }
        }
    }
}
