// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Definitions;
using Sealock.Api.Tables;
using Sealock.Controllers.Definitions.Issuance.Rules;
using Sealock.Controllers.Definitions.Issuance.Schemas;
using static Sealock.Controllers.Definitions.PrinterColumns;

namespace Sealock.Controllers.Definitions.Issuance;

/// <summary>cert-manager.io/v1 CertificateRequest.</summary>
internal static class CertificateRequestDefinition
{
    public static ResourceDefinition Value { get; } = new()
    {
        Group = "cert-manager.io",
        Version = "v1",
        Kind = "CertificateRequest",
        Plural = "certificaterequests",
        ShortNames = ["cr", "crs"],
        Categories = ["cert-manager"],
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.cert-manager.v1.CertificateRequest",
        Schema = CertificateRequestSchema.Create,
        Columns =
        [
            Cells.Name,
            Condition("Approved", "Approved", "status", "Whether it may be signed."),
            Condition("Denied", "Denied", "status", "Whether it must not be signed."),
            Condition("Ready", "Ready", "status", "Whether the certificate is there."),
            Field("Issuer", "spec.issuerRef.name", "The issuer that is asked."),
            Field("Requester", "spec.username", "Who made the request."),
            Condition("Status", "Ready", "message", "Why it is ready, or not.", 1),
            Age,
        ],
        PrepareForCreate = operation =>
        {
            CustomResourceStrategy.PrepareForCreate(operation);
            RequesterIdentity.Set(operation);
        },
        PrepareForUpdate = CustomResourceStrategy.PrepareForUpdate,
        Validate = CertificateRequestRules.Check,
        Subresources =
        [
            CustomResourceStrategy.Status(CertificateRequestRules.CheckStatus) with
            {
                ValidatingAdmission = [IssuerApproval.Check],
            },
        ],
    };
}
