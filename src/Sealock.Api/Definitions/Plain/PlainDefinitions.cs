// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;

namespace Sealock.Api.Definitions.Plain;

/// <summary>Kubernetes' own kinds whose rules need nothing but the object itself.</summary>
public static class PlainDefinitions
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<ResourceDefinition> All { get; } =
    [
        NamespaceDefinition.Value,
        SecretDefinition.Value,
        ConfigMapDefinition.Value,
        ServiceAccountDefinition.Value,
        ServiceDefinition.Value,
        EndpointsDefinition.Value,
        NodeDefinition.Value,
        PodDefinition.Value,
        EventDefinition.Value,
        LeaseDefinition.Value,
        IngressDefinition.Value,
        IngressClassDefinition.Value,
        EndpointSliceDefinition.Value,
    ];
}
