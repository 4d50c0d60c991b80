// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Sealock.Api.Security;
using Sealock.Gateway.Files;
using Sealock.Gateway.Metrics;

namespace Sealock.Gateway.Authentication;

/// <summary>
/// Bearer tokens from a file (<c>--token-auth-file</c>), which is read again when it changes; one that is malformed
/// changes nothing. The tokens are meant for this server.
/// </summary>
public sealed partial class TokenFileAuthenticator : ITokenAuthenticator, IDisposable
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(20);

    private readonly string _path;
    private readonly ImmutableArray<string> _ownAudiences;
    private readonly TokenHasher _hasher = new();
    private readonly ILogger _log;
    private readonly ReloadCount? _reloads;
    private readonly WatchedFiles _watch;
    private readonly ConditionalWeakTable<UserInfo, UserInfo> _withdrawn = [];
    private volatile TokenFile _tokens;

    /// <summary>Reads the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="ownAudiences">The audiences of this server.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="log">Where changes and oddities are told, without any token.</param>
    /// <param name="checkInterval">
    /// How often the file is looked at, beside file system notifications; 20 seconds.
    /// </param>
    /// <param name="reloads">Where it is counted that the file is read again; null: nowhere.</param>
    /// <exception cref="FormatException">
    /// It is malformed; the message names the line and none of its content.
    /// </exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public TokenFileAuthenticator(
        string path, ImmutableArray<string> ownAudiences, TimeProvider clock, ILogger log,
        TimeSpan? checkInterval = null, ReloadCount? reloads = null)
    {
        _reloads = reloads;
        _path = path;
        _ownAudiences = ownAudiences;
        _log = log;
        _watch = new WatchedFiles([path], clock, checkInterval ?? DefaultInterval, Reload);
        _tokens = TokenFile.Load(path, _hasher);
        LogOddities(_tokens);
        _watch.Start();
    }

    /// <summary>Called after tokens are gone from the file, or stand for somebody else; must not block.</summary>
    public event Action? Withdrawn;

    /// <summary>Whether whoever came in with a token of these may still; true for everybody else.</summary>
    /// <param name="user">The very object that a token was answered with.</param>
    public bool StillHold(UserInfo user) => !_withdrawn.TryGetValue(user, out _);

    /// <inheritdoc/>
    public ValueTask<TokenIdentity?> AuthenticateAsync(
        string token, ImmutableArray<string> audiences, CancellationToken cancellationToken)
    {
        var accepted = audiences.IsEmpty ? _ownAudiences : audiences.RemoveAll(one => !_ownAudiences.Contains(one));
        var user = audiences.IsEmpty || accepted.Length > 0 ? _tokens.Find(_hasher.Hash(token)) : null;
        return ValueTask.FromResult(user is null ? null : new TokenIdentity(user, accepted) { Method = "token_file" });
    }

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    private void Reload()
    {
        try
        {
            var tokens = TokenFile.Load(_path, _hasher).After(_tokens, out var withdrawn);
            LogOddities(tokens);
            _tokens = tokens;
            foreach (var user in withdrawn)
                _withdrawn.AddOrUpdate(user, user);
            _reloads?.Note(taken: true);
            LogReplaced(_path);
            if (withdrawn.Count > 0)
                Withdrawn?.Invoke();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            _reloads?.Note(taken: false);
            LogKept(error.Message);
        }
    }

    private void LogOddities(TokenFile tokens)
    {
        foreach (var warning in tokens.Warnings)
            LogOddity(_path, warning);
    }

    [LoggerMessage(LogLevel.Information, "Token file {Path} was read again")]
    private partial void LogReplaced(string path);

    [LoggerMessage(LogLevel.Warning, "The tokens already loaded stay valid: {Why}")]
    private partial void LogKept(string why);

    [LoggerMessage(LogLevel.Warning, "Token file {Path}, {Warning}")]
    private partial void LogOddity(string path, string warning);
}
