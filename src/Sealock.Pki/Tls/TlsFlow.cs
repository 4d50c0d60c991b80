// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Sealock.Pki.Tls;

/// <summary>
/// What one side of a connection sent, as far as it can be read without keys (RFC 8446 5.1, RFC 5246 6.2). Pure; reading
/// never throws, whatever the bytes are.
/// </summary>
public sealed record TlsFlow
{
    /// <summary>A handshake message larger than this is not read.</summary>
    public const int MaxMessageBytes = 256 * 1024;

    private const int RecordHeader = 5;
    private const int MaxRecordBytes = (16 * 1024) + 2048;
    private const int MaxItems = 4096;

    /// <summary>Everything in order.</summary>
    public IReadOnlyList<TlsItem> Items { get; private init; } = [];

    /// <summary>Bytes at the end that are no whole record (yet), or all from where <see cref="Problem"/> begins.</summary>
    public ReadOnlyMemory<byte> Rest { get; private init; }

    /// <summary>Why reading stopped before the end, in plain words; null where it did not.</summary>
    public string? Problem { get; private init; }

    /// <summary>The handshake messages that can be read.</summary>
    public IEnumerable<TlsHandshakeMessage> Messages => Items.OfType<TlsHandshakeMessage>();

    /// <summary>The server's ServerHello, after any HelloRetryRequest; null where there is none.</summary>
    public ServerHello? ServerHello => Messages.Where(message => message.Type == TlsHandshakeType.ServerHello)
        .Select(message => ServerHello.Read(message.Body.Span)).FirstOrDefault(hello => hello is { IsRetryRequest: false });

    /// <summary>Reads both sides of one connection. The server's side tells how the client's is to be read.</summary>
    public static (TlsFlow Client, TlsFlow Server) ReadBoth(ReadOnlyMemory<byte> client, ReadOnlyMemory<byte> server)
    {
        // Until the server has spoken nothing can be encrypted.
        var isTls13 = ReadOne(server, hidesAfterChange: true).Messages
            .Where(message => message.Type == TlsHandshakeType.ServerHello)
            .Select(message => ServerHello.Read(message.Body.Span)).FirstOrDefault() is { Version: >= ClientHello.Tls13 };
        return (ReadOne(client, !isTls13), ReadOne(server, !isTls13));
    }

    /// <summary>Reads one side.</summary>
    /// <param name="bytes">What it sent.</param>
    /// <param name="hidesAfterChange">Whether ChangeCipherSpec begins encryption: up to TLS 1.2.</param>
    private static TlsFlow ReadOne(ReadOnlyMemory<byte> bytes, bool hidesAfterChange)
    {
        var items = new List<TlsItem>();
        var pending = new PendingMessages();
        var (offset, hidden) = (0, false);
        TlsFlow Stop(string? problem) => new() { Items = items, Rest = bytes[offset..], Problem = problem };
        while (bytes.Length - offset >= RecordHeader)
        {
            var header = bytes.Span[offset..];
            var (type, length) = (header[0], BinaryPrimitives.ReadUInt16BigEndian(header[3..]));
            if (type is < 20 or > 24 || header[1] != 3)
                return Stop("not a TLS record");
            if (length > MaxRecordBytes)
                return Stop($"a TLS record of {length} bytes, where {MaxRecordBytes} are allowed");
            if (items.Count >= MaxItems)
                return Stop($"more than {MaxItems} messages");
            if (header.Length < RecordHeader + length)
                break;
            var content = bytes.Slice(offset + RecordHeader, length);
            var end = offset + RecordHeader + length;
            switch (type)
            {
                case 20 when !hidden:
                    items.Add(new TlsChangeCipherSpec(end));
                    hidden = hidesAfterChange;
                    break;
                case 21 when !hidden && length == 2:
                    items.Add(new TlsAlertMessage(content.Span[0] == 2, (TlsAlert)content.Span[1], end));
                    break;
                case 22 when !hidden:
                    if (pending.Add(content.Span, end, items) is { } problem)
                        return Stop(problem);
                    break;
                default:
                    items.Add(new TlsEncryptedRecord(type, length, end));
                    break;
            }
            offset = end;
        }
        return bytes.Length > offset && bytes.Span[offset] is < 20 or > 24 ? Stop("not a TLS record") : Stop(null);
    }

    /// <summary>Handshake messages may share a record or be spread over several.</summary>
    private sealed class PendingMessages
    {
        private readonly List<byte> unread = [];

        public string? Add(ReadOnlySpan<byte> content, int end, List<TlsItem> items)
        {
            unread.AddRange(content);
            var from = 0;
            while (unread.Count - from >= 4)
            {
                var length = (unread[from + 1] << 16) | (unread[from + 2] << 8) | unread[from + 3];
                if (length > MaxMessageBytes)
                    return $"a handshake message of {length} bytes, where {MaxMessageBytes} are read";
                if (unread.Count - from < 4 + length)
                    break;
                if (items.Count >= MaxItems)
                    return $"more than {MaxItems} messages";
                items.Add(new TlsHandshakeMessage(
                    (TlsHandshakeType)unread[from], unread.GetRange(from + 4, length).ToArray(), end));
                from += 4 + length;
            }
            unread.RemoveRange(0, from);
            return null;
        }
    }
}
