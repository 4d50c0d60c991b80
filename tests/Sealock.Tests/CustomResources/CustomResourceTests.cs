// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Controllers.CustomResources;

namespace Sealock.Tests.CustomResources;

/// <summary>What a CustomResourceDefinition must be for every kube-apiserver since 1.16 to take it.</summary>
public sealed class CustomResourceTests
{
    private static readonly string[] Known =
    [
        "description", "type", "format", "enum", "default", "required", "properties", "items", "additionalProperties", "anyOf",
        "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "nullable",
        "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-int-or-string",
        "x-kubernetes-preserve-unknown-fields",
    ];

    public static TheoryData<string> Kinds => [.. CustomResource.Kinds.Select(definition => definition.Kind)];

    private static JsonObject Of(string kind) => CustomResource.Of(CustomResource.Kinds.Single(definition => definition.Kind == kind));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Its_schema_is_structural(string kind)
    {
        var version = Assert.Single(Of(kind)["spec"]!["versions"]!.AsArray())!;
        var schema = version["schema"]!["openAPIV3Schema"]!.AsObject();
        var errors = new List<string>();
        Check(schema, "", errors);
        Assert.Empty(errors);
        Assert.Equal("object", (string?)schema["type"]);
        Assert.Equal("""{"type":"object"}""", schema["properties"]!["metadata"]!.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_is_small_enough_to_be_applied(string kind) =>
        // kubectl apply keeps the whole object in an annotation, and annotations hold at most 256 KiB.
        Assert.InRange(Of(kind).ToJsonString().Length, 500, 200 * 1024);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_is_the_same_each_time(string kind) => Assert.Equal(Of(kind).ToJsonString(), Of(kind).ToJsonString());

    [Fact]
    public void Its_columns_are_those_of_our_own_server()
    {
        var version = Of("Certificate")["spec"]!["versions"]![0]!;
        Assert.Equal(
            ["Ready .status.conditions[?(@.type == \"Ready\")].status ", "Secret .spec.secretName ", "Issuer .spec.issuerRef.name 1",
             "Status .status.conditions[?(@.type == \"Ready\")].message 1", "Age .metadata.creationTimestamp "],
            version["additionalPrinterColumns"]!.AsArray().Select(column => $"{column!["name"]} {column["jsonPath"]} {column["priority"]}"));
        Assert.NotNull(version["subresources"]!["status"]);
        Assert.Equal("""["cert","certs"]""", Of("Certificate")["spec"]!["names"]!["shortNames"]!.ToJsonString());
    }

    [Fact]
    public void Short_names_are_not_used_twice()
    {
        var names = CustomResource.All().SelectMany(one => one["spec"]!["names"]!["shortNames"]?.AsArray() ?? []).Select(name => (string?)name);
        Assert.Empty(names.GroupBy(name => name).Where(same => same.Count() > 1).Select(same => same.Key));
    }

    private static void Check(JsonObject schema, string path, List<string> errors)
    {
        errors.AddRange(schema.Select(pair => pair.Key).Except(Known).Select(keyword => $"{path}: {keyword}"));
        var free = (bool?)schema["x-kubernetes-int-or-string"] == true || (bool?)schema["x-kubernetes-preserve-unknown-fields"] == true;
        if (schema["type"] is null && !free)
            errors.Add($"{path}: no type");
        if (schema["properties"] is not null && schema["additionalProperties"] is not null)
            errors.Add($"{path}: properties and additionalProperties");
        if ((string?)schema["type"] == "array" && schema["items"] is null)
            errors.Add($"{path}: no items");
        if (schema["default"] is JsonValue text && text.ToJsonString() == "\"\"")
            errors.Add($"{path}: the default is empty, which some builds of Kubernetes 1.20 read as null");
        if (schema["x-kubernetes-list-map-keys"] is JsonArray keys)
            errors.AddRange(keys.Select(key => (string)key!).Where(key => !IsKey(schema["items"]!, key)).Select(key => $"{path}: key {key}"));
        var properties = schema["properties"] as JsonObject ?? [];
        foreach (var required in (schema["required"] as JsonArray ?? []).Select(name => (string)name!).Where(name => !properties.ContainsKey(name)))
            errors.Add($"{path}: {required} is required and unknown");
        foreach (var (name, child) in properties)
            Check(child!.AsObject(), $"{path}.{name}", errors);
        if (schema["items"] is JsonObject items)
            Check(items, path + "[]", errors);
        if (schema["additionalProperties"] is JsonObject values)
            Check(values, path + "{}", errors);
    }

    /// <summary>A key of a list must be there in every item: required, or with a default.</summary>
    private static bool IsKey(JsonNode items, string key) =>
        items["properties"]?[key] is { } field && ((string?)field["type"] is "string" or "integer") &&
        (field["default"] is not null || (items["required"] as JsonArray ?? []).Any(name => (string?)name == key));
}
