// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Sealock.Api.Security;

namespace Sealock.Gateway.Tokens;

/// <summary>Signs service account tokens with one key, in the name of one issuer.</summary>
public sealed class ServiceAccountTokenIssuer : ITokenIssuer
{
    private readonly string _issuer;
    private readonly ImmutableArray<string> _defaultAudiences;
    private readonly TimeProvider _clock;
    private readonly SigningCredentials _credentials;
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>Makes an issuer; <paramref name="defaultAudiences"/> are the API server's own.</summary>
    /// <exception cref="ArgumentException">The key cannot sign.</exception>
    public ServiceAccountTokenIssuer(
        string issuer, ServiceAccountKey key, ImmutableArray<string> defaultAudiences, TimeProvider clock)
    {
        if (!key.IsPrivate)
            throw new ArgumentException("the key that signs service account tokens must be a private key", nameof(key));
        _issuer = issuer;
        _defaultAudiences = defaultAudiences;
        _clock = clock;
        _credentials = new SigningCredentials(key.Key, key.Algorithm);
    }

    /// <inheritdoc/>
    public IssuedToken Issue(ServiceAccountTokenRequest request)
    {
        // Claims count whole seconds; the end is told to the client as it stands in the token.
        var now = DateTimeOffset.FromUnixTimeSeconds(_clock.GetUtcNow().ToUnixTimeSeconds());
        var audiences = request.Audiences.Length > 0 ? request.Audiences : _defaultAudiences;
        var bound = request.BoundTo is { } target ? ObjectClaim.Of(target) : null;
        var claims = new TokenClaims
        {
            Issuer = _issuer,
            Subject = $"system:serviceaccount:{request.Namespace}:{request.Name}",
            Audiences = audiences,
            Expires = now.AddSeconds(request.ExpirationSeconds),
            NotBefore = now,
            IssuedAt = now,
            Id = Guid.NewGuid().ToString("D"),
            Namespace = request.Namespace,
            ServiceAccount = new ObjectClaim(request.Name, request.Uid),
            Pod = request.BoundTo?.Kind == "Pod" ? bound : null,
            Secret = request.BoundTo?.Kind == "Secret" ? bound : null,
            Node = request.BoundTo?.Kind == "Node" ? bound : request.Node is { } node ? ObjectClaim.Of(node) : null,
            WarnAfter = request.WarnAfterSeconds is { } seconds ? now.AddSeconds(seconds) : null,
        };
        return new IssuedToken(
            _handler.CreateToken(claims.ToJson(), _credentials), now.AddSeconds(request.ExpirationSeconds), audiences);
    }
}
