// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sealock.Gateway.Audit.Events;
using Sealock.Gateway.Limits;

namespace Sealock.Gateway.Audit.Outputs;

/// <summary>
/// Events on their way to one output: a bounded queue, and one loop that writes batches. What does not fit is dropped or
/// waited for, as the mode says.
/// </summary>
internal sealed partial class AuditQueue : IAsyncDisposable
{
    /// <summary>Bytes that wait at most.</summary>
    public const long MaxWaitingBytes = 64 * 1024 * 1024;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(5);

    private readonly IAuditOutput _output;
    private readonly AuditQueueOptions _options;
    private readonly AuditCounters _counters;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly TokenBucket? _throttle;
    private readonly Channel<Entry> _entries;
    private readonly CancellationTokenSource _abort = new();
    private readonly Task _run;
    private long _bytes;
    private bool _dropping;
    private bool _disposed;

    public AuditQueue(
        IAuditOutput output, AuditQueueOptions options, AuditCounters counters, TimeProvider clock, ILogger log)
    {
        (_output, _options, _counters, _clock, _log) = (output, options, counters, clock, log);
        _throttle = options.BatchesPerSecond is { } rate ? new TokenBucket(new Rate(rate, options.BatchBurst), clock) : null;
        _entries = Channel.CreateBounded<Entry>(new BoundedChannelOptions(options.BufferSize) { SingleReader = true });
        _run = Task.Run(RunAsync);
    }

    /// <summary>The output's name.</summary>
    public string Name => _output.Name;

    /// <summary>Events that wait.</summary>
    public int Length => _entries.Reader.Count;

    /// <summary>Their bytes, and those of events that are being written.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How events come in and go out.</summary>
    public AuditQueueOptions Options => _options;

    /// <summary>
    /// Takes over an event. The answer is whether the request may go on: false only in mode blocking-strict, where the event
    /// could not be written.
    /// </summary>
    public ValueTask<bool> PutAsync(AuditRecord record)
    {
        if (Bytes + record.Length > MaxWaitingBytes)
        {
            Dropped();
            return ValueTask.FromResult(_options.Mode != AuditMode.BlockingStrict);
        }

        if (_options.Mode != AuditMode.Batch)
            return PutAndWaitAsync(record);

        Hold(record);
        if (!_entries.Writer.TryWrite(new Entry(record, null)))
        {
            LetGo(record);
            Dropped();
        }

        return ValueTask.FromResult(true);
    }

    /// <summary>Writes what waits, for some seconds at most, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        _entries.Writer.TryComplete();
        await Task.WhenAny(_run, Task.Delay(FlushLimit, _clock));
        await _abort.CancelAsync();
        await _run;
        _output.Dispose();
        _abort.Dispose();
    }

    private async ValueTask<bool> PutAndWaitAsync(AuditRecord record)
    {
        var written = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Hold(record);
        try
        {
            await _entries.Writer.WriteAsync(new Entry(record, written));
        }
        catch (ChannelClosedException)
        {
            LetGo(record);
            _counters.Failed(Name, 1);
            return _options.Mode != AuditMode.BlockingStrict;
        }

        return await written.Task || _options.Mode != AuditMode.BlockingStrict;
    }

    private async Task RunAsync()
    {
        var entries = new List<Entry>();
        var batch = new List<AuditRecord>();
        while (await _entries.Reader.WaitToReadAsync())
        {
            var written = false;
            try
            {
                await CollectAsync(entries);
                batch.AddRange(entries.Select(entry => entry.Record));
                while (_throttle?.TryTake(out var wait) == false)
                    await Task.Delay(wait > ShortestWait ? wait : ShortestWait, _clock, _abort.Token);
                written = await _output.WriteAsync(batch, _abort.Token);
            }
            catch (OperationCanceledException)
            {
                // The server ends, and the output did not take them in time.
            }
#pragma warning disable CA1031 // One batch that an output stumbles over must not end the audit of all others.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                LogFault(_log, fault, Name);
            }

            if (!written)
                _counters.Failed(Name, entries.Count);
            foreach (var entry in entries)
            {
                LetGo(entry.Record);
                entry.Written?.TrySetResult(written);
            }

            entries.Clear();
            batch.Clear();
            if (Length == 0 && Interlocked.Exchange(ref _dropping, false))
                LogCaughtUp(_log, Name);
        }
    }

    private async ValueTask CollectAsync(List<Entry> entries)
    {
        using var patience = _options.MaxBatchWait > TimeSpan.Zero
            ? new CancellationTokenSource(_options.MaxBatchWait, _clock)
            : null;
        var bytes = 0L;
        while (entries.Count < _options.MaxBatchSize)
        {
            if (_entries.Reader.TryPeek(out var next))
            {
                bytes += next.Record.Length;
                if ((entries.Count > 0 && bytes > _options.MaxBatchBytes) || !_entries.Reader.TryRead(out next))
                    return;
                entries.Add(next);
            }
            else if (patience is null || !await MoreAsync(patience.Token))
            {
                return;
            }
        }
    }

    private async ValueTask<bool> MoreAsync(CancellationToken patience)
    {
        try
        {
            return await _entries.Reader.WaitToReadAsync(patience);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Hold(AuditRecord record)
    {
        record.Retain();
        Interlocked.Add(ref _bytes, record.Length);
    }

    private void LetGo(AuditRecord record)
    {
        Interlocked.Add(ref _bytes, -record.Length);
        record.Release();
    }

    private void Dropped()
    {
        _counters.Failed(AuditCounters.Buffer, 1);
        if (!Interlocked.Exchange(ref _dropping, true))
            LogDropping(_log, Name);
    }

    private readonly record struct Entry(AuditRecord Record, TaskCompletionSource<bool>? Written);

    [LoggerMessage(LogLevel.Error, "Audit events for the {Output} are dropped: its queue is full. /metrics counts them")]
    private static partial void LogDropping(ILogger logger, string output);

    [LoggerMessage(LogLevel.Information, "Audit events for the {Output} are not dropped any more")]
    private static partial void LogCaughtUp(ILogger logger, string output);

    [LoggerMessage(LogLevel.Error, "Audit events were lost to a fault of the {Output}")]
    private static partial void LogFault(ILogger logger, Exception fault, string output);
}
