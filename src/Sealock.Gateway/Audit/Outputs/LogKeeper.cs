// SPDX-License-Identifier: Apache-2.0
using System.IO.Compression;
using Microsoft.Extensions.Logging;

namespace Sealock.Gateway.Audit.Outputs;

/// <summary>Deletes and compresses log files that were put aside, in the background: the log goes on meanwhile.</summary>
internal sealed partial class LogKeeper(AuditLogOptions options, TimeProvider clock, ILogger log)
{
    private readonly Lock _gate = new();
    private Task _work = Task.CompletedTask;

    /// <summary>Ends when all work that was asked for is done.</summary>
    public Task Idle
    {
        get
        {
            lock (_gate)
                return _work;
        }
    }

    /// <summary>Asks for a look at the folder, after those that are under way.</summary>
    public void Look()
    {
        if (options is { MaxBackups: 0, Compress: false } && options.MaxAge == TimeSpan.Zero)
            return;
        lock (_gate)
        {
            _work = _work.ContinueWith(
                _ => Tidy(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private void Tidy()
    {
        try
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(options.Path))!;
            var plan = LogBackups.Plan(
                options, Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)), clock.GetUtcNow());
            foreach (var name in plan.Remove)
                File.Delete(Path.Combine(folder, name));
            foreach (var name in plan.Compress)
                Compress(Path.Combine(folder, name));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogFailed(log, error.Message);
        }
    }

    private static void Compress(string path)
    {
        var partial = path + LogBackups.Partial;
        using (var from = File.OpenRead(path))
        using (var to = new FileStream(partial, LogFile.NewFile(FileMode.Create)))
        using (var gzip = new GZipStream(to, CompressionLevel.Optimal))
            from.CopyTo(gzip);
        File.Move(partial, path + LogBackups.Compressed, overwrite: true);
        File.Delete(path);
    }

    [LoggerMessage(LogLevel.Warning, "Old audit logs could not be put in order and will be tried again: {Why}")]
    private static partial void LogFailed(ILogger logger, string why);
}
