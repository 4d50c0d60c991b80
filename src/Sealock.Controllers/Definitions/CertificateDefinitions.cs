// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Definitions;
using Sealock.Controllers.Definitions.Issuance;
using Sealock.Controllers.Revocation.Definitions;

namespace Sealock.Controllers.Definitions;

/// <summary>The resources whose rules are about certificates.</summary>
public static class CertificateDefinitions
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<ResourceDefinition> All { get; } =
    [
        CertificateSigningRequestDefinition.Value,
        ClusterTrustBundleDefinition.InVersion("v1"),
        .. IssuanceDefinitions.All,
        .. RevocationDefinitions.All,
    ];
}
