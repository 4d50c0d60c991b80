// SPDX-License-Identifier: Apache-2.0
using System.Buffers;

namespace Sealock.Gateway.Audit.Events;

/// <summary>
/// An event as the bytes that go out, in a rented buffer. Several outputs may hold it: each that does so calls
/// <see cref="Retain"/> before and <see cref="Release"/> after, and the one who made it releases it, too.
/// </summary>
internal sealed class AuditRecord : IBufferWriter<byte>
{
    private const int InitialSize = 2048;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialSize);
    private int _holders = 1;

    /// <summary>Its length in bytes.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes; valid while it is held.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, Length);

    /// <inheritdoc/>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(Length);
    }

    /// <summary>One more holder.</summary>
    public void Retain() => Interlocked.Increment(ref _holders);

    /// <summary>One holder less; the last one gives the buffer back.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0)
            return;
        var buffer = _buffer;
        _buffer = [];
        Length = 0;
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Reserve(int sizeHint)
    {
        var needed = Length + Math.Max(sizeHint, 1);
        if (needed <= _buffer.Length)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 2 * _buffer.Length));
        _buffer.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
