// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Security;
using Sealock.Gateway.Authorization;
using Sealock.Gateway.Users;

namespace Sealock.Gateway.Tokens;

/// <summary>How service account tokens are judged.</summary>
public sealed record ServiceAccountTokenOptions
{
    /// <summary>Issuers whose tokens are accepted; the first one signs.</summary>
    public required ImmutableArray<string> Issuers { get; init; }

    /// <summary>Keys that verify, of which one may also sign.</summary>
    public required ImmutableArray<ServiceAccountKey> Keys { get; init; }

    /// <summary>The API server's own audiences; tokens for others are refused here.</summary>
    public required ImmutableArray<string> Audiences { get; init; }
}

/// <summary>
/// Accepts service account tokens while the service account, and the pod, secret or node to which a token is bound,
/// still exist with the same uid. Objects are looked up in memory on every call, so that a deletion takes effect at once.
/// </summary>
public sealed class ServiceAccountTokenAuthenticator(
    ServiceAccountTokenOptions options, IObjectReader objects, TimeProvider clock) : ITokenAuthenticator
{
    private const string LegacyIssuer = "kubernetes/serviceaccount";
    private const string ExtraPrefix = "authentication.kubernetes.io/";
    private const string NamePrefix = "system:serviceaccount:";
    private const string IdPrefix = "JTI=";

    /// <summary>How far another machine's clock may run ahead, and how long a deleted object's token may still serve.</summary>
    private static readonly TimeSpan Leeway = TimeSpan.FromMinutes(1);

    private readonly TokenSignatures _signatures = new(options.Keys);

    /// <summary>Called after a service account is gone; must not block.</summary>
    public event Action? Withdrawn;

    /// <summary>Takes over a stored change of a service account.</summary>
    public void Take(ObjectChange change)
    {
        if (change.Object is null)
            Withdrawn?.Invoke();
    }

    /// <summary>
    /// Whether whoever came in with a token of these may still, as far as the user tells: the account, and the pod or node to which
    /// the token is bound, still exist. True for everybody else.
    /// </summary>
    public bool StillHold(UserInfo user)
    {
        if (!user.Name.StartsWith(NamePrefix, StringComparison.Ordinal) || !TryGet(user, "credential-id", out var id)
            || !id.StartsWith(IdPrefix, StringComparison.Ordinal) || id.StartsWith(IdPrefix + LoginNames.Prefix, StringComparison.Ordinal))
            return true;
        var (name, colon) = (user.Name[NamePrefix.Length..], user.Name.IndexOf(':', NamePrefix.Length) - NamePrefix.Length);
        if (colon < 0 || !Lives("serviceaccounts", name[..colon], new ObjectClaim(name[(colon + 1)..], user.Uid)))
            return false;
        var isBoundToPod = TryGet(user, "pod-name", out var pod) & TryGet(user, "pod-uid", out var podUid);
        if (isBoundToPod)
            return Lives("pods", name[..colon], new ObjectClaim(pod, podUid));
        return !(TryGet(user, "node-name", out var node) & TryGet(user, "node-uid", out var nodeUid)) || Lives("nodes", "", new ObjectClaim(node, nodeUid));
    }

    /// <inheritdoc/>
    public async ValueTask<TokenIdentity?> AuthenticateAsync(
        string token, ImmutableArray<string> audiences, CancellationToken cancellationToken)
    {
        if (await _signatures.VerifyAsync(token) is not { } claims || !IsTimely(claims))
            return null;
        if (!(claims.IsLegacy ? claims.Issuer == LegacyIssuer : options.Issuers.Contains(claims.Issuer)))
            return null;
        // A legacy token names no audience and is meant for this server.
        var stated = claims.IsLegacy && claims.Audiences.Length == 0 ? options.Audiences : claims.Audiences;
        var wanted = audiences.Length > 0 ? audiences : options.Audiences;
        ImmutableArray<string> accepted = [.. stated.Where(wanted.Contains)];
        if (accepted.Length == 0 || !Holds(claims, token))
            return null;
        var user = UserInfo.ServiceAccount(claims.Namespace, claims.ServiceAccount.Name, claims.ServiceAccount.Uid);
        return new TokenIdentity(user with { Extra = ExtraOf(claims) }, accepted) { Method = "service_account" };
    }

    private bool IsTimely(TokenClaims claims)
    {
        var now = clock.GetUtcNow();
        return !(claims.Expires <= now) && !(claims.NotBefore > now + Leeway) && !(claims.IssuedAt > now + Leeway);
    }

    private bool Holds(TokenClaims claims, string token)
    {
        if (!Lives("serviceaccounts", claims.Namespace, claims.ServiceAccount))
            return false;
        if (claims.IsLegacy)
            return claims.Secret is { } kept && IsKeptIn(claims.Namespace, kept.Name, token);
        return (claims.Secret is not { } secret || Lives("secrets", claims.Namespace, secret))
            && (claims.Pod is not { } pod || Lives("pods", claims.Namespace, pod))
            // The node of a bound pod is a statement; only a token bound to the node itself dies with it.
            && (claims.Node is not { } node || claims.Pod is not null || Lives("nodes", "", node));
    }

    private bool Lives(string plural, string @namespace, ObjectClaim claim) =>
        claim.Name.Length > 0 && claim.Uid.Length > 0
        && objects.Find("", plural, @namespace, claim.Name)?["metadata"] is JsonObject metadata
        && JsonFields.Text(metadata, "uid") == claim.Uid
        && !IsGone(metadata);

    private bool IsGone(JsonObject metadata)
    {
        var deleted = JsonFields.Text(metadata, "deletionTimestamp");
        return deleted.Length > 0
            && (!DateTimeOffset.TryParse(deleted, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)
                || since < clock.GetUtcNow() - Leeway);
    }

    private bool IsKeptIn(string @namespace, string name, string token)
    {
        var secret = objects.Find("", "secrets", @namespace, name);
        if (secret is null || JsonFields.Text(secret["metadata"] as JsonObject, "deletionTimestamp").Length > 0)
            return false;
        var kept = JsonFields.Text(secret["data"] as JsonObject, "token");
        return CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(kept), Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.ASCII.GetBytes(token))));
    }

    private static bool TryGet(UserInfo user, string key, out string value)
    {
        var found = user.Extra.TryGetValue(ExtraPrefix + key, out var values) && values is [_];
        value = found ? values[0] : "";
        return found;
    }

    private static ImmutableDictionary<string, ImmutableArray<string>> ExtraOf(TokenClaims claims)
    {
        var extra = ImmutableDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);
        if (claims.Id.Length > 0)
            extra[ExtraPrefix + "credential-id"] = [IdPrefix + claims.Id];
        if (claims.Pod is { } pod)
        {
            extra[ExtraPrefix + "pod-name"] = [pod.Name];
            extra[ExtraPrefix + "pod-uid"] = [pod.Uid];
        }

        if (claims.Node is { } node)
        {
            extra[ExtraPrefix + "node-name"] = [node.Name];
            if (node.Uid.Length > 0)
                extra[ExtraPrefix + "node-uid"] = [node.Uid];
        }

        return extra.ToImmutable();
    }
}
