// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Patching;
using Sealock.Api.Schemas;

namespace Sealock.Tests.Schemas;

public class SchemaCatalogTests
{
    private const string Widget = """
        {
          "type": "object", "required": ["spec"],
          "properties": {
            "spec": {
              "type": "object", "required": ["size"],
              "properties": {
                "size": {"type": "integer", "minimum": 1, "maximum": 5},
                "color": {"type": "string", "enum": ["red", "blue"], "default": "red"},
                "name": {"type": "string", "maxLength": 3, "pattern": "^[a-z]+$"},
                "note": {"type": "string", "nullable": true},
                "since": {"type": "string", "format": "date-time"},
                "port": {"x-kubernetes-int-or-string": true},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
                "tags": {"type": "array", "maxItems": 2, "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
                "secretRef": {"$ref": "#/definitions/io.k8s.api.core.v1.LocalObjectReference"}
              }
            }
          }
        }
        """;

    private static readonly SchemaNode Schema = SchemaCatalog.Kubernetes
        .With([new("dev.example.v1.Widget", Encoding.UTF8.GetBytes(Widget))]).Get("dev.example.v1.Widget");

    public static TheoryData<string, string> Invalid => new()
    {
        { """{"spec":{}}""", "spec.size: Required value" },
        { """{}""", "spec: Required value" },
        { """{"spec":[]}""", "spec: Invalid value: \"array\": spec in body must be of type object: \"array\"" },
        { """{"spec":{"size":"1"}}""",
            "spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\"" },
        { """{"spec":{"size":0}}""",
            "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1" },
        { """{"spec":{"size":6}}""",
            "spec.size: Invalid value: 6: spec.size in body should be less than or equal to 5" },
        { """{"spec":{"size":1,"color":"green"}}""",
            "spec.color: Unsupported value: \"green\": supported values: \"red\", \"blue\"" },
        { """{"spec":{"size":1,"name":"X"}}""",
            "spec.name: Invalid value: \"X\": spec.name in body should match '^[a-z]+$'" },
        { """{"spec":{"size":1,"name":"abcd"}}""", "spec.name: Too long: may not be more than 3 bytes" },
        { """{"spec":{"size":1,"tags":["a","b","a"]}}""",
            "spec.tags: Too many: 3: must have at most 2 items|spec.tags[2]: Duplicate value: \"a\"" },
        { """{"spec":{"size":1,"since":"x"}}""",
            "spec.since: Invalid value: \"x\": spec.since in body must be of type date-time: \"x\"" },
        { """{"spec":{"size":1,"since":null,"note":null}}""", "" },
        { """{"spec":{"size":1,"port":true}}""",
            "spec.port: Invalid value: \"boolean\": spec.port in body must be of type integer: \"boolean\"" },
    };

    [Fact]
    public void Every_published_definition_compiles()
    {
        var nodes = SchemaCatalog.Kubernetes.Names.Select(SchemaCatalog.Kubernetes.Get).ToArray();

        Assert.True(nodes.Length > 250);
        Assert.All(nodes, node => Assert.StartsWith("io.k8s.", node.Definition, StringComparison.Ordinal));
    }

    [Fact]
    public void Strategic_merge_keys_and_list_types_are_those_of_kubernetes()
    {
        var pod = SchemaCatalog.Kubernetes.Get("io.k8s.api.core.v1.PodSpec");
        Assert.Equal(("name", "merge"), Patch(pod.Fields["containers"]));
        Assert.Equal(("name", "merge,retainKeys"), Patch(pod.Fields["volumes"]));
        Assert.Equal((null, null), Patch(pod.Fields["tolerations"]));
        Assert.Equal(SchemaListType.Map, pod.Fields["containers"].Schema.ListType);
        Assert.Equal(["name"], pod.Fields["containers"].Schema.ListMapKeys);
        var meta = SchemaCatalog.Kubernetes.Get("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
        Assert.Equal((null, "merge"), Patch(meta.Fields["finalizers"]));
        Assert.Equal(SchemaListType.Set, meta.Fields["finalizers"].Schema.ListType);
        Assert.Equal(("uid", "merge"), Patch(meta.Fields["ownerReferences"]));
        Assert.Equal(["request", "signerName"],
            SchemaCatalog.Kubernetes.Get("io.k8s.api.certificates.v1.CertificateSigningRequestSpec").Required);
    }

    [Fact]
    public void Strategic_merge_patches_follow_the_schema()
    {
        var pod = (IPatchSchema)SchemaCatalog.Kubernetes.Get("io.k8s.api.core.v1.Pod");
        var containers = pod.FindPatchField("spec")!.Value.Schema!.FindPatchField("containers")!.Value;

        Assert.True(containers.Merges);
        Assert.Equal("name", containers.MergeKey);
        Assert.Equal("Container", containers.Schema!.Name);
        Assert.Null(pod.FindPatchField("nope"));
    }

    [Fact]
    public void Defaults_fill_in_where_the_object_around_them_exists()
    {
        var service = SchemaCatalog.Kubernetes.Get("io.k8s.api.core.v1.Service");
        var value = JsonNode.Parse("""{"spec":{"ports":[{"port":1},{"port":2,"protocol":"UDP"}]}}""")!.AsObject();

        SchemaDefaulting.Apply(value, service);
        SchemaDefaulting.Apply(value, service);

        Assert.Equal(
            """{"spec":{"ports":[{"port":1,"protocol":"TCP"},{"port":2,"protocol":"UDP"}]}}""", value.ToJsonString());
    }

    [Fact]
    public void A_custom_kind_has_the_metadata_of_every_object_and_keeps_what_its_schema_leaves_open()
    {
        var text = """
            {"kind":"Widget","apiVersion":"example.dev/v1","metadata":{"name":"x","nope":1},
             "spec":{"size":2,"note":null,"name":null,"port":"http","free":{"any":{"thing":1}},
                     "secretRef":{"name":"s","x":1},"y":1}}
            """;

        var decoded = RequestDecoding.Decode(Encoding.UTF8.GetBytes(text), Schema, FieldValidation.Warn);

        Assert.Equal(
            ["unknown field \"metadata.nope\"", "unknown field \"spec.secretRef.x\"", "unknown field \"spec.y\""],
            decoded.Warnings);
        Assert.Equal(
            """{"metadata":{"name":"x"},"apiVersion":"example.dev/v1","kind":"Widget","spec":"""
            + """{"color":"red","free":{"any":{"thing":1}},"note":null,"port":"http","secretRef":{"name":"s"},"size":2}}""",
            Encoding.UTF8.GetString(CanonicalJson.Serialize(decoded.Object)));
        Assert.Empty(StructuralValidation.Check(decoded.Object, Schema));
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void What_the_schema_of_a_custom_kind_forbids_is_found(string text, string expected)
    {
        var value = JsonReading.ReadObject(Encoding.UTF8.GetBytes(text)).Object;
        ObjectDecoding.Decode(value, Schema);

        Assert.Equal(expected, string.Join('|', StructuralValidation.Check(value, Schema)));
    }

    [Fact]
    public void Metadata_of_the_wrong_type_is_a_fault_of_decoding_also_in_custom_kinds() =>
        Assert.Equal("json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string",
            Assert.Throws<MalformedObjectException>(() => ObjectDecoding.Decode(
                JsonNode.Parse("""{"metadata":{"name":1}}""")!.AsObject(), Schema)).Message);

    [Fact]
    public void Names_are_unique_and_schemas_are_those_of_objects()
    {
        Assert.Throws<ArgumentException>(() =>
            SchemaCatalog.Kubernetes.With([new("io.k8s.api.core.v1.Secret", "{}"u8.ToArray())]));
        Assert.ThrowsAny<JsonException>(() => SchemaCatalog.Kubernetes.With([new("x", "[]"u8.ToArray())]).Get("x"));
        Assert.ThrowsAny<JsonException>(() =>
            SchemaCatalog.Kubernetes.With([new("x", "{\"type\":\"string\"}"u8.ToArray())]).Get("x"));
        Assert.Throws<KeyNotFoundException>(() => SchemaCatalog.Kubernetes.Get("x"));
    }

    private static (string?, string?) Patch(SchemaField field) => (field.PatchMergeKey, field.PatchStrategy);
}
