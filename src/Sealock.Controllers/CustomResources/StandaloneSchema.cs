// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Schemas;
using Sealock.Controllers.Definitions;

namespace Sealock.Controllers.CustomResources;

/// <summary>
/// A structural schema that stands alone, as a CustomResourceDefinition needs it: what it refers to is written out, in
/// the form that apiextensions.k8s.io/v1 takes from Kubernetes 1.16 on.
/// </summary>
internal static class StandaloneSchema
{
    private const string Prefix = "#/definitions/";
    private const string Quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    private const string IntOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";

    /// <summary>
    /// Writes out references in place. Kubernetes' own types come without their enumerations, which grow from version to
    /// version, and without what concerns Go and strategic merge patches.
    /// </summary>
    public static JsonObject WriteOut(JsonObject schema)
    {
        foreach (var (name, value) in schema.ToList())
        {
            if (name is "items" or "additionalProperties" && value is JsonObject child)
            {
                schema[name] = WriteOut(child.DeepClone().AsObject());
            }
            else if (name == "properties" && value is JsonObject properties)
            {
                foreach (var (field, inner) in properties.ToList())
                    properties[field] = WriteOut((inner as JsonObject ?? []).DeepClone().AsObject());
            }
        }

        return schema.Text("$ref") is { Length: > 0 } reference ? Resolve(schema, reference[Prefix.Length..]) : schema;
    }

    private static JsonObject Resolve(JsonObject reference, string name)
    {
        var target = name is Quantity or IntOrString
            ? new JsonObject
            {
                ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
                ["x-kubernetes-int-or-string"] = true,
            }
            : WriteOut(Plain(SchemaCatalog.Kubernetes.Document(name)));
        foreach (var (keyword, value) in reference)
        {
            if (keyword != "$ref")
                target[keyword] = value?.DeepClone();
        }

        return target;
    }

    private static JsonObject Plain(JsonObject definition)
    {
        var plain = new JsonObject();
        foreach (var (keyword, value) in definition)
        {
            switch (keyword)
            {
                case "enum" or "default" or "x-kubernetes-group-version-kind":
                case var other when other.StartsWith("x-go-", StringComparison.Ordinal) ||
                    other.StartsWith("x-kubernetes-patch-", StringComparison.Ordinal):
                    break;
                case "properties":
                    var properties = new JsonObject();
                    foreach (var (field, inner) in value as JsonObject ?? [])
                        properties[field] = Plain(inner as JsonObject ?? []);
                    plain[keyword] = properties;
                    break;
                case "items" or "additionalProperties" when value is JsonObject inner:
                    plain[keyword] = Plain(inner);
                    break;
                default:
                    plain[keyword] = value?.DeepClone();
                    break;
            }
        }

        return plain;
    }
}
