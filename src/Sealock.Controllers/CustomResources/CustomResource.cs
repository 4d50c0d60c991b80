// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Tables;
using Sealock.Controllers.Definitions;

namespace Sealock.Controllers.CustomResources;

/// <summary>CustomResourceDefinitions (apiextensions.k8s.io/v1), made from the definitions that a server of our own serves.</summary>
public static class CustomResource
{
    /// <summary>Label of the definitions that are kept up to date from here.</summary>
    public const string OwnerLabel = "app.kubernetes.io/managed-by";

    /// <summary>Its value.</summary>
    public const string Owner = "sealock";

    /// <summary>Annotation with the hash of the definition as it was written.</summary>
    internal const string HashAnnotation = "sealock.dev/definition-hash";

    private const string ApiVersionText = "Version of the schema of this object.";
    private const string KindText = "Kind of the object.";

    /// <summary>The kinds that another cluster learns by a CustomResourceDefinition.</summary>
    public static ImmutableArray<ResourceDefinition> Kinds { get; } =
        [.. CertificateDefinitions.All.Where(definition => definition.Schema is not null)];

    /// <summary>The CustomResourceDefinitions of <see cref="Kinds"/>.</summary>
    public static IEnumerable<JsonObject> All() => Kinds.Select(Of);

    /// <summary>The name of a kind's CustomResourceDefinition.</summary>
    internal static string NameOf(ResourceDefinition definition) => $"{definition.Plural}.{definition.Group}";

    /// <summary>The CustomResourceDefinition of a kind.</summary>
    /// <exception cref="ArgumentException">The kind is Kubernetes' own: it brings no schema.</exception>
    public static JsonObject Of(ResourceDefinition definition)
    {
        var spec = new JsonObject
        {
            ["group"] = definition.Group,
            ["names"] = Names(definition),
            ["scope"] = definition.Scope == ResourceScope.Namespaced ? "Namespaced" : "Cluster",
            ["conversion"] = new JsonObject { ["strategy"] = "None" },
            ["versions"] = new JsonArray(Version(definition)),
        };
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(spec.ToJsonString())));
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject
            {
                ["name"] = NameOf(definition),
                ["labels"] = new JsonObject { [OwnerLabel] = Owner },
                ["annotations"] = new JsonObject { [HashAnnotation] = hash[..16] },
            },
            ["spec"] = spec,
        };
    }

    private static JsonObject Names(ResourceDefinition definition)
    {
        var names = new JsonObject
        {
            ["plural"] = definition.Plural,
            ["singular"] = definition.Singular,
            ["kind"] = definition.Kind,
            ["listKind"] = definition.ListKind,
        };
        Add("shortNames", definition.ShortNames);
        Add("categories", definition.Categories);
        return names;

        void Add(string field, ImmutableArray<string> values)
        {
            if (values.Length > 0)
                names[field] = new JsonArray([.. values.Select(value => (JsonNode)value)]);
        }
    }

    private static JsonObject Version(ResourceDefinition definition)
    {
        var version = new JsonObject
        {
            ["name"] = definition.Version,
            ["served"] = true,
            ["storage"] = true,
            ["schema"] = new JsonObject { ["openAPIV3Schema"] = Schema(definition) },
        };
        if (definition.Subresources.Any(subresource => subresource.Name == "status"))
            version["subresources"] = new JsonObject { ["status"] = new JsonObject() };
        var columns = definition.Columns.Where(column => column.JsonPath is not null).ToList();
        if (columns.Count > 0)
        {
            version["additionalPrinterColumns"] = new JsonArray([.. columns.Select(Column)]);
        }

        return version;
    }

    /// <summary>What the server would leave out is left out, so that applying again finds nothing to change.</summary>
    private static JsonObject Column(Column column)
    {
        var result = new JsonObject
        {
            ["name"] = column.Name,
            ["type"] = column.Type,
            ["jsonPath"] = column.JsonPath,
            ["description"] = column.Description,
        };
        if (column.Priority > 0)
            result["priority"] = column.Priority;
        return result;
    }

    private static JsonObject Schema(ResourceDefinition definition)
    {
        var schema = StandaloneSchema.WriteOut(definition.Schema?.Invoke()
            ?? throw new ArgumentException($"{definition.Kind} brings no schema", nameof(definition)));
        var properties = schema.Map("properties") ?? [];
        schema["properties"] = properties.Parent is null ? properties : schema["properties"];
        properties["apiVersion"] = StructuralSchema.Text(ApiVersionText);
        properties["kind"] = StructuralSchema.Text(KindText);
        properties["metadata"] = new JsonObject { ["type"] = "object" };
        return schema;
    }
}
