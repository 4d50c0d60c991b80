// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Acme.Dns;
using Sealock.Acme.Solvers;

namespace Sealock.EndToEnd.Acme;

/// <summary>The DNS messages, with a real bind9 at the other end.</summary>
public sealed class DnsTests
{
    private static readonly TimeProvider Clock = TimeProvider.System;

    [PeerTheory("named", "dig")]
    [InlineData("hmac-sha256")]
    [InlineData("hmac-sha512")]
    [InlineData("hmac-sha384")]
    [InlineData("hmac-sha1")]
    [InlineData("hmac-md5")]
    public async Task One_value_is_added_beside_others_and_removed_alone(string algorithm)
    {
        await using var bind = await Bind.StartAsync(algorithm);
        var updater = new DnsUpdater(IPEndPoint.Parse(bind.Address), bind.Key, Clock);
        const string Name = "_acme-challenge.www.example.com";
        Assert.Null(await updater.AddAsync("example.com", Name, "one", 60));
        Assert.Null(await updater.AddAsync("example.com", Name, "two", 60));
        Assert.Null(await updater.AddAsync("example.com", Name, "two", 60));
        Assert.Equal(["one", "two"], await bind.TextsAsync(Name));
        Assert.Null(await updater.RemoveAsync("example.com", Name, "one"));
        Assert.Null(await updater.RemoveAsync("example.com", Name, "one"));
        Assert.Equal(["two"], await bind.TextsAsync(Name));
    }

    [PeerFact("named", "dig")]
    public async Task What_the_server_refuses_is_told_with_the_remedy()
    {
        await using var bind = await Bind.StartAsync();
        var server = IPEndPoint.Parse(bind.Address);
        async Task<string?> Add(TsigKey? key, string zone, string name) => await new DnsUpdater(server, key, Clock).AddAsync(zone, name, "x", 60);

        Assert.Contains("finds the signature wrong", await Add(new(bind.KeyName, bind.Algorithm, "d3Jvbmc="), "example.com", "a.example.com"), StringComparison.Ordinal);
        Assert.Contains("does not know the key", await Add(new("stranger", bind.Algorithm, bind.Secret), "example.com", "a.example.com"), StringComparison.Ordinal);
        Assert.Contains("allow the key to change TXT records", await Add(bind.Key, "other.example", "a.other.example"), StringComparison.Ordinal);
        Assert.Contains("allow the key to change TXT records", await Add(null, "example.com", "a.example.com"), StringComparison.Ordinal);
        Assert.Contains("is not in the zone", await Add(bind.Key, "example.com", "a.elsewhere.example"), StringComparison.Ordinal);
        Assert.Contains("is not the primary server", await Add(bind.Key, "unknown.example", "a.unknown.example"), StringComparison.Ordinal);
        Assert.Contains("failed", await new DnsUpdater(new(IPAddress.Loopback, Ports.Free()), bind.Key, Clock).AddAsync("example.com", "a.example.com", "x", 60), StringComparison.Ordinal);
    }

    [PeerFact("named", "dig")]
    public async Task Zones_aliases_servers_and_long_answers_are_found()
    {
        var many = string.Join('\n', Enumerable.Range(0, 60).Select(i => $"many TXT \"{new string((char)('a' + (i % 26)), 60)}{i}\""));
        await using var bind = await Bind.StartAsync(records: $"""
            alias CNAME target.other.example.
            _acme-challenge.alias CNAME _acme-challenge.target
            {many}
            """);
        var resolver = new DnsResolver([IPEndPoint.Parse(bind.Address)], Clock);
        var zones = new DnsZones(resolver, bind.Port);
        Assert.Equal(("example.com", null), await zones.FindAsync("_acme-challenge.a.b.example.com"));
        Assert.Equal(("example.com", null), await zones.FindAsync("example.com"));
        Assert.Equal(("example.com", null), await zones.FindAsync("_acme-challenge.alias.example.com"));
        Assert.Null((await zones.FindAsync("nowhere.invalid")).Zone);
        Assert.Equal([IPEndPoint.Parse(bind.Address)], await zones.ServersAsync("example.com"));
        Assert.Equal("target.other.example", (await resolver.LookUpAsync("alias.example.com", DnsType.A)).CanonicalName);
        // More than a datagram holds: asked again over TCP.
        Assert.Equal(60, (await resolver.LookUpAsync("many.example.com", DnsType.Txt)).Records.Count);
        var nothing = await resolver.LookUpAsync("ns1.example.com", DnsType.Txt);
        Assert.Equal((DnsLookupStatus.NoRecords, "example.com"), (nothing.Status, nothing.Zone));
        var nobody = await new DnsResolver([new(IPAddress.Loopback, Ports.Free())], Clock).LookUpAsync("a.example", DnsType.A);
        Assert.Equal(DnsLookupStatus.Failed, nobody.Status);
    }

    [PeerFact("named", "dig")]
    public async Task Caa_records_are_found_on_the_way_up()
    {
        await using var bind = await Bind.StartAsync(records: """
            @ CAA 0 issue "ca.example"
            closed CAA 0 issue ";"
            strict CAA 128 unknown "x"
            loop CNAME closed
            """);
        var check = new CaaCheck(new([IPEndPoint.Parse(bind.Address)], Clock));
        var subject = new CaaSubject { Issuers = ["ca.example"] };
        Assert.True((await check.RunAsync("a.b.example.com", false, subject)).IsAllowed);
        Assert.False((await check.RunAsync("a.b.example.com", false, new() { Issuers = ["another.example"] })).IsAllowed);
        Assert.False((await check.RunAsync("a.closed.example.com", false, subject)).IsAllowed);
        Assert.False((await check.RunAsync("loop.example.com", false, subject)).IsAllowed);
        Assert.False((await check.RunAsync("strict.example.com", true, subject)).IsAllowed);
        Assert.True((await check.RunAsync("other.example", true, subject)).IsAllowed);
        // Not a zone of this server, which refuses to answer: the CA will see.
        var unknown = await check.RunAsync("elsewhere.invalid", false, subject);
        Assert.True(unknown is { IsAllowed: true, IsUnknown: true }, unknown.Reason);
    }

    [PeerFact("pebble", "pebble-challtestsrv", "named", "dig")]
    public async Task Dns_01_by_dynamic_update_proves_a_name_with_its_wildcard_and_one_that_is_an_alias()
    {
        await using var bind = await Bind.StartAsync(records: "_acme-challenge.left CNAME left.validation.example.com.");
        await using var rig = await AcmeRig.StartAsync(options: new() { NonceReject = 50 }, dnsServer: bind.Address);
        var server = IPEndPoint.Parse(bind.Address);
        var resolver = new DnsResolver([server], Clock);
        var solver = new Dns01Solver(new Rfc2136Provider(server, bind.Key, Clock), resolver, new(resolver, bind.Port), Clock);
        string[] names = ["example.com", "*.example.com", "left.example.com"];
        await rig.IssuedAsync(await rig.Issuance(solver).RunAsync(AcmeRig.Order(names)), names);
        Assert.Empty(await bind.TextsAsync("_acme-challenge.example.com"));
        Assert.Empty(await bind.TextsAsync("left.validation.example.com"));
    }
}
