// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Sealock.Api.Security;

namespace Sealock.Gateway.Authentication;

/// <summary>
/// A static token file as kube-apiserver reads it: CSV records <c>token,user,uid[,"group1,group2"]</c>. The tokens
/// themselves are not kept, only their keyed hashes.
/// </summary>
internal sealed class TokenFile
{
    private readonly FrozenDictionary<TokenHash, UserInfo> _users;

    private TokenFile(FrozenDictionary<TokenHash, UserInfo> users, ImmutableArray<string> warnings)
    {
        _users = users;
        Warnings = warnings;
    }

    /// <summary>What is odd about the file but does not hinder: empty and repeated tokens.</summary>
    public ImmutableArray<string> Warnings { get; }

    /// <summary>Whom a token stands for; null if it is not in the file.</summary>
    public UserInfo? Find(TokenHash token) => _users.GetValueOrDefault(token);

    /// <summary>
    /// This file with the users of the one before, as the same objects, where nothing has changed; <paramref name="withdrawn"/>
    /// are those whom a token stood for and does not any more.
    /// </summary>
    public TokenFile After(TokenFile before, out IReadOnlyList<UserInfo> withdrawn)
    {
        withdrawn = [.. before._users.Where(pair => !IsSame(pair.Value, _users.GetValueOrDefault(pair.Key))).Select(pair => pair.Value)];
        return new TokenFile(
            _users.ToFrozenDictionary(
                pair => pair.Key,
                pair => before._users.GetValueOrDefault(pair.Key) is { } known && IsSame(known, pair.Value) ? known : pair.Value),
            Warnings);
    }

    private static bool IsSame(UserInfo one, UserInfo? other) =>
        other is not null && one.Name == other.Name && one.Uid == other.Uid && one.Groups.SequenceEqual(other.Groups);

    /// <summary>Reads the text of a token file.</summary>
    /// <exception cref="FormatException">
    /// It is malformed; the message names the line and none of its content.
    /// </exception>
    public static TokenFile Parse(string text, TokenHasher hasher)
    {
        var users = new Dictionary<TokenHash, UserInfo>();
        var warnings = ImmutableArray.CreateBuilder<string>();
        foreach (var (line, fields) in CsvRecords.Read(text))
        {
            if (fields.Count < 3)
            {
                throw new FormatException(
                    $"line {line}: expected at least 3 columns (token, user name, user uid), found {fields.Count}");
            }

            if (fields[0].Length == 0)
            {
                warnings.Add($"line {line}: the token is empty; the line is ignored");
                continue;
            }

            var hash = hasher.Hash(fields[0]);
            if (users.ContainsKey(hash))
                warnings.Add($"line {line}: the token stands in an earlier line too; this line counts");
            var groups = fields.Count > 3 ? fields[3].Split(',').Where(group => group.Length > 0) : [];
            users[hash] = Identities.Authenticated(
                new UserInfo { Name = fields[1], Uid = fields[2], Groups = [.. groups] });
        }

        return new TokenFile(users.ToFrozenDictionary(), warnings.ToImmutable());
    }

    /// <summary>Reads a file; throws as <see cref="Parse"/> does, and what reading a file throws.</summary>
    public static TokenFile Load(string path, TokenHasher hasher)
    {
        try
        {
            return Parse(File.ReadAllText(path, Encoding.UTF8), hasher);
        }
        catch (FormatException error)
        {
            throw new FormatException($"token file {path}: {error.Message}", error);
        }
    }
}
