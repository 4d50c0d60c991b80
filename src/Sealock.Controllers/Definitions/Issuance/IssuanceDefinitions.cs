// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Definitions;

namespace Sealock.Controllers.Definitions.Issuance;

/// <summary>
/// The kinds of issuance, those of cert-manager and its neighbours among them. On another cluster each is a
/// CustomResourceDefinition, made from the same definition.
/// </summary>
public static class IssuanceDefinitions
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<ResourceDefinition> All { get; } =
    [
        CertificateDefinition.Value,
        CertificateRequestDefinition.Value,
        IssuerDefinition.Namespaced,
        IssuerDefinition.OfCluster,
        OrderDefinition.Value,
        ChallengeDefinition.Value,
        RequestPolicyDefinition.Value,
        BundleDefinition.Value,
    ];
}
