// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Api.Definitions.Plain;

/// <summary>networking.k8s.io/v1 Ingress with its subresource <c>status</c>.</summary>
internal static class IngressDefinition
{
    public static ResourceDefinition Value { get; } = new()
    {
        Group = "networking.k8s.io",
        Version = "v1",
        Kind = "Ingress",
        Plural = "ingresses",
        ShortNames = ["ing"],
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.k8s.api.networking.v1.Ingress",
        Columns = NetworkColumns.Ingresses,
        PrepareForCreate = operation =>
        {
            operation.Object["status"] = new System.Text.Json.Nodes.JsonObject { ["loadBalancer"] = new System.Text.Json.Nodes.JsonObject() };
            ObjectGeneration.Start(operation);
        },
        PrepareForUpdate = operation =>
        {
            operation.Object.CopyFrom(operation.Old, "status");
            ObjectGeneration.CountChange(operation, "spec");
        },
        Validate = IngressRules.Check,
        Subresources =
        [
            new Subresource
            {
                Name = "status",
                PrepareForUpdate = operation => operation.Object.CopyFrom(operation.Old, "spec"),
                Validate = operation => AddressRules.CheckLoadBalancer(operation.Object.Map("status")),
            },
        ],
    };
}
