// SPDX-License-Identifier: Apache-2.0
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Security;
using Sealock.Gateway.Addresses;

namespace Sealock.Tests.Addresses;

public class CidrTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.255.255.255", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "::10.1.2.3", false)]
    [InlineData("::ffff:10.0.0.0/104", "10.1.2.3", true)]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("0.0.0.0/0", "255.255.255.255", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("::/0", "::1", true)]
    [InlineData("::/0", "127.0.0.1", false)]
    [InlineData("::/0", "::ffff:127.0.0.1", false)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::1", false)]
    [InlineData("fe80::/10", "fe80::1%2", true)]
    public void A_range_holds_the_addresses_that_share_its_prefix(string range, string address, bool contained)
    {
        Assert.Equal(contained, Cidr.Parse(range).Contains(IPAddress.Parse(address)));
        Assert.Equal(contained, CidrSet.Parse(range).Contains(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0/8")]
    [InlineData("010.0.0.0/8")]
    [InlineData("0x0a.0.0.0/8")]
    [InlineData("10/8")]
    [InlineData("[2001:db8::]/32")]
    [InlineData("fe80::%1/64")]
    [InlineData("::ffff:10.0.0.0/8")]
    [InlineData("::/129")]
    [InlineData("localhost")]
    public void What_could_be_read_in_two_ways_is_refused(string text) => Assert.Throws<FormatException>(() => Cidr.Parse(text));

    [Fact]
    public void Bits_behind_the_prefix_are_refused_with_what_was_probably_meant() => Assert.Contains(
        "did you mean 10.0.0.0/8?", Assert.Throws<FormatException>(() => Cidr.Parse("10.1.2.3/8")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_set_holds_what_one_of_its_ranges_holds() => Prop.ForAll(
        Ranges.ListOf().ToArbitrary(),
        Bytes.ToArbitrary(),
        (cidrs, bytes) =>
        {
            var set = CidrSet.Of(cidrs);
            // Random addresses hit little: those at the ends of ranges, and one off, are where mistakes are.
            var addresses = cidrs.SelectMany(AroundEnds).Append(new IPAddress(bytes)).Append(new IPAddress(bytes.AsSpan(0, 4)));
            return addresses.All(address => set.Contains(address) == cidrs.Any(cidr => cidr.Contains(address))
                && set.Contains(address) == set.Contains(address.MapToIPv6()));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void What_a_range_says_of_itself_is_read_back() => Prop.ForAll(
        Ranges.ToArbitrary(), cidr => Cidr.Parse(cidr.ToString()) == cidr).Check(Config.QuickThrowOnFailure);

    [Fact]
    public void An_address_of_ipv6_counts_with_its_network()
    {
        static AddressKey Key(string address) => AddressKey.Of(IPAddress.Parse(address));
        Assert.Equal(Key("2001:db8::1"), Key("2001:db8::ffff:2"));
        Assert.NotEqual(Key("2001:db8::1"), Key("2001:db8:0:1::1"));
        Assert.NotEqual(Key("192.0.2.1"), Key("192.0.2.2"));
        Assert.Equal(Key("192.0.2.1"), Key("::ffff:192.0.2.1"));
        Assert.NotEqual(Key("0.0.0.1"), Key("0:0:0:1::"));
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("10.0.0.0/8", "", true)]
    [InlineData("192.0.2.0/24", "", false)]
    [InlineData("", "10.1.0.0/16", false)]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", false)]
    [InlineData("", "10.2.0.0/16", true)]
    public void Denied_wins_over_allowed_and_no_list_allows_all(string allow, string deny, bool admitted) => Assert.Equal(
        admitted, Filter(allow, deny).Admits(IPAddress.Parse("10.1.2.3")));

    [Fact]
    public void A_rule_is_about_those_whom_it_names()
    {
        var rule = new SubjectAddressRule
        {
            Users = new[] { "jane" }.ToFrozen(),
            Groups = new[] { "admins" }.ToFrozen(),
            From = Filter("10.0.0.0/8", ""),
        };
        var (office, home) = (IPAddress.Parse("10.1.2.3"), IPAddress.Parse("192.0.2.1"));
        Assert.True(rule.Admits(User("jane"), office));
        Assert.False(rule.Admits(User("jane"), home));
        Assert.False(rule.Admits(User("ann", "admins"), home));
        Assert.True(rule.Admits(User("ann", "devs"), home));
    }

    private static UserInfo User(string name, params string[] groups) => new() { Name = name, Groups = [.. groups] };

    private static AddressFilter Filter(string allow, string deny) => new()
    {
        Allow = CidrSet.Parse(allow.Split(',', StringSplitOptions.RemoveEmptyEntries)),
        Deny = CidrSet.Parse(deny.Split(',', StringSplitOptions.RemoveEmptyEntries)),
    };

    private static IEnumerable<IPAddress> AroundEnds(Cidr cidr) =>
        new[] { cidr.First - 1, cidr.First, cidr.Last, cidr.Last + 1 }.Select(number => Address(number, cidr.IsIPv4));

    private static IPAddress Address(UInt128 number, bool isIPv4)
    {
        var bytes = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(isIPv4 ? bytes.AsSpan(12) : bytes);
    }

    private static Gen<byte[]> Bytes => Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(16);

    // Few different values, so that ranges overlap and touch.
    private static Gen<Cidr> Ranges =>
        from isIPv4 in Gen.Elements(true, false)
        from parts in Gen.Elements<byte>(0, 1, 127, 128, 254, 255).ArrayOf(16)
        from prefix in Gen.Choose(0, isIPv4 ? 32 : 128)
        select Cidr.Parse(Masked(parts, isIPv4, prefix));

    private static string Masked(byte[] parts, bool isIPv4, int prefix)
    {
        var bytes = parts[..(isIPv4 ? 4 : 16)];
        if (!isIPv4)
            bytes[0] = 0x20; // not among the mapped ones
        for (var bit = prefix; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return $"{new IPAddress(bytes)}/{prefix}";
    }
}

file static class Sets
{
    public static System.Collections.Frozen.FrozenSet<string> ToFrozen(this IEnumerable<string> names) =>
        System.Collections.Frozen.FrozenSet.ToFrozenSet(names, StringComparer.Ordinal);
}
