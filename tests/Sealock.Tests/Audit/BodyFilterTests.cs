// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Serving;
using Sealock.Gateway.Audit.Events;

namespace Sealock.Tests.Audit;

public class BodyFilterTests
{
    private const string Secrets = "/api/v1/namespaces/one/secrets";
    private const string Applied = "\"annotations\":{\"a\":\"b\",\"kubectl.kubernetes.io/last-applied-configuration\":\"hunter2\"}";

    // What is secret says hunter2.
    [Theory]
    [InlineData(Secrets, """{"kind":"Secret","metadata":{"name":"a"},"data":{"k":"hunter2"},"type":"Opaque"}""",
        """{"kind":"Secret","metadata":{"name":"a"},"type":"Opaque"}""")]
    [InlineData(Secrets, """{"stringData":{"k":"hunter2"}}""", "{}")]
    [InlineData(Secrets, "{\"metadata\":{" + Applied + "}}", """{"metadata":{"annotations":{"a":"b"}}}""")]
    [InlineData(Secrets, """{"kind":"SecretList","items":[{"data":{"k":"hunter2"}},{"data":{"k":"hunter2"},"type":"t"}]}""",
        """{"kind":"SecretList","items":[{},{"type":"t"}]}""")]
    [InlineData(Secrets, """{"kind":"Table","rows":[{"cells":["a"],"object":{"data":{"k":"hunter2"}}}]}""",
        """{"kind":"Table","rows":[{"cells":["a"],"object":{}}]}""")]
    [InlineData(Secrets, """[{"op":"add","path":"/data/k","value":"hunter2"},{"op":"remove","path":"/type"}]""",
        """[{"op":"add","path":"/data/k"},{"op":"remove","path":"/type"}]""")]
    [InlineData(Secrets, """{"kind":"Status","status":"Failure","message":"hunter2","details":{"name":"a","causes":[{"message":"hunter2"}]},"code":422}""",
        """{"kind":"Status","status":"Failure","details":{"name":"a"},"code":422}""")]
    [InlineData(Secrets, """{"kind":"Status","status":"Failure","message":"secrets \"a\" not found","code":404}""",
        """{"kind":"Status","status":"Failure","message":"secrets \"a\" not found","code":404}""")]
    [InlineData("/apis/authentication.k8s.io/v1/tokenreviews", """{"spec":{"token":"hunter2","audiences":["a"]},"status":{"user":{}}}""",
        """{"spec":{"audiences":["a"]},"status":{"user":{}}}""")]
    [InlineData("/api/v1/namespaces/one/serviceaccounts/a/token", """{"spec":{},"status":{"token":"hunter2","expirationTimestamp":"t"}}""",
        """{"spec":{},"status":{"expirationTimestamp":"t"}}""")]
    [InlineData("/apis/cert-manager.io/v1/namespaces/one/certificates/a",
        """{"spec":{"keystores":{"jks":{"create":true,"password":"hunter2"},"pkcs12":{"password":"hunter2"}}}}""",
        """{"spec":{"keystores":{"jks":{"create":true},"pkcs12":{}}}}""")]
    [InlineData("/apis/cert-manager.io/v1/namespaces/one/certificates/a/status", """{"spec":{"keystores":{"jks":{"password":"hunter2"}}}}""",
        """{"spec":{"keystores":{"jks":{}}}}""")]
    [InlineData("/apis/authentication.k8s.io/v1/tokenreviews", """{"spec":"hunter2"}""", "{}")]
    [InlineData("/apis/trust.cert-manager.io/v1alpha1/bundles/a",
        """{"spec":{"target":{"additionalFormats":{"jks":{"key":"a","password":"hunter2"}}}}}""",
        """{"spec":{"target":{"additionalFormats":{"jks":{"key":"a"}}}}}""")]
    [InlineData("/apis/sealock.dev/v1/localuserpasswords/a", """{"spec":{"userUID":"u","hash":"hunter2"}}""", """{"spec":{"userUID":"u"}}""")]
    public void What_is_secret_in_a_kind_is_taken_out(string path, string sent, string recorded)
    {
        var body = AuditBodies.FromJson(Encoding.UTF8.GetBytes(sent), Filter(path));
        Assert.Equal(recorded, Encoding.UTF8.GetString(body.Json!));
        Assert.Equal(sent != recorded, body.Removed);
    }

    [Fact]
    public void A_config_map_is_recorded_as_it_is()
    {
        const string sent = """{"data":{"password":"hunter2","token":"hunter2"}}""";
        var body = AuditBodies.FromJson(Encoding.UTF8.GetBytes(sent), Filter("/api/v1/namespaces/one/configmaps"));
        Assert.Equal(sent, Encoding.UTF8.GetString(body.Json!));
        Assert.False(body.Removed);
    }

    [Fact]
    public void Managed_fields_are_left_out_where_the_policy_says_so()
    {
        const string one = """{"metadata":{"name":"a","managedFields":[{"manager":"m"}]}}""";
        foreach (var (sent, recorded) in new[]
        {
            (one, """{"metadata":{"name":"a"}}"""),
            ($$"""{"items":[{{one}}]}""", """{"items":[{"metadata":{"name":"a"}}]}"""),
            ($$"""{"rows":[{"object":{{one}}}]}""", """{"rows":[{"object":{"metadata":{"name":"a"}}}]}"""),
        })
        {
            var body = AuditBodies.FromJson(Encoding.UTF8.GetBytes(sent), Filter("/api/v1/namespaces/one/configmaps", omit: true));
            Assert.Equal(recorded, Encoding.UTF8.GetString(body.Json!));
            Assert.False(body.Removed);
        }
    }

    [Fact]
    public void The_object_that_the_request_goes_on_with_keeps_its_secrets()
    {
        var sent = JsonNode.Parse("""{"data":{"k":"hunter2"}}""")!.AsObject();
        Assert.Equal("{}", Encoding.UTF8.GetString(AuditBodies.From(sent, Filter(Secrets)).Json!));
        Assert.Equal("hunter2", sent["data"]!["k"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("application/json", "{\n  \"a\": 1.50,\n  \"b\": \"<ü>\"\n}\n", "{\"a\":1.50,\"b\":\"<ü>\"}")]
    [InlineData("application/json", "{\"a\":1}\n", "{\"a\":1}")]
    [InlineData("application/yaml", "a: 1\nb: [c]\n", "{\"a\":1,\"b\":[\"c\"]}")]
    [InlineData("application/vnd.kubernetes.protobuf", "k8s\0", null)]
    [InlineData("application/json", "{\"a\":", "{\"a\":")]
    public void An_answer_is_recorded_in_one_line(string type, string answer, string? recorded)
    {
        var json = AuditBodies.FromAnswer(Encoding.UTF8.GetBytes(answer), type, Filter("/api/v1/nodes")).Json;
        Assert.Equal(recorded, json is null ? null : Encoding.UTF8.GetString(json));
    }

    [Theory]
    [InlineData("{\"a\":")]
    [InlineData("nothing")]
    [InlineData("{\"a\":1,\"a\":2,\"data\":{\"k\":\"hunter2\"}}")]
    public void A_patch_that_is_malformed_is_not_recorded(string patch) =>
        Assert.Null(AuditBodies.FromJson(Encoding.UTF8.GetBytes(patch), Filter(Secrets)).Json);

    [Theory]
    [InlineData(400, true)]
    [InlineData(422, true)]
    [InlineData(403, false)]
    [InlineData(404, false)]
    public void Errors_that_repeat_the_body_are_recorded_without_words(int code, bool quotes) =>
        Assert.Equal(quotes, Filter(Secrets).Quotes(new ApiException(code, "Reason", "message")));

    [Theory]
    [InlineData("/api/v1/namespaces/one/secretz/a")]
    [InlineData("/apis/example.com/v1/namespaces/one/secrets/a")]
    [InlineData("/api/v1/namespaces/one/secrets/a/password")]
    public void Of_what_is_not_served_nothing_that_is_sent_is_recorded(string path) =>
        Assert.Null(Filters.For(RequestInfoParser.Parse("PATCH", path, QueryParameters.Empty), omitManagedFields: false));

    private static readonly BodyFilters Filters = new(AuditRig.Definitions);

    private static BodyFilter Filter(string path, bool omit = false) =>
        Filters.For(RequestInfoParser.Parse("PATCH", path, QueryParameters.Empty), omit)!;
}
