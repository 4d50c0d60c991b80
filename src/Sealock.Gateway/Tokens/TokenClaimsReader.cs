// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json;

namespace Sealock.Gateway.Tokens;

/// <summary>Reads the claims of both kinds of service account token; a claim of a wrong type spoils the token.</summary>
internal static class TokenClaimsReader
{
    private const string SubjectPrefix = "system:serviceaccount:";
    private const string LegacyPrefix = "kubernetes.io/serviceaccount/";
    private static readonly long LatestSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    public static TokenClaims? Read(JsonElement claims)
    {
        try
        {
            var subject = Text(claims, "sub");
            var read = claims.TryGetProperty("kubernetes.io", out var bound) ? Bound(claims, bound) : Legacy(claims);
            return read is not null && subject == $"{SubjectPrefix}{read.Namespace}:{read.ServiceAccount.Name}" ? read : null;
        }
        catch (Exception error) when (error is InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static TokenClaims? Bound(JsonElement claims, JsonElement bound)
    {
        var @namespace = Text(bound, "namespace");
        var serviceAccount = Reference(bound, "serviceaccount");
        // Whoever signs these tokens states when they end; one without an end is not ours.
        if (@namespace.Length == 0 || serviceAccount is null || Time(claims, "exp") is not { } expires)
            return null;
        return new TokenClaims
        {
            Issuer = Text(claims, "iss"),
            Subject = Text(claims, "sub"),
            Audiences = Audiences(claims),
            Expires = expires,
            NotBefore = Time(claims, "nbf"),
            IssuedAt = Time(claims, "iat"),
            Id = Text(claims, "jti"),
            Namespace = @namespace,
            ServiceAccount = serviceAccount,
            Pod = Reference(bound, "pod"),
            Secret = Reference(bound, "secret"),
            Node = Reference(bound, "node"),
            WarnAfter = Time(bound, "warnafter"),
        };
    }

    private static TokenClaims? Legacy(JsonElement claims)
    {
        var @namespace = Text(claims, LegacyPrefix + "namespace");
        var name = Text(claims, LegacyPrefix + "service-account.name");
        var uid = Text(claims, LegacyPrefix + "service-account.uid");
        var secret = Text(claims, LegacyPrefix + "secret.name");
        if (@namespace.Length == 0 || name.Length == 0 || uid.Length == 0 || secret.Length == 0)
            return null;
        return new TokenClaims
        {
            Issuer = Text(claims, "iss"),
            Subject = Text(claims, "sub"),
            Audiences = Audiences(claims),
            Expires = Time(claims, "exp"),
            NotBefore = Time(claims, "nbf"),
            Namespace = @namespace,
            ServiceAccount = new ObjectClaim(name, uid),
            Secret = new ObjectClaim(secret, ""),
            IsLegacy = true,
        };
    }

    private static ObjectClaim? Reference(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? new ObjectClaim(Text(value, "name"), Text(value, "uid"))
            : null;

    private static string Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static ImmutableArray<string> Audiences(JsonElement claims)
    {
        if (!claims.TryGetProperty("aud", out var value))
            return [];
        return value.ValueKind == JsonValueKind.String
            ? [value.GetString()!]
            : [.. value.EnumerateArray().Select(item => item.GetString() ?? "")];
    }

    private static DateTimeOffset? Time(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var value))
            return null;
        var seconds = value.GetDouble();
        return seconds >= 0 && seconds <= LatestSecond
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : throw new FormatException($"claim {name} is no time");
    }
}
