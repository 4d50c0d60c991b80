// SPDX-License-Identifier: Apache-2.0
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Sealock.Gateway.Listener;

/// <summary>
/// A connection that can be read from more slowly: what its client sends meanwhile waits at the client, since nobody takes it. Slowly
/// means a little at a time: what had piled up, read at once, would be more of a burst than what was to be prevented.
/// </summary>
internal sealed class ReadBrake(ConnectionContext connection, TimeProvider clock) : PipeReader, IDuplexPipe
{
    /// <summary>Bytes that are read at a time while it is on: together with <see cref="Pause"/>, 20 KB a second.</summary>
    public const int Sip = 1024;

    /// <summary>The time between two reads.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>For how long it is on.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);

    private readonly PipeReader _input = connection.Transport.Input;
    private readonly long _origin = clock.GetTimestamp();
    private long _until;
    private volatile TaskCompletionSource? _rest;

    /// <inheritdoc/>
    public PipeReader Input => this;

    /// <inheritdoc/>
    public PipeWriter Output { get; } = connection.Transport.Output;

    private bool IsOn => Volatile.Read(ref _until) is > 0 and var until && clock.GetElapsedTime(_origin).Ticks < until;

    /// <summary>Puts it on, or leaves it on for longer.</summary>
    public void Press() => Volatile.Write(ref _until, (clock.GetElapsedTime(_origin) + Duration).Ticks);

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        IsOn ? SipAsync(cancellationToken) : _input.ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result) => _input.TryRead(out result);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => _input.AdvanceTo(consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _input.AdvanceTo(consumed, examined);

    /// <inheritdoc/>
    public override void CancelPendingRead()
    {
        _input.CancelPendingRead();
        _rest?.TrySetResult();
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => _input.Complete(exception);

    /// <inheritdoc/>
    public override ValueTask CompleteAsync(Exception? exception = null) => _input.CompleteAsync(exception);

    private async ValueTask<ReadResult> SipAsync(CancellationToken cancellationToken)
    {
        var rest = _rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, connection.ConnectionClosed))
            await Task.WhenAny(Task.Delay(Pause, clock, over.Token), rest.Task);
        var result = await _input.ReadAsync(cancellationToken);
        return result.Buffer.Length <= Sip ? result : new ReadResult(result.Buffer.Slice(0, Sip), result.IsCanceled, isCompleted: false);
    }
}
