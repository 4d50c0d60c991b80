// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Definitions;
using Sealock.Api.Tables;
using Sealock.Controllers.Definitions.Issuance.Rules;
using Sealock.Controllers.Definitions.Issuance.Schemas;
using static Sealock.Controllers.Definitions.PrinterColumns;

namespace Sealock.Controllers.Definitions.Issuance;

/// <summary>policy.cert-manager.io/v1alpha1 CertificateRequestPolicy.</summary>
internal static class RequestPolicyDefinition
{
    public static ResourceDefinition Value { get; } = new()
    {
        Group = "policy.cert-manager.io",
        Version = "v1alpha1",
        Kind = "CertificateRequestPolicy",
        Plural = "certificaterequestpolicies",
        ShortNames = ["crp"],
        Categories = ["cert-manager"],
        Scope = ResourceScope.Cluster,
        SchemaName = "io.cert-manager.policy.v1alpha1.CertificateRequestPolicy",
        Schema = RequestPolicySchema.Create,
        Columns =
        [
            Cells.Name,
            Condition("Ready", "Ready", "status", "Whether requests are decided by it."),
            Age,
        ],
        PrepareForCreate = CustomResourceStrategy.PrepareForCreate,
        PrepareForUpdate = CustomResourceStrategy.PrepareForUpdate,
        Admission = [RequestPolicyRules.Warn],
        Validate = operation => RequestPolicyRules.Check(operation.Object),
        Subresources = [CustomResourceStrategy.Status()],
    };
}
