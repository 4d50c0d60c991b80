// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Definitions;
using Sealock.Api.Tables;
using Sealock.Controllers.Definitions.Issuance.Rules;
using Sealock.Controllers.Definitions.Issuance.Schemas;
using static Sealock.Controllers.Definitions.PrinterColumns;

namespace Sealock.Controllers.Definitions.Issuance;

/// <summary>trust.cert-manager.io/v1alpha1 Bundle.</summary>
internal static class BundleDefinition
{
    public static ResourceDefinition Value { get; } = new()
    {
        Group = "trust.cert-manager.io",
        Version = "v1alpha1",
        Kind = "Bundle",
        Plural = "bundles",
        Scope = ResourceScope.Cluster,
        SchemaName = "io.cert-manager.trust.v1alpha1.Bundle",
        Schema = BundleSchema.Create,
        SecretFields = ["spec.target.additionalFormats.*.password"],
        Columns =
        [
            Cells.Name,
            Field("ConfigMap Target", "spec.target.configMap.key", "Key of the ConfigMaps."),
            Field("Secret Target", "spec.target.secret.key", "Key of the Secrets."),
            Condition("Synced", "Synced", "status", "Whether all namespaces have it."),
            Condition("Reason", "Synced", "reason", "Why they have it, or not."),
            Age,
        ],
        PrepareForCreate = CustomResourceStrategy.PrepareForCreate,
        PrepareForUpdate = CustomResourceStrategy.PrepareForUpdate,
        Validate = operation => BundleRules.Check(operation.Object),
        Subresources = [CustomResourceStrategy.Status()],
    };
}
