// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Sealock.Cluster.Handshakes;

/// <summary>
/// Stands between a socket and the TLS library and keeps what passes, with times. Changes nothing. Keeps at most
/// <see cref="MaxBytes"/> of each side; more is passed on unrecorded.
/// </summary>
/// <param name="inner">The connection; disposed with this.</param>
/// <param name="elapsed">Time since the start.</param>
internal sealed class RecordingStream(Stream inner, Func<TimeSpan> elapsed) : Stream
{
    public const int MaxBytes = 512 * 1024;

    private const int RecordHeader = 5;

    private readonly Lock _gate = new();
    private readonly Side _sent = new();
    private readonly Side _received = new();
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _answerFrom = int.MaxValue;
    private bool _stopped;

    /// <summary>When the other side ended its sending; null while it has not.</summary>
    public TimeSpan? EndOfReceived { get; private set; }

    public WireSide Sent
    {
        get
        {
            lock (_gate)
                return _sent.ToWire();
        }
    }

    public WireSide Received
    {
        get
        {
            lock (_gate)
                return _received.ToWire();
        }
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// Completes when, from now on, a whole record has been received and the library has asked for more after it: the
    /// library took it, so it was neither an alert nor data.
    /// </summary>
    public Task AnsweredAsync()
    {
        lock (_gate)
            _answerFrom = _received.Count;
        return _answered.Task;
    }

    /// <summary>Keeps nothing from now on.</summary>
    public void Stop()
    {
        lock (_gate)
            _stopped = true;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        BeforeRead();
        var count = await inner.ReadAsync(buffer, cancellationToken);
        AfterRead(buffer.Span, count);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        BeforeRead();
        var read = inner.Read(buffer, offset, count);
        AfterRead(buffer.AsSpan(offset, count), read);
        return read;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Keep(_sent, buffer.Span);
        await inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count)
    {
        Keep(_sent, buffer.AsSpan(offset, count));
        inner.Write(buffer, offset, count);
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private void BeforeRead()
    {
        lock (_gate)
        {
            if (_received.Count > _answerFrom && _received.EndsWithWholeRecord())
                _answered.TrySetResult();
        }
    }

    private void AfterRead(ReadOnlySpan<byte> buffer, int count)
    {
        if (count > 0)
        {
            Keep(_received, buffer[..count]);
        }
        else if (buffer.Length > 0)
        {
            // An empty buffer only asks whether there is something.
            lock (_gate)
                EndOfReceived ??= _stopped ? null : elapsed();
        }
    }

    private void Keep(Side side, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (!_stopped)
                side.Add(bytes, elapsed());
        }
    }

    private sealed class Side
    {
        private readonly List<byte> _bytes = [];
        private readonly List<(int End, TimeSpan At)> _chunks = [];

        public int Count => _bytes.Count;

        public void Add(ReadOnlySpan<byte> bytes, TimeSpan at)
        {
            var room = Math.Min(bytes.Length, MaxBytes - _bytes.Count);
            if (room <= 0)
                return;
            _bytes.AddRange(bytes[..room]);
            _chunks.Add((_bytes.Count, at));
        }

        public bool EndsWithWholeRecord()
        {
            var bytes = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes);
            while (bytes.Length >= RecordHeader)
            {
                var length = RecordHeader + BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
                if (length > bytes.Length)
                    return false;
                bytes = bytes[length..];
            }

            return bytes.IsEmpty;
        }

        public WireSide ToWire() => new(_bytes.ToArray(), [.. _chunks]);
    }
}
