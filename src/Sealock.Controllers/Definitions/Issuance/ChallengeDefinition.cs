// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Definitions;
using Sealock.Api.Tables;
using Sealock.Controllers.Definitions.Issuance.Rules;
using Sealock.Controllers.Definitions.Issuance.Schemas;
using static Sealock.Controllers.Definitions.PrinterColumns;

namespace Sealock.Controllers.Definitions.Issuance;

/// <summary>acme.cert-manager.io/v1 Challenge.</summary>
internal static class ChallengeDefinition
{
    public static ResourceDefinition Value { get; } = new()
    {
        Group = "acme.cert-manager.io",
        Version = "v1",
        Kind = "Challenge",
        Plural = "challenges",
        Categories = ["cert-manager", "cert-manager-acme"],
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.cert-manager.acme.v1.Challenge",
        Schema = ChallengeSchema.Create,
        Columns =
        [
            Cells.Name,
            Field("State", "status.state", "State of the challenge."),
            Field("Domain", "spec.dnsName", "The name whose control is shown."),
            Field("Reason", "status.reason", "Why it is so.", 1),
            Age,
        ],
        PrepareForCreate = CustomResourceStrategy.PrepareForCreate,
        PrepareForUpdate = CustomResourceStrategy.PrepareForUpdate,
        Validate = OrderRules.CheckChallenge,
        Subresources = [CustomResourceStrategy.Status()],
    };
}
