// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Gateway.Audit.Events;

namespace Sealock.Gateway.Audit.Outputs;

/// <summary>
/// Events as lines of a file that is put aside when it is full. After a fault (a full disk, a folder that is gone) the file
/// is opened anew for the next batch, and no line is left half written where that can be helped.
/// </summary>
internal sealed partial class LogFile(AuditLogOptions options, TimeProvider clock, ILogger log) : IAuditOutput
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly LogKeeper _keeper = new(options, clock, log);
    private readonly List<ReadOnlyMemory<byte>> _lines = [];
    private FileStream? _file;
    private bool _failing;

    /// <inheritdoc/>
    public string Name => "log";

    /// <summary>Ends when old files are in order.</summary>
    public Task Idle => _keeper.Idle;

    /// <inheritdoc/>
    public ValueTask<bool> WriteAsync(IReadOnlyList<AuditRecord> batch, CancellationToken cancellationToken)
    {
        try
        {
            Write(batch);
            if (_failing)
                LogRecovered(log, options.Path);
            _failing = false;
            return ValueTask.FromResult(true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            Close();
            if (!_failing)
                LogFailed(log, options.Path, error.Message);
            _failing = true;
            return ValueTask.FromResult(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _keeper.Idle.GetAwaiter().GetResult();
    }

    internal static FileStreamOptions NewFile(FileMode mode) => new()
    {
        Mode = mode,
        Access = FileAccess.ReadWrite,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        UnixCreateMode = mode == FileMode.Open ? null : OwnerOnly,
    };

    private void Write(IReadOnlyList<AuditRecord> batch)
    {
        var size = batch.Sum(record => (long)record.Length);
        var file = _file ??= Open();
        // Asked each time: somebody else may have cut the file.
        var length = file.CanSeek ? RandomAccess.GetLength(file.SafeFileHandle) : 0;
        if (length > 0 && length + size > options.MaxBytes)
        {
            file = Rotate();
            length = 0;
        }

        _lines.Clear();
        foreach (var record in batch)
            _lines.Add(record.Bytes);
        try
        {
            RandomAccess.Write(file.SafeFileHandle, _lines, length);
        }
        catch (IOException)
        {
            Cut(file, length);
            throw;
        }
        finally
        {
            _lines.Clear();
        }
    }

    private FileStream Open()
    {
        if (Path.GetDirectoryName(Path.GetFullPath(options.Path)) is { } folder && !Directory.Exists(folder))
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        var file = new FileStream(options.Path, NewFile(FileMode.OpenOrCreate));
        EndBrokenLine(file);
        _keeper.Look();
        return file;
    }

    private FileStream Rotate()
    {
        Close();
        var folder = Path.GetDirectoryName(Path.GetFullPath(options.Path))!;
        var time = clock.GetUtcNow();
        var aside = Path.Combine(folder, LogBackups.NameFor(options.Path, time));
        for (; File.Exists(aside) || File.Exists(aside + LogBackups.Compressed); time += TimeSpan.FromMilliseconds(1))
            aside = Path.Combine(folder, LogBackups.NameFor(options.Path, time));
        File.Move(options.Path, aside);
        return _file = Open();
    }

    /// <summary>A line that was left half written by a crash must not swallow the next one.</summary>
    private static void EndBrokenLine(FileStream file)
    {
        if (!file.CanSeek || RandomAccess.GetLength(file.SafeFileHandle) is not (> 0 and var length))
            return;
        Span<byte> last = stackalloc byte[1];
        if (RandomAccess.Read(file.SafeFileHandle, last, length - 1) == 1 && last[0] != (byte)'\n')
            RandomAccess.Write(file.SafeFileHandle, "\n"u8, length);
    }

    private static void Cut(FileStream file, long length)
    {
        try
        {
            RandomAccess.SetLength(file.SafeFileHandle, length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // A device, or worse: the line's end is written when the file is opened again.
        }
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    [LoggerMessage(LogLevel.Error, "Audit events are lost: {Path} cannot be written: {Why}")]
    private static partial void LogFailed(ILogger logger, string path, string why);

    [LoggerMessage(LogLevel.Information, "Audit events are written to {Path} again")]
    private static partial void LogRecovered(ILogger logger, string path);
}
