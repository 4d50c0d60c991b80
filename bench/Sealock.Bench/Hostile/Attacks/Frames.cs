// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Sealock.Bench.Hostile.Attacks;

/// <summary>HTTP/2 frames by hand (RFC 9113), and header blocks that compress nothing (RFC 7541).</summary>
internal sealed class Frames
{
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>What every connection starts with: the preface and settings.</summary>
    /// <param name="window">Bytes that the server may send on a stream before it is told that there is room.</param>
    public static Frames Preface(int window = 65535) => new Frames().Raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8).Settings(window);

    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    /// <summary>SETTINGS with an initial window.</summary>
    public Frames Settings(int window)
    {
        Span<byte> value = stackalloc byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(value, 4);
        BinaryPrimitives.WriteInt32BigEndian(value[2..], window);
        return Add(4, 0, 0, value);
    }

    /// <summary>HEADERS of a whole request without a body.</summary>
    public Frames Request(int stream, byte[] block) => Add(1, EndStream | EndHeaders, stream, block);

    /// <summary>HEADERS of a request, which CONTINUATION frames are to follow.</summary>
    public Frames BeginRequest(int stream, byte[] block) => Add(1, EndStream, stream, block);

    public Frames Continuation(int stream, byte[] block) => Add(9, 0, stream, block);

    /// <summary>RST_STREAM: cancelled.</summary>
    public Frames Reset(int stream) => Add(3, 0, stream, [0, 0, 0, 8]);

    public Frames Ping() => Add(6, 0, 0, "12345678"u8);

    /// <summary>The header block of a request.</summary>
    public static byte[] Block(string method, string path, string token)
    {
        var block = new MemoryStream();
        Literal(block, ":method", method);
        Literal(block, ":scheme", "https");
        Literal(block, ":path", path);
        Literal(block, ":authority", "localhost");
        Literal(block, "authorization", "Bearer " + token);
        return block.ToArray();
    }

    /// <summary>The block of one header.</summary>
    public static byte[] Header(string name, string value)
    {
        var block = new MemoryStream();
        Literal(block, name, value);
        return block.ToArray();
    }

    private static void Literal(MemoryStream block, string name, string value)
    {
        block.WriteByte(0);
        Text(block, name);
        Text(block, value);
    }

    private static void Text(MemoryStream block, string text)
    {
        var length = text.Length;
        block.WriteByte((byte)Math.Min(length, 127));
        if (length >= 127)
        {
            for (length -= 127; length >= 128; length >>= 7)
                block.WriteByte((byte)(length | 128));
            block.WriteByte((byte)length);
        }

        block.Write(Encoding.ASCII.GetBytes(text));
    }

    private Frames Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    private Frames Add(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[9];
        BinaryPrimitives.WriteInt32BigEndian(head, payload.Length << 8);
        (head[3], head[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(head[5..], stream);
        return Raw(head).Raw(payload);
    }
}
