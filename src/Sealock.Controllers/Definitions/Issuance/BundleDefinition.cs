// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Tables;
using Sealock.Controllers.Definitions.Issuance.Rules;
using Sealock.Controllers.Definitions.Issuance.Schemas;
using static Sealock.Controllers.Definitions.PrinterColumns;

namespace Sealock.Controllers.Definitions.Issuance;

/// <summary>trust.cert-manager.io/v1alpha1 Bundle, and trust-manager.io/v1alpha2 ClusterBundle.</summary>
internal static class BundleDefinition
{
    public static ResourceDefinition Value { get; } = Create(
        "trust.cert-manager.io", "v1alpha1", "Bundle", "io.cert-manager.trust.", BundleSchema.Create, BundleRules.Check,
        Field("ConfigMap Target", "spec.target.configMap.key", "Key of the ConfigMaps."),
        Field("Secret Target", "spec.target.secret.key", "Key of the Secrets."));

    public static ResourceDefinition OfCluster { get; } = Create(
        "trust-manager.io", "v1alpha2", "ClusterBundle", "io.trust-manager.", BundleSchema.CreateForCluster,
        BundleRules.CheckCluster);

    private static ResourceDefinition Create(
        string group, string version, string kind, string prefix, Func<JsonObject> schema,
        Func<JsonObject, IEnumerable<FieldError>> check, params ReadOnlySpan<Column> targets) => new()
        {
            Group = group,
            Version = version,
            Kind = kind,
            Plural = kind.ToLowerInvariant() + "s",
            Scope = ResourceScope.Cluster,
            SchemaName = $"{prefix}{version}.{kind}",
            Schema = schema,
            Columns =
            [
                Cells.Name,
                .. targets,
                Condition("Synced", "Synced", "status", "Whether all namespaces have it."),
                Condition("Reason", "Synced", "reason", "Why they have it, or not."),
                Age,
            ],
            PrepareForCreate = CustomResourceStrategy.PrepareForCreate,
            PrepareForUpdate = CustomResourceStrategy.PrepareForUpdate,
            Validate = operation => check(operation.Object),
            Subresources = [CustomResourceStrategy.Status()],
        };
}
