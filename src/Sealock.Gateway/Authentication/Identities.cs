// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Security;

namespace Sealock.Gateway.Authentication;

/// <summary>Rules about users that hold for every authenticator.</summary>
internal static class Identities
{
    /// <summary>The user as a member of <c>system:authenticated</c>.</summary>
    public static UserInfo Authenticated(UserInfo user) =>
        user.Groups.Contains(WellKnownGroups.Authenticated) || user.Groups.Contains(WellKnownGroups.Unauthenticated)
            ? user
            : user with { Groups = user.Groups.Add(WellKnownGroups.Authenticated) };
}
