// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Sealock.Pki.Tls;

/// <summary>Looks at the first bytes of a connection without consuming them. Pure; never throws.</summary>
public static class ClientHelloReader
{
    /// <summary>A ClientHello larger than this is not recognised (post-quantum ones have about 2 KiB).</summary>
    public const int MaxHelloBytes = 32 * 1024;

    /// <summary>No more than this many bytes are ever needed to decide.</summary>
    public const int MaxBytes = MaxHelloBytes + (MaxRecords * RecordHeader);

    private const int RecordHeader = 5;
    private const int MaxRecordBytes = 16 * 1024;
    private const int MaxRecords = 64;

    private static readonly byte[][] HttpStarts =
    [
        [.. "GET "u8], [.. "HEAD "u8], [.. "POST "u8], [.. "PUT "u8], [.. "PATCH "u8], [.. "DELETE "u8],
        [.. "OPTIONS "u8], [.. "CONNECT "u8], [.. "TRACE "u8], [.. "PRI * HTTP/2"u8],
    ];

    /// <summary>Looks at a buffer of one or more segments.</summary>
    public static FirstBytes Read(ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsSingleSegment)
            return Read(bytes.FirstSpan);
        var length = (int)Math.Min(bytes.Length, MaxBytes);
        var copy = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            bytes.Slice(0, length).CopyTo(copy);
            return Read(copy.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    /// <summary>Looks at the bytes read so far.</summary>
    public static FirstBytes Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return new(FirstBytesKind.NeedMoreData);
        if (bytes[0] != 22)
            return LookForHttp(bytes);

        var hello = new byte[Math.Min(bytes.Length, MaxHelloBytes + 4)];
        var filled = 0;
        for (var record = 0; record < MaxRecords; record++)
        {
            if (bytes.Length < RecordHeader)
                return bytes.Length > 1 && bytes[1] != 3 ? Unrecognised("not a TLS record") : new(FirstBytesKind.NeedMoreData);
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
            if (bytes[0] != 22 || bytes[1] != 3 || length is 0 or > MaxRecordBytes)
                return Unrecognised("not a TLS handshake record");
            var available = Math.Min(length, bytes.Length - RecordHeader);
            var fragment = bytes.Slice(RecordHeader, Math.Min(available, hello.Length - filled));
            fragment.CopyTo(hello.AsSpan(filled));
            filled += fragment.Length;

            if (filled > 0 && hello[0] != 1)
                return Unrecognised("the first TLS message is not a ClientHello");
            if (filled >= 4)
            {
                var total = (hello[1] << 16) | (hello[2] << 8) | hello[3];
                if (total > MaxHelloBytes)
                    return Unrecognised($"the ClientHello is larger than {MaxHelloBytes} bytes");
                if (filled >= 4 + total)
                    return Parse(hello.AsSpan(4, total));
            }
            if (available < length)
                return new(FirstBytesKind.NeedMoreData);
            bytes = bytes[(RecordHeader + length)..];
        }
        return Unrecognised($"the ClientHello is spread over more than {MaxRecords} records");
    }

    private static FirstBytes LookForHttp(ReadOnlySpan<byte> bytes)
    {
        foreach (var start in HttpStarts)
        {
            if (bytes.StartsWith(start))
                return new(FirstBytesKind.PlainHttp);
            if (bytes.Length < start.Length && start.AsSpan().StartsWith(bytes))
                return new(FirstBytesKind.NeedMoreData);
        }
        return Unrecognised("neither TLS nor HTTP");
    }

    private static FirstBytes Unrecognised(string problem) => new(FirstBytesKind.Unrecognised, Problem: problem);

    /// <summary>RFC 8446 4.1.2.</summary>
    internal static FirstBytes Parse(ReadOnlySpan<byte> message)
    {
        var body = new TlsCursor(message);
        var version = body.UInt16();
        body.Skip(32);
        body.Vector8();
        var suites = UInt16List(body.Vector16(), ref body);
        body.Vector8();

        string? serverName = null;
        IReadOnlyList<string> protocols = [];
        IReadOnlyList<ushort> versions = [version];
        if (!body.AtEnd)
        {
            var extensions = new TlsCursor(body.Vector16());
            while (!extensions.AtEnd && !extensions.Failed)
            {
                var type = extensions.UInt16();
                var content = new TlsCursor(extensions.Vector16());
                switch (type)
                {
                    case 0:
                        serverName = ServerName(ref content);
                        break;
                    case 16:
                        protocols = Protocols(ref content);
                        break;
                    case 43:
                        versions = UInt16List(content.Vector8(), ref content);
                        break;
                    default:
                        continue;
                }
                if (content.Failed || !content.AtEnd)
                    extensions.Fail();
            }
            if (extensions.Failed)
                body.Fail();
        }
        if (body.Failed || !body.AtEnd || suites.Length == 0)
            return Unrecognised("the ClientHello is malformed");
        return new(FirstBytesKind.ClientHello, new()
        {
            LegacyVersion = version,
            Versions = versions,
            CipherSuites = suites,
            ServerName = serverName,
            ApplicationProtocols = protocols,
        });
    }

    /// <summary>RFC 6066 section 3: the only name type is host_name.</summary>
    private static string? ServerName(ref TlsCursor content)
    {
        var list = new TlsCursor(content.Vector16());
        var type = list.Byte();
        var name = list.Vector16();
        if (list.Failed || !list.AtEnd || type != 0 || name.Length is 0 or > 255 || !Ascii.IsValid(name)
            || name.ContainsAnyInRange((byte)0, (byte)' '))
        {
            content.Fail();
            return null;
        }
        return Encoding.ASCII.GetString(name).ToLowerInvariant();
    }

    private static List<string> Protocols(ref TlsCursor content)
    {
        var protocols = new List<string>();
        var list = new TlsCursor(content.Vector16());
        while (!list.AtEnd && !list.Failed)
            protocols.Add(Encoding.Latin1.GetString(list.Vector8()));
        if (list.Failed)
            content.Fail();
        return protocols;
    }

    internal static ushort[] UInt16List(ReadOnlySpan<byte> bytes, ref TlsCursor owner)
    {
        if (bytes.Length % 2 != 0)
            owner.Fail();
        var values = new ushort[bytes.Length / 2];
        for (var i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * i)..]);
        return values;
    }
}
