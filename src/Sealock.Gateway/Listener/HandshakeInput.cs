// SPDX-License-Identifier: Apache-2.0
using System.IO.Pipelines;

namespace Sealock.Gateway.Listener;

/// <summary>
/// What a client sends, read on <see cref="HandshakeThreads"/> until its handshake is over: TLS goes on wherever a read ends. The
/// end of one of TLS 1.3 without a client's certificate, which takes next to no computing, is read where it comes.
/// </summary>
internal sealed class HandshakeInput(PipeReader input, HandshakeTap handshake, HandshakeThreads threads) : PipeReader
{
    // ChangeCipherSpec, an empty Certificate and Finished of TLS 1.3 take 110 bytes at most.
    private const int LongestFinish = 112;
    private const ushort Tls13 = 0x0304;

    private long _sinceServerHello;

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        handshake.IsOver ? input.ReadAsync(cancellationToken) : ReadInTurnAsync(cancellationToken);

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result) => input.TryRead(out result);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => input.AdvanceTo(consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => input.AdvanceTo(consumed, examined);

    /// <inheritdoc/>
    public override void CancelPendingRead() => input.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => input.Complete(exception);

    /// <inheritdoc/>
    public override ValueTask CompleteAsync(Exception? exception = null) => input.CompleteAsync(exception);

    private async ValueTask<ReadResult> ReadInTurnAsync(CancellationToken cancellationToken)
    {
        var read = await input.ReadAsync(cancellationToken);
        if (handshake.Hello is not { Version: Tls13 } || (_sinceServerHello += read.Buffer.Length) > LongestFinish)
            await threads.TakeTurn();
        return read;
    }
}
