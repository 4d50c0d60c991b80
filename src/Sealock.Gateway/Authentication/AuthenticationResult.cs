// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Security;

namespace Sealock.Gateway.Authentication;

/// <summary>What one authenticator, or all of them, made of a request.</summary>
internal readonly record struct AuthenticationResult
{
    private AuthenticationResult(UserInfo? user, bool failed)
    {
        User = user;
        Failed = failed;
    }

    /// <summary>The request carries no credentials of this kind.</summary>
    public static AuthenticationResult None => default;

    /// <summary>It carries credentials that are not valid.</summary>
    public static AuthenticationResult Failure { get; } = new(null, true);

    /// <summary>Whom the credentials stand for; null where there are none, or no valid ones.</summary>
    public UserInfo? User { get; }

    /// <summary>Whether credentials were presented and found wanting.</summary>
    public bool Failed { get; }

    /// <summary>It carries valid credentials.</summary>
    public static AuthenticationResult Success(UserInfo user) => new(user, false);
}
