// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Definitions;
using Sealock.Api.Tables;
using Sealock.Controllers.Definitions.Issuance.Rules;
using Sealock.Controllers.Definitions.Issuance.Schemas;
using static Sealock.Controllers.Definitions.PrinterColumns;

namespace Sealock.Controllers.Definitions.Issuance;

/// <summary>acme.cert-manager.io/v1 Order.</summary>
internal static class OrderDefinition
{
    public static ResourceDefinition Value { get; } = new()
    {
        Group = "acme.cert-manager.io",
        Version = "v1",
        Kind = "Order",
        Plural = "orders",
        Categories = ["cert-manager", "cert-manager-acme"],
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.cert-manager.acme.v1.Order",
        Schema = OrderSchema.Create,
        Columns =
        [
            Cells.Name,
            Field("State", "status.state", "State of the order."),
            Field("Issuer", "spec.issuerRef.name", "The issuer whose ACME server it is.", 1),
            Field("Reason", "status.reason", "Why it is so.", 1),
            Age,
        ],
        PrepareForCreate = CustomResourceStrategy.PrepareForCreate,
        PrepareForUpdate = CustomResourceStrategy.PrepareForUpdate,
        Validate = OrderRules.CheckSpec,
        Subresources = [CustomResourceStrategy.Status(OrderRules.CheckStatus)],
    };
}
