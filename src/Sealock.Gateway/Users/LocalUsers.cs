// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Security;
using Sealock.Gateway.Authentication;
using Sealock.Gateway.Authorization;

namespace Sealock.Gateway.Users;

/// <summary>A local user as stored.</summary>
/// <param name="Uid">The object's uid.</param>
/// <param name="Groups">The groups.</param>
/// <param name="Disabled">Whether the user may not come in.</param>
public sealed record LocalUser(string Uid, ImmutableArray<string> Groups, bool Disabled);

/// <summary>A login token as stored.</summary>
/// <param name="Name">The object's name.</param>
/// <param name="User">Whose it is.</param>
/// <param name="UserUid">The uid of that user.</param>
/// <param name="Expires">When it ends.</param>
public sealed record LoginToken(string Name, string User, string UserUid, DateTimeOffset Expires);

/// <summary>
/// Local users and their tokens in memory, fed from the stored objects: authenticates the tokens, and says of whoever came
/// in with one whether it still holds. A change holds from the next request on.
/// </summary>
/// <param name="ownAudiences">The audiences of this server; the tokens are meant for it.</param>
/// <param name="clock">The clock.</param>
public sealed class LocalUsers(ImmutableArray<string> ownAudiences, TimeProvider clock) : ITokenAuthenticator
{
    /// <summary>How every token begins.</summary>
    public const string Prefix = "sealock_";

    private const int LongestToken = 100;
    private const string CredentialPrefix = "JTI=";

    private readonly ConcurrentDictionary<string, LocalUser> _users = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LoginToken> _byHash = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _hashes = new(StringComparer.Ordinal);

    /// <summary>Called after something was taken away from somebody; must not block.</summary>
    public event Action? Withdrawn;

    /// <summary>How many tokens are kept.</summary>
    public int Tokens => _byHash.Count;

    /// <summary>Whether objects of a resource matter here.</summary>
    public static bool Follows(ResourceDefinition definition) =>
        definition.Group == LocalUserDefinition.Group && definition.Plural is LocalUserDefinition.Plural or LoginTokenDefinition.Plural;

    /// <summary>The hash by which a token is kept and found, in lower-case hexadecimal.</summary>
    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>A user; null where there is none.</summary>
    public LocalUser? Find(string name) => _users.GetValueOrDefault(name);

    /// <summary>The tokens of a user, the one that ends first in front.</summary>
    public IReadOnlyList<LoginToken> TokensOf(string user) =>
        [.. _byHash.Values.Where(token => token.User == user).OrderBy(token => token.Expires)];

    /// <summary>The tokens that are good for nothing any more.</summary>
    public IReadOnlyList<LoginToken> Expired(DateTimeOffset now) =>
        [.. _byHash.Values.Where(token => token.Expires <= now || _users.GetValueOrDefault(token.User)?.Uid != token.UserUid)];

    /// <summary>The object of a token; null where it is none.</summary>
    public LoginToken? FindToken(string token) =>
        token.Length <= LongestToken && token.StartsWith(Prefix, StringComparison.Ordinal) ? _byHash.GetValueOrDefault(HashOf(token)) : null;

    /// <summary>Takes over a stored change.</summary>
    public void Take(ObjectChange change)
    {
        var withdrawn = change.Plural == LocalUserDefinition.Plural ? TakeUser(change) : TakeToken(change);
        if (withdrawn)
            Withdrawn?.Invoke();
    }

    /// <inheritdoc/>
    public ValueTask<TokenIdentity?> AuthenticateAsync(
        string token, ImmutableArray<string> audiences, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Authenticate(token, audiences));

    /// <summary>Whether whoever came in with a token of these may still; true for everybody else.</summary>
    public bool StillHold(UserInfo user)
    {
        if (user.Extra.Count == 0 || !user.Extra.TryGetValue(CredentialId.Key, out var ids) || ids is not [{ } id]
            || !id.StartsWith(CredentialPrefix + LoginNames.Prefix, StringComparison.Ordinal))
            return true;
        return _hashes.TryGetValue(id[CredentialPrefix.Length..], out var hash) && _byHash.TryGetValue(hash, out var token)
            && Holder(token) is not null;
    }

    private TokenIdentity? Authenticate(string token, ImmutableArray<string> audiences)
    {
        var accepted = audiences.IsEmpty ? ownAudiences : audiences.RemoveAll(one => !ownAudiences.Contains(one));
        if ((!audiences.IsEmpty && accepted.IsEmpty) || FindToken(token) is not { } known || Holder(known) is not { } holder)
            return null;
        return new TokenIdentity(
            new UserInfo
            {
                Name = known.User,
                Uid = holder.Uid,
                Groups = holder.Groups,
                Extra = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add(CredentialId.Key, [CredentialPrefix + known.Name]),
            },
            accepted)
        { Method = "login" };
    }

    /// <summary>The user who may come in with a token; null: nobody.</summary>
    private LocalUser? Holder(LoginToken token) =>
        clock.GetUtcNow() < token.Expires && _users.TryGetValue(token.User, out var user) && !user.Disabled && user.Uid == token.UserUid
            ? user : null;

    private bool TakeUser(ObjectChange change)
    {
        if (change.Object is not { } present)
            return _users.TryRemove(change.Name, out _);
        var spec = present["spec"] as JsonObject;
        var next = new LocalUser(
            JsonFields.Text(present["metadata"] as JsonObject, "uid"), JsonFields.Texts(spec?["groups"]),
            spec?["disabled"] is JsonValue value && value.TryGetValue<bool>(out var disabled) && disabled);
        var before = _users.GetValueOrDefault(change.Name);
        _users[change.Name] = next;
        return before is not null && (next.Disabled || next.Uid != before.Uid);
    }

    private bool TakeToken(ObjectChange change)
    {
        if (_hashes.TryRemove(change.Name, out var old))
            _byHash.TryRemove(old, out _);
        if (change.Object?["spec"] is not JsonObject spec)
            return old is not null;
        var hash = JsonFields.Text(spec, "tokenSHA256");
        if (!DateTimeOffset.TryParse(
            JsonFields.Text(spec, "expires"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expires))
            return false;
        _hashes[change.Name] = hash;
        _byHash[hash] = new LoginToken(change.Name, JsonFields.Text(spec, "user"), JsonFields.Text(spec, "userUID"), expires);
        return false;
    }
}
