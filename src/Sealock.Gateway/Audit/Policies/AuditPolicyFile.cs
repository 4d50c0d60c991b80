// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Gateway.Files;
using Sealock.Gateway.Metrics;

namespace Sealock.Gateway.Audit.Policies;

/// <summary>
/// The policy in a file, read again when it changes; one that is malformed changes nothing: the policy in force stays.
/// </summary>
public sealed partial class AuditPolicyFile : IDisposable
{
    private readonly string _path;
    private readonly ILogger _log;
    private readonly WatchedFiles _watch;
    private readonly ReloadCount? _reloads;
    private volatile AuditPolicy _current;

    /// <summary>Reads the file.</summary>
    /// <exception cref="FormatException">It is no policy; the message tells all that is wrong.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public AuditPolicyFile(string path, TimeProvider clock, TimeSpan checkInterval, ILogger log, ReloadCount? reloads = null)
    {
        _reloads = reloads;
        _path = path;
        _log = log;
        _watch = new WatchedFiles([path], clock, checkInterval, Reload);
        _current = Load(path);
        _watch.Start();
    }

    /// <summary>The policy in force.</summary>
    public AuditPolicy Current => _current;

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    /// <summary>Reads a policy from a file.</summary>
    /// <exception cref="FormatException">It is no policy; the message tells all that is wrong.</exception>
    public static AuditPolicy Load(string path) => AuditPolicyReader.TryRead(File.ReadAllText(path), out var policy, out var mistakes)
        ? policy
        : throw new FormatException($"{path}: {string.Join("; ", mistakes)}");

    private void Reload()
    {
        try
        {
            _current = Load(_path);
            _reloads?.Note(taken: true);
            LogReplaced(_path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            _reloads?.Note(taken: false);
            LogKept(error.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "The audit policy {Path} was read again and is in force")]
    private partial void LogReplaced(string path);

    [LoggerMessage(LogLevel.Error, "The audit policy in force stays, for the new one cannot be used: {Why}")]
    private partial void LogKept(string why);
}
