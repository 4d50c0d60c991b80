// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.EndToEnd.Acme;

/// <summary>Every hindrance on the way of declared Certificates on one server.</summary>
public sealed class DeclaredHindranceTests(DeclaredGround shared) : IClassFixture<DeclaredGround>
{
    private static readonly string[] Places =
        ["/nonce-plz", "/sign-me-up", "/order-plz", "/authZ/", "/chalZ/", "/my-order/", "/finalize-order/", "/certZ/"];

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
        var until = new Dictionary<string, DateTimeOffset>();
        proxy.RetryAfter = path =>
        {
            if (Places.FirstOrDefault(place => path.StartsWith(place, StringComparison.Ordinal)) is not { } place || until.ContainsKey(place))
                return null;
            var now = TimeProvider.System.GetUtcNow();
            // Every other time in seconds, every other time as a date, which knows no fractions.
            var inSeconds = until.Count % 2 == 1;
            var date = new DateTimeOffset(now.AddSeconds(1.999).Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);
            until[place] = inSeconds ? now.AddSeconds(1) : date;
            return inSeconds ? "1" : date.ToString("r", CultureInfo.InvariantCulture);
        };
        await server.AddIssuerAsync(name, DeclaredGround.TlsAlpn, $"{proxy.Url}/dir", ca: proxy.Ca);
        await server.AddCertificateAsync(name, name, $"{name}.example.com");
        await server.IssuedAsync(name, from: pebble);
        Assert.Equal(Places.Order(StringComparer.Ordinal), until.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("valid", await DeclaredGround.OrdersAsync(server, name));
        foreach (var (place, at) in until)
        {
            var asked = proxy.Requests.Where(request => request.Path.StartsWith(place, StringComparison.Ordinal)).Select(request => request.At).ToList();
            Assert.True(asked[1] >= at.AddMilliseconds(-20), $"{place} was asked again at {asked[1]:O}, before {at:O}");
        }
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
