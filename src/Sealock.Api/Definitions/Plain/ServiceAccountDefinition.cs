// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Tables;

namespace Sealock.Api.Definitions.Plain;

/// <summary>v1 ServiceAccount. Its subresource <c>token</c> is added where tokens are issued.</summary>
internal static class ServiceAccountDefinition
{
    public static ResourceDefinition Value { get; } = new()
    {
        Group = "",
        Version = "v1",
        Kind = "ServiceAccount",
        Plural = "serviceaccounts",
        ShortNames = ["sa"],
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.k8s.api.core.v1.ServiceAccount",
        ReturnsDeletedObject = true,
        Columns = CoreColumns.ServiceAccounts,
    };
}
