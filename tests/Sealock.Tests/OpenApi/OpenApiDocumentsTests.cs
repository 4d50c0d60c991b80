// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.OpenApi;

namespace Sealock.Tests.OpenApi;

public class OpenApiDocumentsTests
{
    private static readonly JsonObject V2 = Parse(SampleResources.Documents.V2Json);

    [Fact]
    public void Every_reference_leads_somewhere_and_no_private_member_is_published()
    {
        foreach (var document in All())
        {
            var json = Parse(document);
            foreach (var reference in References(json))
                Assert.NotNull(Find(json, reference));
            Assert.DoesNotContain("x-go-", json.ToJsonString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_kind_is_found_by_its_group_version_and_kind_also_where_the_schema_is_custom()
    {
        foreach (var resource in SampleResources.All)
        {
            var names = V2["definitions"]!.AsObject()
                .Where(d => d.Value!["x-kubernetes-group-version-kind"] is JsonArray kinds && kinds.Any(k =>
                    (string?)k!["group"] == resource.Group && (string?)k["version"] == resource.Version
                        && (string?)k["kind"] == resource.Kind))
                .Select(d => d.Key);
            Assert.Equal([resource.SchemaName], names);
        }
    }

    [Fact]
    public void Patches_announce_that_fields_are_validated_and_runs_may_be_dry()
    {
        foreach (var document in new[] { V2, Parse(SampleResources.Documents.V3("api/v1")!) })
        {
            var patch = document["paths"]!["/api/v1/namespaces/{namespace}/secrets/{name}"]!["patch"]!;
            var parameters = patch["parameters"]!.AsArray().Select(p => (string?)p!["name"]).ToArray();

            Assert.Contains("fieldValidation", parameters);
            Assert.Contains("dryRun", parameters);
            Assert.Equal("""{"group":"","kind":"Secret","version":"v1"}""",
                patch["x-kubernetes-group-version-kind"]!.ToJsonString());
            Assert.Equal("patch", (string?)patch["x-kubernetes-action"]);
        }
    }

    [Fact]
    public void Paths_hold_exactly_the_verbs_that_are_served()
    {
        var paths = V2["paths"]!.AsObject();
        Assert.Equal(["post"], Methods(paths["/apis/authorization.k8s.io/v1/subjectaccessreviews"]));
        Assert.False(paths.ContainsKey("/apis/authorization.k8s.io/v1/subjectaccessreviews/{name}"));
        Assert.Equal(["get"], Methods(paths["/api/v1/secrets"]));
        Assert.Equal(["delete", "get", "post"], Methods(paths["/api/v1/namespaces/{namespace}/secrets"]));
        Assert.Equal(["delete", "get", "patch", "put"], Methods(paths["/api/v1/namespaces/{name}"]));
        Assert.Equal(["get", "patch", "put"],
            Methods(paths["/apis/certificates.k8s.io/v1/certificatesigningrequests/{name}/approval"]));
        var token = paths["/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"];
        Assert.Equal(["post"], Methods(token));
        Assert.Equal("TokenRequest", (string?)token!["post"]!["x-kubernetes-group-version-kind"]!["kind"]);
    }

    [Fact]
    public void Operation_ids_are_unique_and_named_as_kubernetes_names_them()
    {
        var ids = V2["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject()).Where(o => o.Value is JsonObject)
            .Select(o => (string)o.Value!["operationId"]!).ToArray();

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Contains("readCoreV1NamespacedSecret", ids);
        Assert.Contains("listCoreV1SecretForAllNamespaces", ids);
        Assert.Contains("replaceCertificatesV1CertificateSigningRequestApproval", ids);
    }

    [Fact]
    public void Version_2_leaves_open_objects_untyped_and_version_3_keeps_everything()
    {
        var v2 = V2["definitions"]!["dev.example.v1.Widget"]!["properties"]!["spec"]!["properties"]!;
        Assert.Null(v2["free"]!["type"]);
        Assert.Equal("int-or-string", (string?)v2["port"]!["format"]);
        Assert.Null(v2["size"]!["nullable"]);
        var v3 = Parse(SampleResources.Documents.V3("apis/example.dev/v1")!)["components"]!["schemas"]!;
        var widget = v3["dev.example.v1.Widget"]!["properties"]!;
        Assert.Equal("object", (string?)widget["spec"]!["properties"]!["free"]!["type"]);
        Assert.Equal(1, (int)widget["spec"]!["properties"]!["size"]!["default"]!);
        Assert.Equal("#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
            (string?)widget["metadata"]!["allOf"]![0]!["$ref"]);
        Assert.Null(v3["io.k8s.api.core.v1.Secret"]);
    }

    [Fact]
    public void The_index_names_each_group_with_the_hash_of_its_document()
    {
        var paths = Parse(SampleResources.Documents.V3Index)["paths"]!.AsObject();

        Assert.Equal(
            ["api/v1", "apis/authorization.k8s.io/v1", "apis/certificates.k8s.io/v1", "apis/example.dev/v1"],
            paths.Select(p => p.Key));
        var document = SampleResources.Documents.V3("api/v1")!;
        Assert.Equal($"/openapi/v3/api/v1?hash={document.Hash}", (string?)paths["api/v1"]!["serverRelativeURL"]);
        Assert.Equal($"\"{document.Hash}\"", document.ETag);
        Assert.Null(SampleResources.Documents.V3("apis/nope/v1"));
        Assert.Null(SampleResources.Documents.V3Address("apis/nope/v1"));
    }

    [Fact]
    public void The_same_resources_give_the_same_documents()
    {
        var again = new OpenApiDocuments(SampleResources.All, SampleResources.Catalog, "v1.36.4");

        Assert.Equal(SampleResources.Documents.V2Json.ETag, again.V2Json.ETag);
        Assert.Equal(SampleResources.Documents.V2Protobuf.ETag, again.V2Protobuf.ETag);
        Assert.Equal(SampleResources.Documents.V3Index.ETag, again.V3Index.ETag);
    }

    [Fact]
    public void The_protobuf_form_says_what_the_json_form_says()
    {
        var document = GnosticReader.Document(SampleResources.Documents.V2Protobuf.Content());

        Assert.Equal("2.0", (string?)document["swagger"]);
        Assert.Equal(V2["info"]!.ToJsonString(), document["info"]!.ToJsonString());
        foreach (var part in new[] { "definitions", "paths" })
        {
            var expected = V2[part]!.AsObject();
            var actual = document[part]!.AsObject();
            Assert.Equal(expected.Select(d => d.Key), actual.Select(d => d.Key));
            foreach (var (name, value) in expected)
                Assert.True(JsonNode.DeepEquals(value, actual[name]),
                    $"{name}: {value!.ToJsonString()} is not {actual[name]!.ToJsonString()}");
        }
    }

    private static IEnumerable<OpenApiDocument> All() =>
    [
        SampleResources.Documents.V2Json,
        .. new[] { "api/v1", "apis/example.dev/v1", "apis/certificates.k8s.io/v1", "apis/authorization.k8s.io/v1" }
            .Select(path => SampleResources.Documents.V3(path)!),
    ];

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(f =>
            f.Key == "$ref" && f.Value is JsonValue v ? [(string)v!] : References(f.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };

    private static JsonNode? Find(JsonNode document, string reference) =>
        reference.Split('/').Skip(1).Aggregate((JsonNode?)document, (node, part) => node?[part]);

    private static IEnumerable<string> Methods(JsonNode? path) =>
        path!.AsObject().Select(m => m.Key).Where(m => m != "parameters").Order(StringComparer.Ordinal);

    private static JsonObject Parse(OpenApiDocument document) => JsonNode.Parse(document.Content())!.AsObject();
}
