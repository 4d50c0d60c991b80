// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Definitions;
using Sealock.Api.Security;
using Sealock.Gateway.Authorization.Definitions;
using Sealock.Gateway.Reviews;
using Sealock.Gateway.Setup;
using Sealock.Gateway.Users;

namespace Sealock.Gateway;

/// <summary>The resources whose rules live in this project.</summary>
public static class GatewayDefinitions
{
    /// <summary>All of them; <paramref name="tokens"/> answers token reviews.</summary>
    public static ImmutableArray<ResourceDefinition> All(ITokenAuthenticator tokens) =>
    [
        RbacDefinitions.Roles,
        RbacDefinitions.RoleBindings,
        RbacDefinitions.ClusterRoles,
        RbacDefinitions.ClusterRoleBindings,
        AccessReviews.SubjectAccessReviews,
        AccessReviews.SelfSubjectAccessReviews,
        AccessReviews.LocalSubjectAccessReviews,
        AccessReviews.SelfSubjectRulesReviews,
        IdentityReviews.TokenReviews(tokens),
        IdentityReviews.SelfSubjectReviews,
        ServerSetupDefinition.Value,
        LocalUserDefinition.Value,
        LocalUserPasswordDefinition.Value,
        LoginTokenDefinition.Value,
    ];
}
