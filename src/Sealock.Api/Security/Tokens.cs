// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;

namespace Sealock.Api.Security;

/// <summary>Turns a bearer token into a user.</summary>
public interface ITokenAuthenticator
{
    /// <summary>
    /// Checks a token. <paramref name="audiences"/> is empty for a request to this server; a TokenReview may name
    /// others. An unknown, expired or malformed token is a null answer, never an exception.
    /// </summary>
    ValueTask<TokenIdentity?> AuthenticateAsync(
        string token, ImmutableArray<string> audiences, CancellationToken cancellationToken);
}

/// <summary>Whom a token stands for and the audiences for which it was accepted.</summary>
public sealed record TokenIdentity(UserInfo User, ImmutableArray<string> Audiences)
{
    /// <summary>What kind of token it is, in a word that its authenticator always says, such as <c>service_account</c>.</summary>
    public string Method { get; init; } = "token";
}

/// <summary>Signs service account tokens (the <c>serviceaccounts/token</c> subresource).</summary>
public interface ITokenIssuer
{
    /// <summary>Signs a token as asked; the request has been validated.</summary>
    IssuedToken Issue(ServiceAccountTokenRequest request);
}

/// <summary>What a service account token is to say.</summary>
public sealed record ServiceAccountTokenRequest
{
    /// <summary>Namespace of the service account.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the service account.</summary>
    public required string Name { get; init; }

    /// <summary>Uid of the service account.</summary>
    public required string Uid { get; init; }

    /// <summary>Audiences; empty means the issuer's default.</summary>
    public ImmutableArray<string> Audiences { get; init; } = [];

    /// <summary>Lifetime in seconds.</summary>
    public required long ExpirationSeconds { get; init; }

    /// <summary>The object with which the token dies, or null.</summary>
    public BoundObject? BoundTo { get; init; }

    /// <summary>The node on which the bound pod runs; stated in the token, not checked afterwards.</summary>
    public BoundObject? Node { get; init; }

    /// <summary>Seconds after which the use of the token is stale though it still holds; null: never.</summary>
    public long? WarnAfterSeconds { get; init; }
}

/// <summary>A Pod, Secret or Node that a token is bound to.</summary>
public sealed record BoundObject(string Kind, string ApiVersion, string Name, string Uid);

/// <summary>A signed token and the time at which it ends.</summary>
public sealed record IssuedToken(string Token, DateTimeOffset Expires, ImmutableArray<string> Audiences);
