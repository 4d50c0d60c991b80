// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;

namespace Sealock.EndToEnd.Acme;

/// <summary>Every hindrance on the way of <c>sealock acme issue</c> with a strict pebble.</summary>
public sealed class CommandHindranceTests(ProvingGround ground) : IssuingCommand(ground)
{
    [PeerTheory("pebble", "pebble-challtestsrv")]
    [InlineData("/order-plz")]
    [InlineData("/authZ/")]
    [InlineData("/chalZ/")]
    [InlineData("/my-order/")]
    [InlineData("/finalize-order/")]
    [InlineData("/certZ/")]
    public async Task A_CA_that_restarts_during_an_order_and_forgot_everything_is_asked_anew(string place)
    {
        await using var pebble = await Ground.StartPebbleAsync(nonceReject: 0);
        await using var proxy = await BusyProxy.StartAsync($"https://127.0.0.1:{pebble.Port}");
        var accountKey = "";
        proxy.Before = async path =>
        {
            if (!path.Contains(place, StringComparison.Ordinal) || accountKey.Length > 0)
                return;
            accountKey = await File.ReadAllTextAsync(AccountKeys().Single());
            await pebble.RestartAsync();
        };
        await IssuedAsync(pebble, ["a.example.com"], await ArgumentsAsync("http-01"), proxy);
        Assert.NotEqual("", accountKey);
        Assert.Equal(accountKey, await File.ReadAllTextAsync(AccountKeys().Single()));
        Assert.Equal(2, proxy.Requests.Count(request => request.Path == "/order-plz"));
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task A_CA_that_always_forgets_is_given_up_with_what_it_says()
    {
        await using var pebble = await Ground.StartPebbleAsync(nonceReject: 0);
        await using var proxy = await BusyProxy.StartAsync($"https://127.0.0.1:{pebble.Port}");
        proxy.Before = path => path.Contains("/chalZ/", StringComparison.Ordinal) ? pebble.RestartAsync() : Task.CompletedTask;
        await File.WriteAllTextAsync(Folder["proxy.crt"], proxy.Ca);
        var given = await IssueAsync($"{proxy.Url}/dir", Folder["proxy.crt"], ["a.example.com"], await ArgumentsAsync("http-01"));
        Assert.Equal(1, given.ExitCode);
        Assert.Contains("accountDoesNotExist", given.Output, StringComparison.Ordinal);
        Assert.InRange(proxy.Requests.Count(request => request.Path == "/order-plz"), 1, 4);
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task Whatever_is_turned_away_for_a_moment_is_asked_again_when_that_is_over()
    {
        var pebble = await Ground.PebbleAsync();
        await using var proxy = await BusyProxy.StartAsync($"https://127.0.0.1:{pebble.Port}");
        var turnedAway = new TurnedAway(proxy, secondsFirst: true);
        await IssuedAsync(pebble, ["a.example.com"], await ArgumentsAsync("http-01"), proxy);
        turnedAway.AssertObeyed();
    }

    [PeerTheory("pebble", "pebble-challtestsrv")]
    [InlineData("/nonce-plz", false)]
    [InlineData("/order-plz", true)]
    [InlineData("/chalZ/", false)]
    [InlineData("/finalize-order/", true)]
    public async Task A_long_wait_is_told_with_its_end_obeyed_by_the_next_run_and_then_gone_on_after(string place, bool asDate)
    {
        var pebble = await Ground.PebbleAsync(nonceReject: 0); // so that each request is sent once
        await using var proxy = await BusyProxy.StartAsync($"https://127.0.0.1:{pebble.Port}");
        await File.WriteAllTextAsync(Folder["proxy.crt"], proxy.Ca);
        var http = await ArgumentsAsync("http-01");
        var now = TimeProvider.System.GetUtcNow();
        proxy.RetryAfter = path => !path.StartsWith(place, StringComparison.Ordinal) ? null
            : asDate ? now.AddHours(1).ToString("r", CultureInfo.InvariantCulture) : "3600";
        for (var run = 0; run < 2; run++)
        {
            var asked = proxy.Requests.Count;
            var limited = await IssueAsync($"{proxy.Url}/dir", Folder["proxy.crt"], ["a.example.com"], http);
            Assert.Equal(1, limited.ExitCode);
            var row = JsonNode.Parse(limited.Output)![0]!;
            Assert.Equal("limited", (string?)row["result"]);
            Assert.InRange(DateTimeOffset.Parse((string)row["retryAt"]!, CultureInfo.InvariantCulture), now.AddMinutes(59), now.AddMinutes(61));
            Assert.True(run == 0 || proxy.Requests.Count == asked, "the server was asked before the time was over");
        }

        proxy.RetryAfter = _ => null;
        var file = Path.Combine(Folder["acme"], "a.example.com", "renewal.json");
        var state = JsonNode.Parse(await File.ReadAllTextAsync(file))!.AsObject();
        state.Remove("notBefore");
        await File.WriteAllTextAsync(file, state.ToJsonString());
        await IssuedAsync(pebble, ["a.example.com"], http, proxy);
        // An order that was made is fulfilled, not made again.
        Assert.Equal(place == "/order-plz" ? 2 : 1, proxy.Requests.Count(request => request.Path == "/order-plz"));
    }

    private IEnumerable<string> AccountKeys() => Directory.EnumerateFiles(Folder["acme"], "account.key", SearchOption.AllDirectories);
}
