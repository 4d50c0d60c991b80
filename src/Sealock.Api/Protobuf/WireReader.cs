// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Schemas;

namespace Sealock.Api.Protobuf;

/// <summary>The wire types of protobuf that Kubernetes' messages use; 3 and 4, groups, are refused.</summary>
internal enum WireType
{
    /// <summary>A number of one to ten bytes.</summary>
    Varint = 0,

    /// <summary>Eight bytes.</summary>
    Fixed64 = 1,

    /// <summary>A length and as many bytes: text, bytes, a message, or packed numbers.</summary>
    Bytes = 2,

    /// <summary>Four bytes.</summary>
    Fixed32 = 5,
}

/// <summary>Reads protobuf's wire format from bytes that a stranger sent; refuses in the words of Go's decoders.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> data)
{
    private const int MaxVarintBytes = 10;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;

    /// <summary>The number of the field whose value comes next.</summary>
    public int Field { get; private set; }

    /// <summary>The wire type of the value that comes next.</summary>
    public WireType Type { get; private set; }

    /// <summary>Whether all was read.</summary>
    public readonly bool IsAtEnd => _position == _data.Length;

    /// <summary>Reads the next field's tag; false at the end.</summary>
    /// <exception cref="MalformedObjectException">It is no tag.</exception>
    public bool Next()
    {
        if (IsAtEnd)
            return false;
        var tag = Varint();
        var field = tag >> 3;
        if (field is 0 or > 0x1fff_ffff)
            throw new MalformedObjectException($"proto: illegal tag {field} (wire type {tag & 7})");
        (Field, Type) = ((int)field, (WireType)(tag & 7));
        return true;
    }

    /// <summary>The unsigned number that comes next.</summary>
    /// <exception cref="MalformedObjectException">It has no end, or more than 64 bits.</exception>
    public ulong Varint()
    {
        ulong value = 0;
        for (var i = 0; i < MaxVarintBytes; i++)
        {
            if (IsAtEnd)
                throw End();
            var b = _data[_position++];
            if (i == MaxVarintBytes - 1 && b > 1)
                break;
            value |= (ulong)(b & 0x7f) << (7 * i);
            if (b < 0x80)
                return value;
        }

        throw new MalformedObjectException("proto: integer overflow");
    }

    /// <summary>The bytes that come next, with their length before them.</summary>
    /// <exception cref="MalformedObjectException">There are fewer.</exception>
    public ReadOnlySpan<byte> Bytes()
    {
        var length = Varint();
        if (length > (ulong)(_data.Length - _position))
            throw End();
        var value = _data.Slice(_position, (int)length);
        _position += value.Length;
        return value;
    }

    /// <summary>The text that comes next.</summary>
    /// <exception cref="MalformedObjectException">It is cut off or not UTF-8.</exception>
    public string Text()
    {
        try
        {
            return Utf8.GetString(Bytes());
        }
        catch (DecoderFallbackException)
        {
            throw new MalformedObjectException("proto: a string field contains invalid UTF-8");
        }
    }

    /// <summary>Passes over the value that comes next.</summary>
    /// <exception cref="MalformedObjectException">It is cut off or of no known wire type.</exception>
    public void Skip()
    {
        switch (Type)
        {
            case WireType.Varint:
                Varint();
                break;
            case WireType.Bytes:
                Bytes();
                break;
            case WireType.Fixed64:
                Pass(sizeof(ulong));
                break;
            case WireType.Fixed32:
                Pass(sizeof(uint));
                break;
            default:
                throw new MalformedObjectException($"proto: illegal wireType {(int)Type}");
        }
    }

    /// <summary>Checks the wire type of the value that comes next.</summary>
    /// <exception cref="MalformedObjectException">It is another.</exception>
    public readonly void Expect(WireType type, string field)
    {
        if (Type != type)
            throw new MalformedObjectException($"proto: wrong wireType = {(int)Type} for field {field}");
    }

    private void Pass(int count)
    {
        if (_data.Length - _position < count)
            throw End();
        _position += count;
    }

    private static MalformedObjectException End() => new("unexpected EOF");
}
