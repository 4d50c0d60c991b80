// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Text;
using Sealock.Api.Objects;

namespace Sealock.Gateway.Listener;

/// <summary>
/// Reads headers of the PROXY protocol, versions 1 and 2, as HAProxy's specification (proxy-protocol.txt) has them. Pure;
/// never throws, and asks for no more than <see cref="MaxBytes"/>.
/// </summary>
internal static class ProxyHeaderReader
{
    /// <summary>No more than this many bytes are ever needed to decide. Real headers have 28 to some hundred.</summary>
    public const int MaxBytes = FixedV2 + MaxV2Rest;

    // The longest of version 1, its CRLF included.
    private const int MaxV1 = 107;
    private const int FixedV2 = 16;
    private const int MaxV2Rest = 4096;
    private const int UnixAddresses = 216;

    private const byte TypeCrc32C = 0x03;
    private const byte TypeSsl = 0x20;
    private const byte ClientOverTls = 0x01;

    private static ReadOnlySpan<byte> StartV1 => "PROXY "u8;

    private static ReadOnlySpan<byte> StartV2 => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>Looks at the bytes read so far.</summary>
    public static ProxyHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(StartV2))
            return ReadV2(bytes);
        if (bytes.StartsWith(StartV1))
            return ReadV1(bytes);
        return StartV2.StartsWith(bytes) || StartV1.StartsWith(bytes)
            ? new(ProxyHeaderKind.NeedMoreData)
            : new(ProxyHeaderKind.Absent);
    }

    private static ProxyHeader ReadV1(ReadOnlySpan<byte> bytes)
    {
        var line = bytes[..Math.Min(bytes.Length, MaxV1)];
        var end = line.IndexOf("\r\n"u8);
        if (end < 0)
            return bytes.Length >= MaxV1 ? Malformed($"the line has more than {MaxV1} bytes") : new(ProxyHeaderKind.NeedMoreData);
        line = line[..end];
        if (line.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E))
            return Malformed("the line has characters that are not printable");
        var length = end + 2;
        var words = Encoding.ASCII.GetString(line).Split(' ');
        if (words[1] == "UNKNOWN")
            return new(ProxyHeaderKind.Local, length);
        if (words is not [_, "TCP4" or "TCP6", _, _, _, _])
            return Malformed("the line is not of the form PROXY TCP4|TCP6 SOURCE DESTINATION PORT PORT");
        var family = words[1] == "TCP4" ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        if (EndPoint(words[2], words[4], family) is not { } source || EndPoint(words[3], words[5], family) is not { } destination)
            return Malformed("the line has an address or a port that is none");
        return new(ProxyHeaderKind.Proxied, length) { Source = source, Destination = destination };
    }

    private static IPEndPoint? EndPoint(string address, string port, AddressFamily family) =>
        AddressText.TryParse(address, out var parsed) && parsed.AddressFamily == family
            && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && (port.Length == 1 || port[0] != '0')
            ? new IPEndPoint(parsed, number)
            : null;

    private static ProxyHeader ReadV2(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FixedV2)
            return new(ProxyHeaderKind.NeedMoreData);
        var (version, command) = (bytes[12] >> 4, bytes[12] & 0x0F);
        if (version != 2 || command > 1)
            return Malformed("the header has an unknown version or command");
        var rest = BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        if (rest > MaxV2Rest)
            return Malformed($"the header has more than {MaxBytes} bytes");
        var length = FixedV2 + rest;
        if (bytes.Length < length)
            return new(ProxyHeaderKind.NeedMoreData);
        var header = bytes[..length];
        // A proxy that speaks for itself may send anything behind, and none of it counts.
        return command == 0 ? new(ProxyHeaderKind.Local, length) : ReadAddresses(header);
    }

    private static ProxyHeader ReadAddresses(ReadOnlySpan<byte> header)
    {
        var body = header[FixedV2..];
        // High half: the family of addresses; low half: 1 for streams.
        var (kind, size) = header[13] switch
        {
            0x00 => (ProxyHeaderKind.Local, 0),
            0x11 => (ProxyHeaderKind.Proxied, 12),
            0x21 => (ProxyHeaderKind.Proxied, 36),
            0x31 => (ProxyHeaderKind.Local, UnixAddresses),
            _ => (ProxyHeaderKind.Malformed, 0),
        };
        if (kind == ProxyHeaderKind.Malformed)
            return Malformed("the header is about no kind of stream");
        if (body.Length < size)
            return Malformed("the header is too short for its addresses");
        var result = new ProxyHeader(kind, header.Length);
        if (kind == ProxyHeaderKind.Proxied)
        {
            var address = size == 12 ? 4 : 16;
            result = result with
            {
                Source = EndPoint(body[..address], body[(2 * address)..]),
                Destination = EndPoint(body[address..(2 * address)], body[((2 * address) + 2)..]),
            };
        }

        // Without a family, what follows has no known shape.
        return header[13] == 0x00 ? result : ReadExtras(result, header, FixedV2 + size);
    }

    private static ProxyHeader ReadExtras(ProxyHeader result, ReadOnlySpan<byte> header, int at)
    {
        while (at < header.Length)
        {
            if (header.Length - at < 3)
                return Malformed("the header ends within an extension");
            var length = BinaryPrimitives.ReadUInt16BigEndian(header[(at + 1)..]);
            var value = at + 3;
            if (header.Length - value < length)
                return Malformed("the header ends within an extension");
            switch (header[at])
            {
                case TypeCrc32C when length != 4 || Crc32C(header, value) != BinaryPrimitives.ReadUInt32BigEndian(header[value..]):
                    return Malformed("the header's checksum is wrong");
                case TypeSsl when length < 5:
                    return Malformed("the header ends within an extension");
                case TypeSsl:
                    result = result with { OverTls = (header[value] & ClientOverTls) != 0 };
                    break;
            }

            at = value + length;
        }

        return result;
    }

    /// <summary>CRC-32C of the header, with zeros in place of the checksum at <paramref name="at"/>.</summary>
    private static uint Crc32C(ReadOnlySpan<byte> header, int at)
    {
        var crc = uint.MaxValue;
        for (var i = 0; i < header.Length; i++)
            crc = BitOperations.Crc32C(crc, i >= at && i < at + 4 ? (byte)0 : header[i]);
        return ~crc;
    }

    private static IPEndPoint EndPoint(ReadOnlySpan<byte> address, ReadOnlySpan<byte> port) =>
        new(new IPAddress(address), BinaryPrimitives.ReadUInt16BigEndian(port));

    private static ProxyHeader Malformed(string problem) => new(ProxyHeaderKind.Malformed) { Problem = problem };
}
