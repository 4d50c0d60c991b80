// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sealock.Api.Definitions;
using Sealock.Api.Security;
using Sealock.Gateway.Authorization;

namespace Sealock.Gateway.Tokens;

/// <summary>
/// Accepts bootstrap tokens, <c>id.secret</c>, kept in secrets <c>bootstrap-token-ID</c> of kube-system, as kubeadm
/// makes them for joining nodes.
/// </summary>
public sealed partial class BootstrapTokenAuthenticator(
    IObjectReader objects, ImmutableArray<string> ownAudiences, TimeProvider clock) : ITokenAuthenticator
{
    private const string GroupPrefix = "system:bootstrappers";

    [GeneratedRegex("^([a-z0-9]{6})\\.([a-z0-9]{16})$", RegexOptions.CultureInvariant)]
    private static partial Regex TokenForm { get; }

    [GeneratedRegex("^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$", RegexOptions.CultureInvariant)]
    private static partial Regex GroupForm { get; }

    /// <inheritdoc/>
    public ValueTask<TokenIdentity?> AuthenticateAsync(
        string token, ImmutableArray<string> audiences, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Authenticate(token, audiences.Length > 0 ? audiences : ownAudiences));

    private TokenIdentity? Authenticate(string token, ImmutableArray<string> wanted)
    {
        // These tokens name no audience: they are meant for this server.
        ImmutableArray<string> accepted = [.. wanted.Where(audience => ownAudiences.Contains(audience))];
        if (accepted.Length == 0)
            return null;
        if (token.Length != 23 || TokenForm.Match(token) is not { Success: true } match || token.EndsWith('\n'))
            return null;
        var id = match.Groups[1].Value;
        var secret = objects.Find("", "secrets", "kube-system", "bootstrap-token-" + id);
        if (secret is null || JsonFields.Text(secret, "type") != "bootstrap.kubernetes.io/token"
            || JsonFields.Text(secret["metadata"] as JsonObject, "deletionTimestamp").Length > 0
            || secret["data"] is not JsonObject data)
        {
            return null;
        }

        if (!CryptographicOperations.FixedTimeEquals(Decode(data, "token-secret"), Encoding.ASCII.GetBytes(match.Groups[2].Value))
            || Text(data, "token-id") != id
            || Text(data, "usage-bootstrap-authentication") != "true"
            || HasExpired(Text(data, "expiration"))
            || GroupsOf(Text(data, "auth-extra-groups")) is not { } groups)
        {
            return null;
        }

        return new TokenIdentity(new UserInfo { Name = "system:bootstrap:" + id, Groups = groups }, accepted) { Method = "bootstrap_token" };
    }

    /// <summary>Null if one of them is not a bootstrapper's group: then the whole token is refused.</summary>
    private static ImmutableArray<string>? GroupsOf(string extra)
    {
        if (extra.Length == 0)
            return [GroupPrefix];
        var groups = extra.Split(',');
        return groups.All(group => GroupForm.IsMatch(group) && !group.EndsWith('\n'))
            ? [.. groups.Append(GroupPrefix).Distinct().Order(StringComparer.Ordinal)]
            : null;
    }

    private bool HasExpired(string expiration) => expiration.Length > 0
        && (!DateTimeOffset.TryParse(expiration, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end)
            || end <= clock.GetUtcNow());

    private static string Text(JsonObject data, string key) => Encoding.UTF8.GetString(Decode(data, key));

    private static byte[] Decode(JsonObject data, string key)
    {
        var encoded = JsonFields.Text(data, key);
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) ? bytes[..length] : [];
    }
}
