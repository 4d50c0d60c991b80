// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.IO.Pipelines;
using Sealock.Pki.Tls;

namespace Sealock.Gateway.Listener;

/// <summary>
/// A connection whose first answer is looked at on its way out: .NET tells neither whether a session was resumed nor by which
/// group keys were exchanged, and the ServerHello of TLS 1.3 says both in the clear. Nothing is held up or changed.
/// </summary>
internal sealed class HandshakeTap(PipeReader input, PipeWriter output) : PipeWriter, IDuplexPipe
{
    private const byte HandshakeRecord = 0x16;
    private const byte ServerHelloMessage = 2;
    private const int RecordHeader = 5;
    private const int MessageHeader = 4;

    private bool _over;

    /// <summary>What the server chose; null where it has chosen nothing, or not in a way that could be read.</summary>
    public ServerHello? Hello { get; private set; }

    /// <inheritdoc/>
    public PipeReader Input { get; } = input;

    /// <inheritdoc/>
    public PipeWriter Output => this;

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => output.CanGetUnflushedBytes;

    /// <inheritdoc/>
    public override long UnflushedBytes => output.UnflushedBytes;

    /// <inheritdoc/>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (!_over)
            Look(source.Span);
        return output.WriteAsync(source, cancellationToken);
    }

    /// <inheritdoc/>
    public override void Advance(int bytes) => output.Advance(bytes);

    /// <inheritdoc/>
    public override void CancelPendingFlush() => output.CancelPendingFlush();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => output.Complete(exception);

    /// <inheritdoc/>
    public override ValueTask CompleteAsync(Exception? exception = null) => output.CompleteAsync(exception);

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        output.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0) => output.GetMemory(sizeHint);

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => output.GetSpan(sizeHint);

    /// <summary>It has been read: an open connection need not keep it.</summary>
    public void Forget() => (_over, Hello) = (true, null);

    /// <summary>The first record that goes out is it, or the one after a HelloRetryRequest's.</summary>
    private void Look(ReadOnlySpan<byte> sent)
    {
        var hello = Read(sent);
        if (hello is { IsRetryRequest: true })
            return;
        _over = true;
        Hello = hello;
    }

    private static ServerHello? Read(ReadOnlySpan<byte> sent)
    {
        if (sent.Length < RecordHeader + MessageHeader || sent[0] != HandshakeRecord || sent[RecordHeader] != ServerHelloMessage)
            return null;
        var record = sent[RecordHeader..];
        var length = (record[1] << 16) | BinaryPrimitives.ReadUInt16BigEndian(record[2..]);
        return length <= record.Length - MessageHeader ? ServerHello.Read(record.Slice(MessageHeader, length)) : null;
    }
}
