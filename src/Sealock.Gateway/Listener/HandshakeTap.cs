// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.IO.Pipelines;
using Sealock.Pki.Tls;

namespace Sealock.Gateway.Listener;

/// <summary>
/// A connection whose first answer is looked at on its way out: .NET tells neither whether a session was resumed nor by which
/// group keys were exchanged, and the ServerHello of TLS 1.3 says both in the clear. Nothing is changed; what is computed for a
/// handshake is taken to its threads, and what is sent, from them.
/// </summary>
internal sealed class HandshakeTap : PipeWriter, IDuplexPipe
{
    private const byte HandshakeRecord = 0x16;
    private const byte ServerHelloMessage = 2;
    private const int RecordHeader = 5;
    private const int MessageHeader = 4;

    private readonly PipeWriter _output;
    private readonly HandshakeThreads _threads;
    private bool _hasAnswered;
    private volatile bool _isOver;

    /// <summary>Stands before a connection.</summary>
    public HandshakeTap(IDuplexPipe connection, HandshakeThreads threads)
    {
        _output = connection.Output;
        _threads = threads;
        Input = new HandshakeInput(connection.Input, this, threads);
    }

    /// <summary>What the server chose; null where it has chosen nothing, or not in a way that could be read.</summary>
    public ServerHello? Hello { get; private set; }

    /// <summary>Whether the handshake is over: from then on it is as if this did not stand here.</summary>
    public bool IsOver => _isOver;

    /// <inheritdoc/>
    public PipeReader Input { get; }

    /// <inheritdoc/>
    public PipeWriter Output => this;

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => _output.CanGetUnflushedBytes;

    /// <inheritdoc/>
    public override long UnflushedBytes => _output.UnflushedBytes;

    /// <inheritdoc/>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_isOver)
            return _output.WriteAsync(source, cancellationToken);
        if (!_hasAnswered)
            Look(source.Span);
        return LeaveAndWriteAsync(source, cancellationToken);
    }

    /// <inheritdoc/>
    public override void Advance(int bytes) => _output.Advance(bytes);

    /// <inheritdoc/>
    public override void CancelPendingFlush() => _output.CancelPendingFlush();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => _output.Complete(exception);

    /// <inheritdoc/>
    public override ValueTask CompleteAsync(Exception? exception = null) => _output.CompleteAsync(exception);

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        _output.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0) => _output.GetMemory(sizeHint);

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => _output.GetSpan(sizeHint);

    /// <summary>The handshake is over: what the server chose has been read, and an open connection need not keep it.</summary>
    public void End() => (_isOver, Hello) = (true, null);

    private async ValueTask<FlushResult> LeaveAndWriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        await _threads.Leave();
        return await _output.WriteAsync(source, cancellationToken);
    }

    /// <summary>The first record that goes out is it, or the one after a HelloRetryRequest's.</summary>
    private void Look(ReadOnlySpan<byte> sent)
    {
        var hello = Read(sent);
        if (hello is { IsRetryRequest: true })
            return;
        _hasAnswered = true;
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
