// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using Sealock.Pki.Tls;

namespace Sealock.Tests.Pki;

public sealed class ClientHelloTests
{
    [Fact]
    public void A_hello_tells_what_the_client_offers()
    {
        var first = ClientHelloReader.Read(Sample("A.Example.com", [0x0304, 0x0303], "h2", "http/1.1"));
        Assert.Equal(FirstBytesKind.ClientHello, first.Kind);
        Assert.Equal("a.example.com", first.Hello!.ServerName);
        Assert.Equal(["h2", "http/1.1"], first.Hello.ApplicationProtocols);
        Assert.Equal([0x1301, 0xc02b], first.Hello.CipherSuites);
        Assert.True(first.Hello.OffersTls13);
        Assert.True(first.Hello.OffersTls12);
    }

    [Fact]
    public void Every_beginning_of_a_hello_needs_more_data_however_it_is_cut_into_records()
    {
        var whole = Sample("a.example.com", [0x0304], "h2");
        for (var recordSize = 1; recordSize <= 200; recordSize += 7)
        {
            var records = Fragment(whole[5..], recordSize);
            if ((whole.Length - 5 + recordSize - 1) / recordSize > 64)
                continue;
            for (var length = 0; length < records.Length; length++)
                Assert.Equal(FirstBytesKind.NeedMoreData, ClientHelloReader.Read(records.AsSpan(0, length)).Kind);
            Assert.Equal(FirstBytesKind.ClientHello, ClientHelloReader.Read(records).Kind);
            Assert.Equal(FirstBytesKind.ClientHello, ClientHelloReader.Read(TwoSegments(records)).Kind);
        }
    }

    public static TheoryData<string, FirstBytesKind> PlainTexts => new()
    {
        { "GET / HTTP/1.1\r\n", FirstBytesKind.PlainHttp },
        { "OPTIONS * HTTP/1.1\r\n", FirstBytesKind.PlainHttp },
        { "PRI * HTTP/2.0\r\n", FirstBytesKind.PlainHttp },
        { "P", FirstBytesKind.NeedMoreData },
        { "DELE", FirstBytesKind.NeedMoreData },
        { "", FirstBytesKind.NeedMoreData },
        { "SSH-2.0-x\r\n", FirstBytesKind.Unrecognised },
        { "GETS /", FirstBytesKind.Unrecognised },
        { "\u0015\u0003\u0001\0\u0002\u0001\0", FirstBytesKind.Unrecognised },
        { "\u0016\u0003\u0001\0\0", FirstBytesKind.Unrecognised },
        { "\u0016\u0002", FirstBytesKind.Unrecognised },
        { "\u0016\u0003\u0001\0\u0004\u0002\0\0\0", FirstBytesKind.Unrecognised },
        { "\u0016\u0003\u0001\0\u0004\u0001\u00ff\0\0", FirstBytesKind.Unrecognised },
    };

    [Theory]
    [MemberData(nameof(PlainTexts))]
    public void Other_first_bytes_are_told_apart(string bytes, FirstBytesKind expected) =>
        Assert.Equal(expected, ClientHelloReader.Read(Encoding.Latin1.GetBytes(bytes)).Kind);

    [Theory]
    [InlineData(SslProtocols.Tls12, false)]
    [InlineData(SslProtocols.Tls12 | SslProtocols.Tls13, true)]
    public async Task The_hello_of_a_real_client_is_read(SslProtocols protocols, bool tls13)
    {
        using var wire = new CapturingStream();
        await using var client = new SslStream(wire);
        await Assert.ThrowsAnyAsync<Exception>(() => client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "host.example.com",
            EnabledSslProtocols = protocols,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
        }));
        var first = ClientHelloReader.Read(wire.Written.ToArray());
        Assert.Equal(FirstBytesKind.ClientHello, first.Kind);
        Assert.Equal("host.example.com", first.Hello!.ServerName);
        Assert.Equal(["h2"], first.Hello.ApplicationProtocols);
        Assert.Equal(tls13, first.Hello.OffersTls13);
        Assert.True(first.Hello.OffersTls12);
    }

    /// <summary>A ClientHello in one record.</summary>
    internal static byte[] Sample(string serverName, ushort[] versions, params string[] protocols)
    {
        byte[] name = [0, .. Vector16(Encoding.ASCII.GetBytes(serverName))];
        byte[] extensions =
        [
            0, 0, .. Vector16(Vector16(name)),
            0, 16, .. Vector16(Vector16([.. protocols.SelectMany(p => (byte[])[(byte)p.Length, .. Encoding.ASCII.GetBytes(p)])])),
            0, 43, .. Vector16([(byte)(2 * versions.Length), .. versions.SelectMany(v => (byte[])[(byte)(v >> 8), (byte)v])]),
            0, 51, .. Vector16([1, 2, 3]),
        ];
        byte[] body = [3, 3, .. new byte[32], 0, .. Vector16([0x13, 0x01, 0xc0, 0x2b]), 1, 0, .. Vector16(extensions)];
        return Fragment([1, 0, .. Vector16(body)], 16384);
    }

    private static byte[] Fragment(byte[] message, int size) =>
        [.. message.Chunk(size).SelectMany(chunk => (byte[])[22, 3, 1, .. Vector16(chunk)])];

    private static byte[] Vector16(byte[] content) => [(byte)(content.Length >> 8), (byte)content.Length, .. content];

    private static ReadOnlySequence<byte> TwoSegments(byte[] bytes)
    {
        var second = new Segment(bytes.AsMemory(bytes.Length / 2), null, bytes.Length / 2);
        var first = new Segment(bytes.AsMemory(0, bytes.Length / 2), second, 0);
        return new(first, 0, second, second.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? next, long index)
        {
            Memory = memory;
            Next = next;
            RunningIndex = index;
        }
    }

    private sealed class CapturingStream : Stream
    {
        public List<byte> Written { get; } = [];

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => Written.AddRange(buffer.AsSpan(offset, count));

        public override int Read(byte[] buffer, int offset, int count) => 0;

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
