// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Gateway.Files;
using Sealock.Pki;

namespace Sealock.Gateway.Listener;

/// <summary>
/// Holds the current <see cref="ServingSnapshot"/> and replaces it when the files change. Files that do not parse, or
/// a key that is not its certificate's (a renewal half written), leave the current one in place.
/// </summary>
internal sealed partial class ServingSource : IDisposable
{
    private readonly ServingFiles _files;
    private readonly ILogger _log;
    private readonly WatchedFiles _watch;
    private volatile ServingSnapshot _current;

    /// <summary>
    /// Loads the files and begins to watch them; throws what <see cref="ServingSnapshot.Load"/> throws.
    /// </summary>
    public ServingSource(ServingFiles files, TimeProvider clock, TimeSpan interval, ILogger log)
    {
        _files = files;
        _log = log;
        // Made before loading and started afterwards, so that no change between the two is missed or undone.
        _watch = new WatchedFiles(files.All, clock, interval, Reload);
        _current = ServingSnapshot.Load(files);
        _watch.Start();
    }

    /// <summary>The snapshot to decide by; read it once per decision.</summary>
    public ServingSnapshot Current => _current;

    /// <summary>Called after the snapshot was replaced.</summary>
    public event Action? Replaced;

    /// <summary>Looks at the files now.</summary>
    public void Check() => _watch.Check();

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    private void Reload()
    {
        try
        {
            _current = ServingSnapshot.Load(_files);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or PkiFormatException)
        {
            LogKept(error.Message);
            return;
        }

        LogReplaced(_current.Default.Certificate.Subject.ToString(), _current.Default.Certificate.NotAfter);
        Replaced?.Invoke();
    }

    [LoggerMessage(LogLevel.Warning, "The certificates on disk cannot be used, those already loaded are kept: {Why}")]
    private partial void LogKept(string why);

    [LoggerMessage(LogLevel.Information, "Serving certificates replaced: {Subject}, valid until {NotAfter:u}")]
    private partial void LogReplaced(string subject, DateTimeOffset notAfter);
}
