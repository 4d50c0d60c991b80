// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.EndToEnd.Acme;

/// <summary>Every hindrance on the way of declared Certificates on one server.</summary>
public sealed class DeclaredHindranceTests(DeclaredGround shared) : IClassFixture<DeclaredGround>
{
    [PeerTheory("kubectl", "pebble", "pebble-challtestsrv")]
    [InlineData("/order-plz")]
    [InlineData("/authZ/")]
    [InlineData("/chalZ/")]
    [InlineData("/my-order/")]
    [InlineData("/finalize-order/")]
    [InlineData("/certZ/")]
    public async Task A_CA_that_restarts_during_an_order_and_forgot_everything_is_asked_anew(string place)
    {
        var server = await shared.ServerAsync();
        var name = DeclaredGround.Name("restart");
        await using var pebble = await shared.StartPebbleAsync(nonceReject: 0);
        await using var proxy = await BusyProxy.StartAsync($"https://127.0.0.1:{pebble.Port}");
        await server.AddIssuerAsync(name, DeclaredGround.TlsAlpn, $"{proxy.Url}/dir", ca: proxy.Ca);
        await server.ReadyAsync(name);
        var key = await AccountKeyAsync(server, name);
        var restarts = 0;
        proxy.Before = path => path.Contains(place, StringComparison.Ordinal) && Interlocked.Increment(ref restarts) == 1
            ? pebble.RestartAsync() : Task.CompletedTask;
        await server.AddCertificateAsync(name, name, $"{name}.example.com");
        await server.IssuedAsync(name, from: pebble);
        Assert.True(restarts > 0);
        Assert.Equal(key, await AccountKeyAsync(server, name));
        Assert.InRange(proxy.Requests.Count(request => request.Path == "/order-plz"), 2, 3);
        Assert.Single((await server.GetAsync("get", "certificaterequests", "-o", "name")).Split('\n'), line => line.Contains(name, StringComparison.Ordinal));
        Assert.EndsWith("valid", await DeclaredGround.OrdersAsync(server, name), StringComparison.Ordinal);
    }

    [PeerFact("kubectl", "pebble", "pebble-challtestsrv")]
    public async Task Whatever_is_turned_away_for_a_moment_is_asked_again_when_that_is_over()
    {
        var server = await shared.ServerAsync();
        var name = DeclaredGround.Name("busy");
        var pebble = await shared.PebbleAsync();
        await using var proxy = await BusyProxy.StartAsync($"https://127.0.0.1:{pebble.Port}");
        var turnedAway = new TurnedAway(proxy, secondsFirst: false);
        await server.AddIssuerAsync(name, DeclaredGround.TlsAlpn, $"{proxy.Url}/dir", ca: proxy.Ca);
        await server.AddCertificateAsync(name, name, $"{name}.example.com");
        await server.IssuedAsync(name, from: pebble);
        turnedAway.AssertObeyed();
        Assert.Equal("valid", await DeclaredGround.OrdersAsync(server, name));
    }

    [PeerTheory("kubectl", "pebble", "pebble-challtestsrv")]
    [InlineData("/order-plz", false)]
    [InlineData("/chalZ/", true)]
    [InlineData("/finalize-order/", true)]
    public async Task A_long_wait_is_told_in_all_statuses_with_its_end(string place, bool asDate)
    {
        var server = await shared.ServerAsync();
        var name = DeclaredGround.Name("limited");
        var pebble = await shared.PebbleAsync(nonceReject: 0);
        await using var proxy = await BusyProxy.StartAsync($"https://127.0.0.1:{pebble.Port}");
        await server.AddIssuerAsync(name, DeclaredGround.TlsAlpn, $"{proxy.Url}/dir", ca: proxy.Ca);
        await server.ReadyAsync(name);
        var now = TimeProvider.System.GetUtcNow();
        proxy.RetryAfter = path => !path.StartsWith(place, StringComparison.Ordinal) ? null
            : asDate ? now.AddHours(1).ToString("r", CultureInfo.InvariantCulture) : "3600";
        await server.AddCertificateAsync(name, name, $"{name}.example.com");
        var told = await server.UntilAsync(
            text => text.Contains("next try at", StringComparison.Ordinal), "get", "certificate", name, "-o",
            "jsonpath={.status.conditions[?(@.type==\"Issuing\")].message}");
        Assert.Contains("too many new orders", told, StringComparison.Ordinal);
        var at = DateTimeOffset.Parse(told[(told.IndexOf("next try at ", StringComparison.Ordinal) + 12)..], CultureInfo.InvariantCulture);
        Assert.InRange(at, now.AddMinutes(59), now.AddMinutes(62));
        Assert.Equal(1, proxy.Requests.Count(request => request.Path.StartsWith(place, StringComparison.Ordinal)));
    }

    private static async Task<string> AccountKeyAsync(IssuingServer server, string issuer) =>
        await server.GetAsync("get", "secret", $"{issuer}-account", "-n", "cert-manager", "-o", "jsonpath={.data.tls\\.key}");
}
