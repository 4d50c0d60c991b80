// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Definitions;
using Sealock.Api.Tables;
using Sealock.Controllers.Definitions.Issuance.Rules;
using Sealock.Controllers.Definitions.Issuance.Schemas;
using static Sealock.Controllers.Definitions.PrinterColumns;

namespace Sealock.Controllers.Definitions.Issuance;

/// <summary>cert-manager.io/v1 Certificate.</summary>
internal static class CertificateDefinition
{
    public static ResourceDefinition Value { get; } = new()
    {
        Group = "cert-manager.io",
        Version = "v1",
        Kind = "Certificate",
        Plural = "certificates",
        ShortNames = ["cert", "certs"],
        Categories = ["cert-manager"],
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.cert-manager.v1.Certificate",
        Schema = CertificateSchema.Create,
        SecretFields = ["spec.keystores.*.password"],
        Columns =
        [
            Cells.Name,
            Condition("Ready", "Ready", "status", "Whether the Secret holds a valid certificate as it is wanted."),
            Field("Secret", "spec.secretName", "The Secret that holds key and certificate."),
            Field("Issuer", "spec.issuerRef.name", "The issuer that is asked.", 1),
            Condition("Status", "Ready", "message", "Why it is ready, or not.", 1),
            Age,
        ],
        PrepareForCreate = CustomResourceStrategy.PrepareForCreate,
        PrepareForUpdate = CustomResourceStrategy.PrepareForUpdate,
        Validate = operation => CertificateRules.Check(operation.Object, operation.Old),
        Subresources = [CustomResourceStrategy.Status()],
    };
}
