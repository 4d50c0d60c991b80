// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sealock.Api.Security;
using Sealock.Gateway.Files;

namespace Sealock.Gateway.Authentication;

/// <summary>Bearer tokens from a file, which is read again when it changes; one that is malformed changes nothing.</summary>
internal sealed partial class TokenFileAuthenticator : ITokenAuthenticator, IDisposable
{
    private readonly string _path;
    private readonly TokenHasher _hasher = new();
    private readonly ILogger _log;
    private readonly WatchedFiles _watch;
    private volatile TokenFile _tokens;

    /// <summary>Reads the file; throws what <see cref="TokenFile.Load"/> throws.</summary>
    public TokenFileAuthenticator(string path, TimeProvider clock, TimeSpan interval, ILogger log)
    {
        _path = path;
        _log = log;
        _watch = new WatchedFiles([path], clock, interval, Reload);
        _tokens = TokenFile.Load(path, _hasher);
        LogOddities(_tokens);
        _watch.Start();
    }

    /// <inheritdoc/>
    public ValueTask<TokenIdentity?> AuthenticateAsync(
        string token, ImmutableArray<string> audiences, CancellationToken cancellationToken)
    {
        var user = _tokens.Find(_hasher.Hash(token));
        return ValueTask.FromResult(user is null ? null : new TokenIdentity(user, []));
    }

    /// <summary>Looks at the file now.</summary>
    public void Check() => _watch.Check();

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    private void Reload()
    {
        try
        {
            var tokens = TokenFile.Load(_path, _hasher);
            LogOddities(tokens);
            _tokens = tokens;
            LogReplaced(_path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
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
