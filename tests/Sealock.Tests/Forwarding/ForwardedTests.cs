// SPDX-License-Identifier: Apache-2.0
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using Sealock.Gateway.Addresses;
using Sealock.Gateway.Forwarding;
using Sealock.Gateway.Listener;
using Sealock.Tests.Support;
using Xunit.Abstractions;

namespace Sealock.Tests.Forwarding;

/// <summary>Who the client is behind proxies: 10.0.0.0/8 are trusted, everybody else is not.</summary>
public class ForwardedTests(ITestOutputHelper output)
{
    private static readonly CidrSet Trusted = CidrSet.Parse("10.0.0.0/8", "fd00::/8");

    [Theory]
    // Nobody but a trusted proxy is believed.
    [InlineData("192.0.2.1", "198.51.100.7", "192.0.2.1")]
    [InlineData("10.0.0.1", "198.51.100.7", "198.51.100.7 10.0.0.1")]
    // Up to the first who is not trusted; what he says does not count.
    [InlineData("10.0.0.1", "127.0.0.1, 198.51.100.7", "198.51.100.7 10.0.0.1")]
    [InlineData("10.0.0.1", "127.0.0.1, 198.51.100.7, 10.0.0.2", "198.51.100.7 10.0.0.2 10.0.0.1")]
    [InlineData("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3 10.0.0.2 10.0.0.1")]
    // A client that claims to be a proxy gains nothing where the proxy adds its address.
    [InlineData("10.0.0.1", "10.0.0.9, 198.51.100.7", "198.51.100.7 10.0.0.1")]
    [InlineData("10.0.0.1", "198.51.100.7:5555", "198.51.100.7 10.0.0.1")]
    [InlineData("10.0.0.1", "2001:db8::7", "2001:db8::7 10.0.0.1")]
    [InlineData("10.0.0.1", "[2001:db8::7]:443", "2001:db8::7 10.0.0.1")]
    [InlineData("10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7 10.0.0.1")]
    [InlineData("fd00::1", "2001:db8::7", "2001:db8::7 fd00::1")]
    [InlineData("10.0.0.1", "198.51.100.7, unknown", "10.0.0.1")]
    [InlineData("10.0.0.1", "198.51.100.7, _hidden", "10.0.0.1")]
    [InlineData("10.0.0.1", " , 198.51.100.7 ,, ", "198.51.100.7 10.0.0.1")]
    [InlineData("10.0.0.1", "", "10.0.0.1")]
    // What a proxy cannot have written: who the client is cannot be told.
    [InlineData("10.0.0.1", "somebody", null)]
    [InlineData("10.0.0.1", "198.51.100.07", null)]
    [InlineData("10.0.0.1", "198.51.100.7, 10.0.0.2:x", null)]
    [InlineData("10.0.0.1", "[2001:db8::7", null)]
    [InlineData("10.0.0.1", "[2001:db8::7]x", null)]
    // ... but nobody looks at what stands before the client.
    [InlineData("10.0.0.1", "somebody, 198.51.100.7", "198.51.100.7 10.0.0.1")]
    public void The_client_is_the_last_that_is_not_trusted(string peer, string forwarded, string? addresses)
    {
        Assert.Equal(addresses, Addresses(Resolve(peer, ForwardedForm.XForwarded, ("X-Forwarded-For", forwarded))));
        var elements = forwarded.Split(',', StringSplitOptions.TrimEntries).Select(node => node.Length == 0 ? "" : $"for=\"{node}\"");
        Assert.Equal(addresses, Addresses(Resolve(peer, ForwardedForm.Forwarded, ("Forwarded", string.Join(", ", elements)))));
    }

    [Fact]
    public void Headers_in_several_lines_are_one_list()
    {
        var headers = new HeaderDictionary { ["X-Forwarded-For"] = new[] { "127.0.0.1, 198.51.100.7", "10.0.0.2" } };
        var client = ClientResolver.Resolve(new ConnectionOrigin(IPAddress.Parse("10.0.0.1"), default), headers, Trusted, ForwardedForm.XForwarded);
        Assert.Equal("198.51.100.7 10.0.0.2 10.0.0.1", Addresses(client));
    }

    [Fact]
    public void Only_the_header_that_is_configured_counts()
    {
        (string, string)[] both = [("X-Forwarded-For", "198.51.100.7"), ("Forwarded", "for=203.0.113.9")];
        Assert.Equal("198.51.100.7 10.0.0.1", Addresses(Resolve("10.0.0.1", ForwardedForm.XForwarded, both)));
        Assert.Equal("203.0.113.9 10.0.0.1", Addresses(Resolve("10.0.0.1", ForwardedForm.Forwarded, both)));
        Assert.Equal("10.0.0.1", Addresses(Resolve("10.0.0.1", ForwardedForm.None, both)));
    }

    [Theory]
    [InlineData("https", true)]
    [InlineData("HTTPS", true)]
    [InlineData("wss", true)]
    [InlineData("http", false)]
    [InlineData("ws", false)]
    [InlineData("gopher", null)]
    [InlineData("", null)]
    // The last word is the nearest proxy's, and the client's own words are before it.
    [InlineData("https, http", false)]
    [InlineData("http, https", true)]
    public void Whether_the_client_came_over_tls_is_the_nearest_proxys_word(string proto, bool? overTls)
    {
        Assert.Equal(overTls, Resolve("10.0.0.1", ForwardedForm.XForwarded, ("X-Forwarded-Proto", proto))!.OverTls);
        Assert.Equal(overTls, Resolve(
            "10.0.0.1", ForwardedForm.XForwarded, ("X-Forwarded-Proto", proto), ("X-Forwarded-For", "198.51.100.7"))!.OverTls);
        Assert.Null(Resolve("192.0.2.1", ForwardedForm.XForwarded, ("X-Forwarded-Proto", proto))!.OverTls);
    }

    [Theory]
    [InlineData("https", "https", true)]
    [InlineData("http", "https", false)]
    [InlineData("https", "http", false)]
    public void One_leg_in_the_clear_is_enough(string outer, string inner, bool overTls)
    {
        Assert.Equal(overTls, Resolve(
            "10.0.0.1", ForwardedForm.XForwarded, ("X-Forwarded-Proto", $"{outer}, {inner}"), ("X-Forwarded-For", "198.51.100.7, 10.0.0.2"))!.OverTls);
        Assert.Equal(overTls, Resolve(
            "10.0.0.1", ForwardedForm.Forwarded, ("Forwarded", $"for=198.51.100.7;proto={outer}, for=10.0.0.2;proto={inner}"))!.OverTls);
    }

    [Fact]
    public void A_connection_over_tls_is_over_tls_unless_its_proxy_says_that_the_client_was_not()
    {
        var origin = new ConnectionOrigin(IPAddress.Parse("10.0.0.1"), default);
        ClientSource Over(string proto) =>
            ClientResolver.Resolve(origin, new HeaderDictionary { ["X-Forwarded-Proto"] = proto }, Trusted, ForwardedForm.XForwarded)!;
        Assert.True(origin.Itself.OverTls);
        Assert.True(Over("").OverTls);
        Assert.False(Over("http").OverTls);
    }

    [Fact]
    public void A_client_that_a_PROXY_header_names_is_where_the_walk_begins()
    {
        var origin = new ConnectionOrigin(IPAddress.Parse("10.0.0.1"), new ProxyHeader(ProxyHeaderKind.Proxied, 28)
        {
            Source = IPEndPoint.Parse("198.51.100.7:1"),
            Destination = IPEndPoint.Parse("10.0.0.1:443"),
        });
        origin.BecomePlain();
        var headers = new HeaderDictionary { ["X-Forwarded-For"] = "203.0.113.9", ["X-Forwarded-Proto"] = "http, https" };
        var client = ClientResolver.Resolve(origin, headers, Trusted, ForwardedForm.XForwarded);
        Assert.Equal("198.51.100.7 10.0.0.1", Addresses(client));
        // The balancer speaks HTTP as well: its word on TLS counts.
        Assert.True(client!.OverTls);
    }

    [Theory]
    [InlineData("for=192.0.2.43", "192.0.2.43|")]
    [InlineData("For=\"[2001:db8:cafe::17]:4711\"", "[2001:db8:cafe::17]:4711|")]
    [InlineData("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60|http")]
    [InlineData("for=192.0.2.43, for=198.51.100.17", "192.0.2.43| 198.51.100.17|")]
    [InlineData("for=\"a,b;c\\\"d\";proto=https;host=x", "a,b;c\"d|https")]
    [InlineData(";;for=_x;;", "_x|")]
    [InlineData("ext=\"\"", "|")]
    [InlineData(" , ,", "")]
    [InlineData("", "")]
    // What a stranger wrote must not swallow what comes behind.
    [InlineData("for=\"1.2.3.4, for=198.51.100.7", null)]
    [InlineData("for=1.2.3.4;for=198.51.100.7", null)]
    [InlineData("for", null)]
    [InlineData("for=", null)]
    [InlineData("=x", null)]
    [InlineData("for =x", null)]
    [InlineData("for=x y", null)]
    [InlineData("for=x\"y\"", null)]
    [InlineData("for=\"x\"y", null)]
    [InlineData("for=\"x\\", null)]
    public void The_header_is_read_as_a_whole_or_not_at_all(string header, string? hops) => Assert.Equal(
        hops,
        ForwardedHeader.Read([header]) is { } read ? string.Join(' ', read.Select(hop => $"{hop.For}|{hop.Proto}")) : null);

    [Fact]
    public void Nobody_has_more_than_64_proxies()
    {
        Assert.NotNull(ForwardedHeader.Read([string.Join(',', Enumerable.Repeat("for=10.0.0.1", 64))]));
        Assert.Null(ForwardedHeader.Read([string.Join(',', Enumerable.Repeat("for=10.0.0.1", 65))]));
        var forged = string.Join(',', Enumerable.Repeat("10.0.0.1", 10_000));
        Assert.Equal(33, Resolve("10.0.0.1", ForwardedForm.XForwarded, ("X-Forwarded-For", forged))!.Addresses.Length);
    }

    [Fact]
    public void Whatever_a_client_writes_before_it_stays_who_it_is() => Prop.ForAll(
        Gen.Elements("10.0.0.5", "127.0.0.1", "unknown", "\"", "for=\"", ";", ",", "=", "[", "]", ":", "::1", "proto=https", " ", "x", "\\").ListOf()
            .ToArbitrary(),
        written =>
        {
            var forged = string.Concat(written);
            var appended = Addresses(Resolve("10.0.0.1", ForwardedForm.XForwarded, ("X-Forwarded-For", forged + ", 198.51.100.7")));
            var other = Addresses(Resolve("10.0.0.1", ForwardedForm.Forwarded, ("Forwarded", forged + ", for=198.51.100.7")));
            return appended == "198.51.100.7 10.0.0.1" && other is null or "198.51.100.7 10.0.0.1";
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Fuzzed_headers_are_answered() => FuzzRun.Texts<FormatException>(
        output, "Forwarded",
        ["for=192.0.2.60;proto=http;by=203.0.113.43", "for=\"[2001:db8::17]:4711\", for=unknown;host=\"a\\\"b\"", "a=b;;c=\"d\",,"],
        text =>
        {
            var client = Resolve("10.0.0.1", ForwardedForm.Forwarded, ("Forwarded", text));
            Assert.NotNull(Resolve("192.0.2.1", ForwardedForm.Forwarded, ("Forwarded", text)));
            _ = Resolve("10.0.0.1", ForwardedForm.XForwarded, ("X-Forwarded-For", text));
            return client is not null;
        });

    private static ClientSource? Resolve(string peer, ForwardedForm form, params (string Name, string Value)[] headers)
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, value) in headers)
            dictionary[name] = value;
        var origin = new ConnectionOrigin(IPAddress.Parse(peer), default);
        origin.BecomePlain();
        return ClientResolver.Resolve(origin, dictionary, Trusted, form);
    }

    private static string? Addresses(ClientSource? client)
    {
        if (client is null)
            return null;
        Assert.Equal(client.Address, client.Addresses[0]);
        return string.Join(' ', client.Addresses);
    }
}
