// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Security;

namespace Sealock.Gateway.Authentication;

/// <summary>Authenticators of bearer tokens, asked in order: the first that knows a token wins.</summary>
public sealed class TokenChain(params ImmutableArray<ITokenAuthenticator> authenticators) : ITokenAuthenticator
{
    /// <inheritdoc/>
    public async ValueTask<TokenIdentity?> AuthenticateAsync(
        string token, ImmutableArray<string> audiences, CancellationToken cancellationToken)
    {
        foreach (var authenticator in authenticators)
        {
            if (await authenticator.AuthenticateAsync(token, audiences, cancellationToken) is { } identity)
                return identity;
        }

        return null;
    }
}
