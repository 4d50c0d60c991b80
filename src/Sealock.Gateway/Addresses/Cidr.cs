// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sealock.Api.Objects;

namespace Sealock.Gateway.Addresses;

/// <summary>
/// A range of addresses of one family, such as <c>10.0.0.0/8</c>. IPv4 addresses that are mapped into IPv6
/// (<c>::ffff:10.0.0.1</c>) are IPv4 addresses here, whoever writes them: a client must not become another one by the way its
/// address is written.
/// </summary>
public readonly record struct Cidr
{
    private const int MappedBits = 96;

    private Cidr(bool isIPv4, UInt128 first, int prefixLength) =>
        (IsIPv4, First, PrefixLength) = (isIPv4, first, prefixLength);

    /// <summary>Whether it holds IPv4 addresses; otherwise it holds IPv6 addresses.</summary>
    public bool IsIPv4 { get; }

    /// <summary>How many leading bits all its addresses share.</summary>
    public int PrefixLength { get; }

    /// <summary>The first address, as a number.</summary>
    internal UInt128 First { get; }

    /// <summary>The last address, as a number.</summary>
    internal UInt128 Last => First | HostMask(IsIPv4, PrefixLength);

    /// <summary>Reads <c>ADDRESS/BITS</c>, or an address alone, which is a range of one.</summary>
    /// <exception cref="FormatException">It is neither; the message names the remedy.</exception>
    public static Cidr Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var written = slash < 0 ? text : text[..slash];
        if (!AddressText.TryParse(written, out var address))
            throw new FormatException($"\"{text}\" is no range of addresses; write it like 10.0.0.0/8 or 2001:db8::/32");
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var prefix = bits;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > bits))
            throw new FormatException($"\"{text}\": what follows the slash is a number from 0 to {bits}");
        if (address.IsIPv4MappedToIPv6 && prefix >= MappedBits)
            prefix -= MappedBits;
        else if (address.IsIPv4MappedToIPv6)
            throw new FormatException($"\"{text}\" holds IPv4 and IPv6 addresses; give a range of each");
        var (isIPv4, number) = NumberOf(address);
        var first = number & ~HostMask(isIPv4, prefix);
        return first == number
            ? new Cidr(isIPv4, first, prefix)
            : throw new FormatException($"\"{text}\" has bits behind its prefix; did you mean {new Cidr(isIPv4, first, prefix)}?");
    }

    /// <summary>Whether an address is in the range.</summary>
    public bool Contains(IPAddress address)
    {
        var (isIPv4, number) = NumberOf(address);
        return isIPv4 == IsIPv4 && number >= First && number <= Last;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{AddressOf(IsIPv4, First)}/{PrefixLength.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>An address as a number, and its family; mapped IPv4 addresses are IPv4 addresses.</summary>
    internal static (bool IsIPv4, UInt128 Number) NumberOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        if (written == 4)
            return (true, BinaryPrimitives.ReadUInt32BigEndian(bytes));
        return address.IsIPv4MappedToIPv6
            ? (true, BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]))
            : (false, BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    private static IPAddress AddressOf(bool isIPv4, UInt128 number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(isIPv4 ? bytes[12..] : bytes);
    }

    private static UInt128 HostMask(bool isIPv4, int prefix)
    {
        var hostBits = (isIPv4 ? 32 : 128) - prefix;
        return hostBits == 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - 1;
    }
}
