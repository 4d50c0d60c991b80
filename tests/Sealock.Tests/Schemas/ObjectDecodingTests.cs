// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Schemas;

namespace Sealock.Tests.Schemas;

public class ObjectDecodingTests
{
    private const string Time = "2006-01-02T15:04:05Z07:00";

    // The messages of sigs.k8s.io/json and of the types' own decoders.
    public static TheoryData<string, string, string> Faults => new()
    {
        { "core.v1.Secret", """{"metadata":{"labels":"x"}}""",
            "json: cannot unmarshal string into Go struct field ObjectMeta.metadata.labels of type map[string]string" },
        { "core.v1.Secret", """{"metadata":{"labels":{"a":1}}}""",
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string" },
        { "core.v1.Secret", """{"metadata":[]}""",
            "json: cannot unmarshal array into Go struct field Secret.metadata of type v1.ObjectMeta" },
        { "core.v1.Secret", """{"data":{"a":true}}""",
            "json: cannot unmarshal bool into Go struct field Secret.data of type []uint8" },
        { "core.v1.Secret", """{"data":{"a":"a?=="}}""", "illegal base64 data at input byte 1" },
        { "core.v1.Secret", """{"data":{"a":"YWJjYQ"}}""", "illegal base64 data at input byte 4" },
        { "core.v1.Secret", """{"data":{"a":"YQ=a"}}""", "illegal base64 data at input byte 2" },
        { "core.v1.Secret", """{"data":{"a":"YQ="}}""", "illegal base64 data at input byte 3" },
        { "core.v1.Secret", """{"data":{"a":"YQ==YQ=="}}""", "illegal base64 data at input byte 4" },
        { "core.v1.Secret", """{"data":{"a":"Y==="}}""", "illegal base64 data at input byte 1" },
        { "core.v1.Secret", """{"type":7}""",
            "json: cannot unmarshal number into Go struct field Secret.type of type v1.SecretType" },
        { "core.v1.Secret", """{"immutable":"yes"}""",
            "json: cannot unmarshal string into Go struct field Secret.immutable of type bool" },
        { "core.v1.Secret", """{"metadata":{"generation":1.0}}""",
            "json: cannot unmarshal number 1.0 into Go struct field ObjectMeta.metadata.generation of type int64" },
        { "core.v1.Secret", """{"metadata":{"generation":9223372036854775808}}""",
            "json: cannot unmarshal number 9223372036854775808 into Go struct field "
                + "ObjectMeta.metadata.generation of type int64" },
        { "core.v1.Secret", """{"metadata":{"ownerReferences":{}}}""",
            "json: cannot unmarshal object into Go struct field ObjectMeta.metadata.ownerReferences "
                + "of type []v1.OwnerReference" },
        { "core.v1.Secret", """{"metadata":{"uid":{}}}""",
            "json: cannot unmarshal object into Go struct field ObjectMeta.metadata.uid of type types.UID" },
        { "core.v1.Secret", """{"metadata":{"creationTimestamp":"yesterday"}}""",
            $"parsing time \"yesterday\" as \"{Time}\": cannot parse \"yesterday\" as \"2006\"" },
        { "core.v1.Secret", """{"metadata":{"creationTimestamp":"2026-13-01T00:00:00Z"}}""",
            "parsing time \"2026-13-01T00:00:00Z\": month out of range" },
        { "core.v1.Secret", """{"metadata":{"creationTimestamp":"2026-02-30T00:00:00Z"}}""",
            "parsing time \"2026-02-30T00:00:00Z\": day out of range" },
        { "core.v1.Secret", """{"metadata":{"creationTimestamp":"2026-01-01T00:00:00"}}""",
            $"parsing time \"2026-01-01T00:00:00\" as \"{Time}\": cannot parse \"\" as \"Z07:00\"" },
        { "core.v1.Secret", """{"metadata":{"creationTimestamp":"é\"x"}}""",
            $"parsing time \"\\xc3\\xa9\\\"x\" as \"{Time}\": cannot parse \"\\xc3\\xa9\\\"x\" as \"2006\"" },
        { "core.v1.Secret", """{"metadata":{"creationTimestamp":"2026-01-01T00:00:00Zx"}}""",
            "parsing time \"2026-01-01T00:00:00Zx\": extra text: \"x\"" },
        { "core.v1.Secret", """{"metadata":{"creationTimestamp":"2026-1-01T00:00:00Z"}}""",
            $"parsing time \"2026-1-01T00:00:00Z\" as \"{Time}\": cannot parse \"1-01T00:00:00Z\" as \"01\"" },
        { "core.v1.Secret", """{"metadata":{"creationTimestamp":7}}""",
            "json: cannot unmarshal number into Go value of type string" },
        { "core.v1.Service", """{"spec":{"ports":[{"port":"80"}]}}""",
            "json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32" },
        { "core.v1.Service", """{"spec":{"ports":[{"port":3000000000}]}}""",
            "json: cannot unmarshal number 3000000000 into Go struct field ServicePort.spec.ports.port of type int32" },
        { "core.v1.Service", """{"spec":{"ports":[{"targetPort":true}]}}""",
            "json: cannot unmarshal bool into Go value of type int32" },
        { "core.v1.Node", """{"status":{"capacity":{"cpu":"much"}}}""",
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'" },
        { "core.v1.Node", """{"status":{"capacity":[]}}""",
            "json: cannot unmarshal array into Go struct field NodeStatus.status.capacity of type v1.ResourceList" },
        { "certificates.v1.CertificateSigningRequest", """{"spec":{"usages":"x"}}""",
            "json: cannot unmarshal string into Go struct field CertificateSigningRequestSpec.spec.usages "
                + "of type []v1.KeyUsage" },
        { "certificates.v1.ClusterTrustBundle", """{"spec":1}""",
            "json: cannot unmarshal number into Go struct field ClusterTrustBundle.spec "
                + "of type v1.ClusterTrustBundleSpec" },
        { "coordination.v1.Lease", """{"spec":{"renewTime":"2026-01-01T00:00:00Z"}}""",
            "parsing time \"2026-01-01T00:00:00Z\" as \"2006-01-02T15:04:05.000000Z07:00\": "
                + "cannot parse \"Z\" as \".000000\"" },
    };

    public static TheoryData<string, string, string, string> Decoded => new()
    {
        { "core.v1.Secret", """{"kind":"Secret","foo":1,"metadata":{"name":"x","bar":{"y":1}},"data":{"a":"YQ=="}}""",
            """{"metadata":{"name":"x"},"data":{"a":"YQ=="},"kind":"Secret"}""", "foo metadata.bar" },
        { "core.v1.Secret", """{"Data":{},"data":null,"stringData":{"a":null}}""", """{"stringData":{"a":""}}""",
            "Data" },
        { "core.v1.Secret", """{"data":{"a":"YW\nJj\r\n","b":"YR==","c":null,"d":""}}""",
            """{"data":{"a":"YWJj","b":"YQ==","c":"","d":""}}""", "" },
        { "core.v1.Secret", """{"metadata":{"creationTimestamp":"2026-01-01T01:00:00.5+01:00"}}""",
            """{"metadata":{"creationTimestamp":"2026-01-01T00:00:00Z"}}""", "" },
        { "core.v1.Secret", """{"metadata":{"managedFields":[{"fieldsV1":{"f:x":{"any":[null]}}}]}}""",
            """{"metadata":{"managedFields":[{"fieldsV1":{"f:x":{"any":[null]}}}]}}""", "" },
        { "coordination.v1.Lease", """{"spec":{"renewTime":"2026-01-01T02:00:00.123456+02:00"}}""",
            """{"spec":{"renewTime":"2026-01-01T00:00:00.123456Z"}}""", "" },
        { "core.v1.Service", """{"spec":{"ports":[null,{"port":1,"targetPort":"http","x":1},{"targetPort":80}]}}""",
            """{"spec":{"ports":[{},{"port":1,"targetPort":"http"},{"targetPort":80}]}}""", "spec.ports[1].x" },
        { "core.v1.Secret", """{"metadata":{"name":"x","namespace":"","labels":{},"generation":0,"finalizers":[]},"data":{},"immutable":false}""",
            """{"metadata":{"name":"x"},"immutable":false}""", "" },
        { "core.v1.Service", """{"spec":{"selector":{"x":""},"externalIPs":[],"ports":[{"name":"","port":0,"targetPort":0}]},"status":{}}""",
            """{"spec":{"selector":{"x":""},"ports":[{"port":0,"targetPort":0}]},"status":{}}""", "" },
        { "core.v1.Node", """{"status":{"capacity":{"cpu":1.5,"memory":"1Gi"}}}""",
            """{"status":{"capacity":{"cpu":"1.5","memory":"1Gi"}}}""", "" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_wrong_value_is_refused_in_the_words_of_kubernetes(string definition, string text, string message)
    {
        var fault = Assert.Throws<MalformedObjectException>(() =>
            ObjectDecoding.Decode(Parse(text), Schema(definition)));

        Assert.Equal(message, fault.Message);
    }

    [Theory]
    [MemberData(nameof(Decoded))]
    public void Unknown_fields_and_nulls_go_and_values_take_their_normal_form(
        string definition, string text, string expected, string unknown)
    {
        var value = Parse(text);

        Assert.Equal(unknown, string.Join(' ', ObjectDecoding.Decode(value, Schema(definition))));
        Assert.Equal(Canonical(Parse(expected)), Canonical(value));
        Assert.Empty(ObjectDecoding.Decode(value, Schema(definition)));
        Assert.Equal(Canonical(Parse(expected)), Canonical(value));
    }

    [Fact]
    public void Strict_validation_names_unknown_and_duplicate_fields()
    {
        var text = """{"spec":{"foo":1},"foo":1,"data":{"a":"","a":""}}"""u8.ToArray();
        var schema = Schema("core.v1.Secret");

        var fault = Assert.Throws<MalformedObjectException>(() =>
            RequestDecoding.Decode(text, schema, FieldValidation.Strict));

        Assert.Equal(
            "Secret in version \"v1\" cannot be handled as a Secret: strict decoding error: unknown field \"spec\", "
            + "unknown field \"foo\", duplicate field \"data.a\"", RequestDecoding.Describe("v1", "Secret", fault));
        Assert.Equal(["unknown field \"spec\"", "unknown field \"foo\"", "duplicate field \"data.a\""],
            RequestDecoding.Decode(text, schema, FieldValidation.Warn).Warnings);
        Assert.Empty(RequestDecoding.Decode(text, schema, FieldValidation.Ignore).Warnings);
    }

    [Fact]
    public void A_text_that_is_no_object_is_unrecognized()
    {
        var fault = Assert.Throws<MalformedObjectException>(() =>
            RequestDecoding.Decode("{"u8, Schema("core.v1.Secret"), FieldValidation.Warn));

        Assert.StartsWith(
            "the object provided is unrecognized (must be of type Secret): couldn't get version/kind; "
                + "json parse error: ",
            RequestDecoding.Describe("v1", "Secret", fault), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", FieldValidation.Warn)]
    [InlineData("Warn", FieldValidation.Warn)]
    [InlineData("Strict", FieldValidation.Strict)]
    [InlineData("Ignore", FieldValidation.Ignore)]
    [InlineData("strict", null)]
    public void The_parameter_has_three_values(string text, FieldValidation? expected) =>
        Assert.Equal(expected, RequestDecoding.ParseFieldValidation(text));

    [Fact]
    public void Arbitrary_objects_are_decoded_once_and_for_all_or_refused()
    {
        var schemas = new[] { "core.v1.Pod", "core.v1.Secret", "networking.v1.Ingress", "rbac.v1.Role" }
            .Select(Schema).ToArray();
        var names = schemas.SelectMany(s => s.Fields.Keys)
            .Concat(schemas.SelectMany(s => s.Fields.Values).SelectMany(f => f.Schema.Fields.Keys))
            .Distinct().ToArray();
        var cases = Objects(names, 4).Zip(Gen.Elements(schemas));

        Prop.ForAll(cases.ToArbitrary(), pair =>
        {
            var value = JsonReading.ReadObject(Encoding.UTF8.GetBytes(pair.Item1)).Object;
            try
            {
                RequestDecoding.Decode(value, pair.Item2, FieldValidation.Warn);
            }
            catch (MalformedObjectException)
            {
                return;
            }

            var once = Canonical(value);
            Assert.Empty(RequestDecoding.Decode(value, pair.Item2, FieldValidation.Warn));
            Assert.Equal(once, Canonical(value));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    private static Gen<string> Objects(string[] names, int depth) =>
        Gen.Elements(names).Zip(depth == 0
            ? Scalars
            : Gen.OneOf(Scalars, Objects(names, depth - 1), Lists(names, depth - 1)))
            .ListOf(6).Select(fields => "{" + string.Join(',', fields.Select(f => $"\"{f.Item1}\":{f.Item2}")) + "}");

    private static Gen<string> Lists(string[] names, int depth) =>
        (depth == 0 ? Scalars : Gen.OneOf(Scalars, Objects(names, depth - 1))).ListOf(3)
            .Select(items => "[" + string.Join(',', items) + "]");

    private static Gen<string> Scalars =>
        Gen.Elements("null", "1", "-1.5", "true", "\"\"", "\"YQ==\"", "\"2026-01-01T00:00:00Z\"", "{}", "[]");

    private static SchemaNode Schema(string definition) => SchemaCatalog.Kubernetes.Get("io.k8s.api." + definition);

    private static JsonObject Parse(string text) => JsonReading.ReadObject(Encoding.UTF8.GetBytes(text)).Object;

    private static string Canonical(JsonObject value) => Encoding.UTF8.GetString(CanonicalJson.Serialize(value));
}
