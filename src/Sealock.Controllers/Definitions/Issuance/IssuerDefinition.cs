// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Definitions;
using Sealock.Api.Tables;
using Sealock.Controllers.Definitions.Issuance.Rules;
using Sealock.Controllers.Definitions.Issuance.Schemas;
using static Sealock.Controllers.Definitions.PrinterColumns;

namespace Sealock.Controllers.Definitions.Issuance;

/// <summary>cert-manager.io/v1 Issuer and ClusterIssuer.</summary>
internal static class IssuerDefinition
{
    public static ResourceDefinition Namespaced { get; } = Create(
        "Issuer", ResourceScope.Namespaced, "iss", "An issuer of certificates in its namespace.");

    public static ResourceDefinition OfCluster { get; } = Create(
        "ClusterIssuer", ResourceScope.Cluster, "ciss", "An issuer of certificates in every namespace.");

    private static ResourceDefinition Create(string kind, ResourceScope scope, string shortName, string description) => new()
    {
        Group = "cert-manager.io",
        Version = "v1",
        Kind = kind,
        Plural = kind.ToLowerInvariant() + "s",
        ShortNames = [shortName],
        Categories = ["cert-manager"],
        Scope = scope,
        SchemaName = "io.cert-manager.v1." + kind,
        Schema = () => IssuerSchema.Create(description),
        Columns =
        [
            Cells.Name,
            Condition("Ready", "Ready", "status", "Whether it can issue."),
            Condition("Rotation", "AuthorityRotation", "reason", "How far the replacement of its CA is: Trust, Reissue, Withdraw; Stable when it is over."),
            Condition("Status", "Ready", "message", "Why it can, or not.", 1),
            Age,
        ],
        PrepareForCreate = CustomResourceStrategy.PrepareForCreate,
        PrepareForUpdate = CustomResourceStrategy.PrepareForUpdate,
        Admission = [IssuerRules.Warn],
        Validate = operation => IssuerRules.Check(operation.Object),
        Subresources = [CustomResourceStrategy.Status()],
    };
}
