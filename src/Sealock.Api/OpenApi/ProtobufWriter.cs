// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Text;

namespace Sealock.Api.OpenApi;

/// <summary>
/// Writes protobuf's wire format into memory. Messages nest by <see cref="Open"/> and <see cref="Close"/>.
/// </summary>
internal sealed class ProtobufWriter
{
    private const int LengthDelimited = 2;
    private const int MaxLengthBytes = 5;

    private byte[] _buffer = new byte[64 * 1024];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    /// <summary>Begins a message in a field; the result is for <see cref="Close"/>.</summary>
    public int Open(int field)
    {
        Tag(field, LengthDelimited);
        Reserve(MaxLengthBytes);
        Length += MaxLengthBytes;
        return Length;
    }

    /// <summary>Ends a message: its length becomes known, and the room kept for it is given back.</summary>
    public void Close(int start)
    {
        var length = Length - start;
        var prefix = start - MaxLengthBytes;
        Length = prefix;
        Varint((ulong)length);
        _buffer.AsSpan(start, length).CopyTo(_buffer.AsSpan(Length));
        Length += length;
    }

    public void String(int field, string value)
    {
        Tag(field, LengthDelimited);
        var count = Encoding.UTF8.GetByteCount(value);
        Varint((ulong)count);
        Reserve(count);
        Length += Encoding.UTF8.GetBytes(value, _buffer.AsSpan(Length));
    }

    public void Boolean(int field, bool value)
    {
        if (value)
            Integer(field, 1);
    }

    public void Integer(int field, long value)
    {
        Tag(field, 0);
        Varint((ulong)value);
    }

    public void Double(int field, double value)
    {
        Tag(field, 1);
        Reserve(sizeof(double));
        BinaryPrimitives.WriteDoubleLittleEndian(_buffer.AsSpan(Length), value);
        Length += sizeof(double);
    }

    private void Tag(int field, int wireType) => Varint((ulong)((field << 3) | wireType));

    private void Varint(ulong value)
    {
        Reserve(10);
        while (value >= 0x80)
        {
            _buffer[Length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[Length++] = (byte)value;
    }

    private void Reserve(int count)
    {
        if (_buffer.Length - Length < count)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
    }
}
