// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Api.Definitions.Plain;

/// <summary>v1 Namespace with its subresources <c>status</c> and <c>finalize</c>.</summary>
internal static class NamespaceDefinition
{
    private const string NameLabel = "kubernetes.io/metadata.name";

    public static ResourceDefinition Value { get; } = new()
    {
        Group = "",
        Version = "v1",
        Kind = "Namespace",
        Plural = "namespaces",
        ShortNames = ["ns"],
        Scope = ResourceScope.Cluster,
        Verbs = ["create", "delete", "get", "list", "patch", "update", "watch"],
        SchemaName = "io.k8s.api.core.v1.Namespace",
        Columns = CoreColumns.Namespaces,
        SelectableFields =
            [new("name", o => o.Map("metadata").Text("name")), new("status.phase", o => o.Map("status").Text("phase"))],
        ValidateName = NameRules.DnsLabel,
        Default = Default,
        PrepareForCreate = PrepareForCreate,
        PrepareForUpdate = operation =>
        {
            operation.Object.CopyFrom(operation.Old, "spec");
            operation.Object.CopyFrom(operation.Old, "status");
        },
        PrepareForDelete = PrepareForDelete,
        MayVanish = o => !o.Map("spec").Items("finalizers").Any(),
        Validate = operation => CheckFinalizers(operation.Object, withIndex: false),
        Subresources =
        [
            new Subresource
            {
                Name = "status",
                PrepareForUpdate = operation => operation.Object.CopyFrom(operation.Old, "spec"),
                Validate = CheckPhase,
            },
            new Subresource
            {
                Name = "finalize",
                Verbs = ["update"],
                PrepareForUpdate = operation => operation.Object.CopyFrom(operation.Old, "status"),
                Validate = operation => CheckFinalizers(operation.Object, withIndex: true),
            },
        ],
    };

    private static void Default(JsonObject value)
    {
        value.Ensure("status").Default("phase", "Active");
        Label(value);
    }

    private static void PrepareForCreate(ObjectOperation operation)
    {
        var finalizers = operation.Object.Map("spec").Texts("finalizers").ToList();
        operation.Object.Ensure("spec")["finalizers"] = new JsonArray(
            [.. finalizers, .. finalizers.Contains("kubernetes") ? Array.Empty<JsonNode?>() : ["kubernetes"]]);
        operation.Object["status"] = new JsonObject { ["phase"] = "Active" };

        // The name may have been generated after the defaults were filled in.
        Label(operation.Object);
    }

    // The namespace goes when its content is gone: whoever sees to that empties spec.finalizers.
    private static bool PrepareForDelete(ObjectOperation operation)
    {
        if (operation.Name is "default" or "kube-system" or "kube-public")
        {
            throw ApiException.Forbidden("", "namespaces", operation.Name, "this namespace may not be deleted");
        }

        operation.Object.Ensure("status")["phase"] = "Terminating";
        return operation.Object.Map("spec").Items("finalizers").Any();
    }

    private static void Label(JsonObject value)
    {
        if (value.Map("metadata").Text("name") is { Length: > 0 } name)
        {
            value.Ensure("metadata").Ensure("labels")[NameLabel] = name;
        }
    }

    private static IEnumerable<FieldError> CheckPhase(ObjectOperation operation)
    {
        var phase = operation.Object.Map("status").Text("phase");
        var terminating = operation.Object.Map("metadata").Has("deletionTimestamp");
        if (!terminating && phase != "Active")
        {
            yield return new FieldPath("status").Child("Phase")
                .Invalid(phase, "may only be 'Active' if `deletionTimestamp` is empty");
        }

        if (terminating && phase != "Terminating")
        {
            yield return new FieldPath("status").Child("Phase")
                .Invalid(phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
        }
    }

    private static IEnumerable<FieldError> CheckFinalizers(JsonObject value, bool withIndex)
    {
        var path = new FieldPath("spec").Child("finalizers");
        return value.Map("spec").Texts("finalizers").Index().SelectMany(f =>
        {
            var at = withIndex ? path.Index(f.Index) : path;
            return MetadataRules.CheckFinalizer(f.Item, at).Concat(MetadataRules.CheckFinalizerIsQualified(f.Item, at));
        });
    }
}
