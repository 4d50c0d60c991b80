// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Net;
using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Gateway.Listener;
using Sealock.Tests.Support;
using Xunit.Abstractions;

namespace Sealock.Tests.Forwarding;

public class ProxyHeaderTests(ITestOutputHelper output)
{
    private static readonly byte[] SignatureV2 = "\r\n\r\n\0\r\nQUIT\n"u8.ToArray();

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 10.0.0.1 56324 443\r\n", "192.0.2.1:56324", "10.0.0.1:443")]
    [InlineData("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535", "255.255.255.255:65535")]
    [InlineData("PROXY TCP6 2001:db8::1 ::1 0 443\r\n", "[2001:db8::1]:0", "[::1]:443")]
    [InlineData("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 443\r\n", "[::ffff:192.0.2.1]:1", "[::1]:443")]
    [InlineData("PROXY UNKNOWN\r\n", null, null)]
    [InlineData("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", null, null)]
    public void A_line_of_version_1_names_both_ends_or_says_that_it_does_not_know(string line, string? source, string? destination)
    {
        var header = ProxyHeaderReader.Read([.. Encoding.ASCII.GetBytes(line), 0x16, 0x03]);
        Assert.Equal(source is null ? ProxyHeaderKind.Local : ProxyHeaderKind.Proxied, header.Kind);
        Assert.Equal(line.Length, header.Length);
        Assert.Equal(source, header.Source?.ToString());
        Assert.Equal(destination, header.Destination?.ToString());
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 10.0.0.1 56324\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 10.0.0.1 56324 443 1\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1  10.0.0.1 56324 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.01 10.0.0.1 56324 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.256 10.0.0.1 56324 443\r\n")]
    [InlineData("PROXY TCP4 2001:db8::1 ::1 56324 443\r\n")]
    [InlineData("PROXY TCP6 192.0.2.1 10.0.0.1 56324 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 10.0.0.1 65536 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 10.0.0.1 -1 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 10.0.0.1 +1 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 10.0.0.1 01 443\r\n")]
    [InlineData("PROXY UDP4 192.0.2.1 10.0.0.1 1 443\r\n")]
    [InlineData("PROXY tcp4 192.0.2.1 10.0.0.1 1 443\r\n")]
    [InlineData("PROXY \r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 10.0.0.1 1 443\n\r\n")]
    [InlineData("PROXY UNKNOWN \0\r\n")]
    public void A_line_that_is_not_just_so_is_malformed(string line) =>
        Assert.Equal(ProxyHeaderKind.Malformed, ProxyHeaderReader.Read(Encoding.ASCII.GetBytes(line)).Kind);

    [Fact]
    public void A_line_may_have_107_bytes()
    {
        Assert.Equal(ProxyHeaderKind.Local, Read("PROXY UNKNOWN " + new string('x', 91) + "\r\n").Kind);
        Assert.Equal(ProxyHeaderKind.NeedMoreData, Read("PROXY UNKNOWN " + new string('x', 92)).Kind);
        Assert.Equal(ProxyHeaderKind.Malformed, Read("PROXY UNKNOWN " + new string('x', 92) + "\r\n").Kind);
        Assert.Equal(ProxyHeaderKind.Malformed, Read("PROXY UNKNOWN " + new string('x', 200)).Kind);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("PROXYTCP4")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIT\r")]
    [InlineData("\u0016\u0003\u0001")]
    public void Something_else_is_no_header(string bytes) => Assert.Equal(ProxyHeaderKind.Absent, Read(bytes).Kind);

    [Fact]
    public void A_header_of_version_2_names_both_ends()
    {
        var four = V2(0x21, 0x11, [192, 0, 2, 1, 10, 0, 0, 1, 0xDC, 0x04, 0x01, 0xBB]);
        var header = ProxyHeaderReader.Read([.. four, 0x16]);
        Assert.Equal((ProxyHeaderKind.Proxied, 28), (header.Kind, header.Length));
        Assert.Equal("192.0.2.1:56324", header.Source?.ToString());
        Assert.Equal("10.0.0.1:443", header.Destination?.ToString());
        Assert.Null(header.OverTls);

        var six = V2(0x21, 0x21,
            [.. IPAddress.Parse("2001:db8::1").GetAddressBytes(), .. IPAddress.IPv6Loopback.GetAddressBytes(), 0, 1, 0x01, 0xBB]);
        Assert.Equal("[2001:db8::1]:1", ProxyHeaderReader.Read(six).Source?.ToString());
    }

    [Theory]
    [InlineData(0x20, 0x11, 3, ProxyHeaderKind.Local)] // the proxy's own, whatever follows
    [InlineData(0x20, 0x00, 0, ProxyHeaderKind.Local)]
    [InlineData(0x21, 0x00, 7, ProxyHeaderKind.Local)] // no family: skipped
    [InlineData(0x21, 0x31, 216, ProxyHeaderKind.Local)] // a Unix socket has no address
    [InlineData(0x21, 0x31, 215, ProxyHeaderKind.Malformed)]
    [InlineData(0x21, 0x11, 11, ProxyHeaderKind.Malformed)]
    [InlineData(0x21, 0x11, 13, ProxyHeaderKind.Malformed)]
    [InlineData(0x21, 0x21, 35, ProxyHeaderKind.Malformed)]
    [InlineData(0x21, 0x12, 12, ProxyHeaderKind.Malformed)] // UDP
    [InlineData(0x21, 0x01, 12, ProxyHeaderKind.Malformed)]
    [InlineData(0x21, 0x41, 12, ProxyHeaderKind.Malformed)]
    [InlineData(0x22, 0x11, 12, ProxyHeaderKind.Malformed)]
    [InlineData(0x11, 0x11, 12, ProxyHeaderKind.Malformed)]
    [InlineData(0x31, 0x11, 12, ProxyHeaderKind.Malformed)]
    [InlineData(0x21, 0x11, 4097, ProxyHeaderKind.Malformed)]
    public void Commands_families_and_lengths_that_are_not_known_are_refused(int command, int family, int length, object kind) =>
        Assert.Equal((ProxyHeaderKind)kind, ProxyHeaderReader.Read(V2((byte)command, (byte)family, new byte[length])).Kind);

    [Fact]
    public void Extensions_tell_of_tls_and_their_checksum_has_to_be_right()
    {
        byte[] addresses = [192, 0, 2, 1, 10, 0, 0, 1, 0xDC, 0x04, 0x01, 0xBB];
        Assert.True(ProxyHeaderReader.Read(V2(0x21, 0x11, [.. addresses, 0x20, 0, 5, 0x01, 0, 0, 0, 0])).OverTls);
        Assert.False(ProxyHeaderReader.Read(V2(0x21, 0x11, [.. addresses, 0x20, 0, 5, 0x06, 0, 0, 0, 0])).OverTls);
        Assert.Equal(ProxyHeaderKind.Malformed, ProxyHeaderReader.Read(V2(0x21, 0x11, [.. addresses, 0x20, 0, 4, 1, 0, 0, 0])).Kind);
        Assert.Equal(ProxyHeaderKind.Malformed, ProxyHeaderReader.Read(V2(0x21, 0x11, [.. addresses, 0x04, 0, 4, 1])).Kind);
        Assert.Equal(ProxyHeaderKind.Malformed, ProxyHeaderReader.Read(V2(0x21, 0x11, [.. addresses, 0x04, 0])).Kind);

        var summed = V2(0x21, 0x11, [.. addresses, 0x03, 0, 4, 0, 0, 0, 0, 0x04, 0, 1, 9]);
        BinaryPrimitives.WriteUInt32BigEndian(summed.AsSpan(16 + 12 + 3), Crc32C(summed));
        Assert.Equal(ProxyHeaderKind.Proxied, ProxyHeaderReader.Read(summed).Kind);
        summed[20] ^= 1;
        Assert.Equal(ProxyHeaderKind.Malformed, ProxyHeaderReader.Read(summed).Kind);
    }

    [Fact]
    public void The_checksum_is_the_one_of_rfc_3720()
    {
        // Appendix B.4: 32 bytes of zeros.
        Assert.Equal(0x8A9136AAu, Crc32C(new byte[32]));
    }

    [Fact]
    public void Headers_come_in_pieces_and_nothing_is_decided_too_early()
    {
        foreach (var header in Samples())
        {
            for (var length = 0; length < header.Length; length++)
                Assert.Equal(ProxyHeaderKind.NeedMoreData, ProxyHeaderReader.Read(header.AsSpan(0, length)).Kind);
            Assert.Equal(header.Length, ProxyHeaderReader.Read(header).Length);
            Assert.Equal(ProxyHeaderReader.Read(header), ProxyHeaderReader.Read([.. header, 1, 2, 3]));
        }
    }

    [Fact]
    public void What_is_written_is_read() => Prop.ForAll(
        Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(36).ToArbitrary(),
        bytes =>
        {
            var header = ProxyHeaderReader.Read(V2(0x21, 0x21, bytes));
            var line = $"PROXY TCP4 {new IPAddress(bytes.AsSpan(0, 4))} {new IPAddress(bytes.AsSpan(4, 4))} {bytes[8]} {bytes[9]}\r\n";
            var first = Read(line);
            return header is { Kind: ProxyHeaderKind.Proxied, Source: { } source }
                && source.Address.GetAddressBytes().AsSpan().SequenceEqual(bytes.AsSpan(0, 16))
                && source.Port == BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(32))
                && first is { Kind: ProxyHeaderKind.Proxied, Destination: { } to } && to.Port == bytes[9]
                && to.Address.GetAddressBytes().AsSpan().SequenceEqual(bytes.AsSpan(4, 4));
        }).Check(Config.QuickThrowOnFailure);

    [Fact]
    public void Fuzzed_headers_are_answered_and_take_no_more_than_there_is() => FuzzRun.Bytes<NeverThrown>(
        output, "PROXY protocol", Samples(), bytes =>
        {
            var header = ProxyHeaderReader.Read(bytes);
            Assert.InRange(header.Length, 0, Math.Min(bytes.Length, ProxyHeaderReader.MaxBytes));
            Assert.Equal(header.Kind == ProxyHeaderKind.Proxied, header.Source is not null && header.Destination is not null);
            Assert.Equal(header.Kind is ProxyHeaderKind.Proxied or ProxyHeaderKind.Local, header.Length > 0);
            Assert.False(header.Kind == ProxyHeaderKind.NeedMoreData && bytes.Length >= ProxyHeaderReader.MaxBytes);
            return header.Kind is ProxyHeaderKind.Proxied or ProxyHeaderKind.Local;
        });

    private static List<byte[]> Samples() =>
    [
        "PROXY TCP4 192.0.2.1 10.0.0.1 56324 443\r\n"u8.ToArray(),
        "PROXY TCP6 2001:db8::1 ::1 56324 443\r\n"u8.ToArray(),
        "PROXY UNKNOWN\r\n"u8.ToArray(),
        V2(0x20, 0, []),
        V2(0x21, 0x11, [192, 0, 2, 1, 10, 0, 0, 1, 0xDC, 0x04, 0x01, 0xBB, 0x20, 0, 5, 1, 0, 0, 0, 0, 2, 0, 1, 65]),
        V2(0x21, 0x21, [.. new byte[36], 4, 0, 2, 0, 0]),
        V2(0x21, 0x31, new byte[216]),
    ];

    private static ProxyHeader Read(string bytes) => ProxyHeaderReader.Read(Encoding.Latin1.GetBytes(bytes));

    private static byte[] V2(byte command, byte family, byte[] body) =>
        [.. SignatureV2, command, family, (byte)(body.Length >> 8), (byte)body.Length, .. body];

    private static uint Crc32C(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
            crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }

    private sealed class NeverThrown : Exception;
}
