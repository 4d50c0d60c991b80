// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Sealock.Gateway.Tokens;

/// <summary>
/// Checks the form and signature of compact JWS tokens. What a token says is remembered once its signature has been
/// found good (by the token's hash, a bounded number), since the same pods call again and again; whether it still
/// holds is decided anew each time.
/// </summary>
internal sealed class TokenSignatures(ImmutableArray<ServiceAccountKey> keys)
{
    private const int MaxRemembered = 4096;

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = TokenLimits.MaxLength };
    private readonly ConcurrentDictionary<UInt128, TokenClaims> _verified = new();

    /// <summary>The claims of a token that one of the keys has signed; null for any other text.</summary>
    public async ValueTask<TokenClaims?> VerifyAsync(string token)
    {
        if (token.Length > TokenLimits.MaxLength || !Ascii.IsValid(token))
            return null;
        var hash = Hash(token);
        if (_verified.TryGetValue(hash, out var known))
            return known;
        var parts = token.Split('.', 4);
        if (parts.Length != 3 || !parts.All(IsCanonical))
            return null;
        if (!await IsSignedAsync(token))
            return null;
        if (TokenClaims.Read(Base64Url.DecodeFromChars(parts[1])) is not { } claims)
            return null;
        // Dropping everything is rare, cheap to recover from, and leaves nothing to be gamed.
        if (_verified.Count >= MaxRemembered)
            _verified.Clear();
        _verified[hash] = claims;
        return claims;
    }

    private async ValueTask<bool> IsSignedAsync(string token)
    {
        JsonWebToken parsed;
        try
        {
            parsed = new JsonWebToken(token);
        }
        catch (Exception error) when (error is ArgumentException or SecurityTokenException or FormatException
            or System.Text.Json.JsonException or InvalidOperationException)
        {
            return false;
        }

        var candidates = keys.Where(key => key.Algorithm == parsed.Alg && (parsed.Kid.Length == 0 || key.KeyId == parsed.Kid));
        foreach (var key in candidates)
        {
            var result = await _handler.ValidateTokenAsync(parsed, new TokenValidationParameters
            {
                IssuerSigningKey = key.Key,
                ValidAlgorithms = [key.Algorithm],
                RequireSignedTokens = true,
                TryAllIssuerSigningKeys = true,
                // These are ours to judge: see ServiceAccountTokenAuthenticator.
                ValidateIssuer = false,
                ValidateAudience = false,
                ValidateLifetime = false,
                RequireExpirationTime = false,
            });
            if (result.IsValid)
                return true;
        }

        return false;
    }

    /// <summary>A text that decodes to bytes which encode to the same text: two texts are never one token.</summary>
    private static bool IsCanonical(string part)
    {
        if (part.Length == 0 || !Base64Url.IsValid(part))
            return false;
        return Base64Url.EncodeToString(Base64Url.DecodeFromChars(part)) == part;
    }

    private static UInt128 Hash(string token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.ASCII.GetBytes(token), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}

/// <summary>Bounds on what is looked at before anything is known about a token's sender.</summary>
internal static class TokenLimits
{
    /// <summary>The longest token that is looked at, in characters.</summary>
    public const int MaxLength = 16 * 1024;
}
