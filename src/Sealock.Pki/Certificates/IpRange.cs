// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Numerics;

namespace Sealock.Pki.Certificates;

/// <summary>An address with a prefix length, as name constraints carry it (RFC 5280 4.2.1.10).</summary>
internal readonly record struct IpRange(IPAddress Address, int PrefixLength)
{
    /// <summary>Reads address and mask of 4 or 16 bytes each; the mask must be a prefix.</summary>
    public static IpRange Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is not (8 or 32))
            throw new PkiFormatException("expected an IP range of 8 or 32 bytes in the name constraints");
        var half = bytes.Length / 2;
        var prefix = 0;
        var ended = false;
        foreach (var b in bytes[half..])
        {
            var ones = BitOperations.LeadingZeroCount(~((uint)b << 24));
            if ((ended && b != 0) || (b != 0xff && (byte)(0xff << (8 - ones)) != b))
                throw new PkiFormatException("expected the mask of an IP range to be a prefix");
            prefix += Math.Min(ones, 8);
            ended |= b != 0xff;
        }
        return new(new IPAddress(bytes[..half]), prefix);
    }

    public static IpRange Parse(string cidr) =>
        IPNetwork.TryParse(cidr, out var network)
            ? new(network.BaseAddress, network.PrefixLength)
            : throw new PkiFormatException($"expected an IP range such as 10.0.0.0/8, got '{cidr}'");

    public byte[] ToBytes()
    {
        var address = Address.GetAddressBytes();
        var bytes = new byte[address.Length * 2];
        address.CopyTo(bytes, 0);
        for (var bit = 0; bit < PrefixLength; bit++)
            bytes[address.Length + (bit / 8)] |= (byte)(0x80 >> (bit % 8));
        return bytes;
    }

    public bool Contains(IPAddress candidate)
    {
        if (candidate.AddressFamily != Address.AddressFamily)
            return false;
        var left = Address.GetAddressBytes();
        var right = candidate.GetAddressBytes();
        for (var bit = 0; bit < PrefixLength; bit++)
        {
            var mask = 0x80 >> (bit % 8);
            if ((left[bit / 8] & mask) != (right[bit / 8] & mask))
                return false;
        }
        return true;
    }

    public override string ToString() => $"{Address}/{PrefixLength}";
}
