// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;

namespace Sealock.EndToEnd.Acme;

/// <summary>Every way of proving, and every hindrance on the way, of <c>sealock acme issue</c> with a strict pebble.</summary>
public sealed class CommandMatrixTests(ProvingGround ground) : IClassFixture<ProvingGround>, IDisposable
{
    private static readonly string[] Places =
        ["/nonce-plz", "/sign-me-up", "/order-plz", "/authZ/", "/chalZ/", "/my-order/", "/finalize-order/", "/certZ/"];

    private readonly TemporaryFolder _folder = new();

    public static IEnumerable<object[]> Ways =>
        from way in (string[])["http-01", "tls-alpn-01", "dns-01 rfc2136", "dns-01 exec", "dns-01 webhook", "wildcard", "address"]
        from nonceReject in (int[])[5, 50]
        select (object[])[way, nonceReject];

    public void Dispose() => _folder.Dispose();

    [PeerTheory("pebble", "pebble-challtestsrv", "named", "dig", "curl")]
    [MemberData(nameof(Ways))]
    public async Task A_certificate_is_had_by_every_way_of_proving_whatever_happens_to_nonces(string way, int nonceReject)
    {
        string[] names = way switch
        {
            "wildcard" => ["example.com", "*.example.com"],
            "address" => [ground.At.Address],
            _ => ["a.example.com", "b.example.com"],
        };
        var pebble = await ground.PebbleAsync(nonceReject, way is "dns-01 rfc2136" or "wildcard");
        await IssuedAsync(pebble, names, await ArgumentsAsync(way));
        if (way is "dns-01 rfc2136" or "wildcard")
            Assert.Empty(await (await ground.BindAsync()).TextsAsync("_acme-challenge.example.com"));
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task A_new_account_is_bound_to_an_external_one()
    {
        const string Secret = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
        var pebble = await ground.PebbleAsync(externalAccounts: new Dictionary<string, string> { ["kid-1"] = Secret });
        var http = await ArgumentsAsync("http-01");
        var unbound = await IssueAsync(pebble.Directory, pebble.CaFile, ["a.example.com"], http);
        Assert.Equal(1, unbound.ExitCode);
        Assert.Contains("--eab-kid", unbound.Errors + unbound.Output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_folder["hmac"], Secret);
        await IssuedAsync(pebble, ["a.example.com"], [.. http, "--eab-kid", "kid-1", "--eab-hmac-file", _folder["hmac"]]);
        Assert.DoesNotContain(
            Directory.EnumerateFiles(_folder["acme"], "*", SearchOption.AllDirectories),
            file => File.ReadAllText(file).Contains(Secret, StringComparison.Ordinal));
    }

    [PeerFact("pebble", "pebble-challtestsrv", "curl")]
    public async Task Several_at_once_in_one_folder_make_one_account_and_lose_no_key()
    {
        var pebble = await ground.PebbleAsync(50);
        var webhook = await ArgumentsAsync("dns-01 webhook");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => IssuedAsync(pebble, [$"n{i}.example.com"], webhook)));
        var account = await Tool.RunAsync(SealockProcess.Program, ["acme", "account", "show", "--dir", _folder["acme"], "-o", "json"]);
        Assert.Equal("valid", (string?)JsonNode.Parse(account.Succeeded())!["status"]);
        var renewed = JsonNode.Parse((await Tool.RunAsync(
            SealockProcess.Program, ["acme", "renew", "--dir", _folder["acme"], "--force", "-o", "json"])).Succeeded())!.AsArray();
        Assert.Equal(["issued", "issued", "issued", "issued"], renewed.Select(row => (string?)row!["result"]));
    }

    [PeerTheory("pebble", "pebble-challtestsrv")]
    [InlineData("/order-plz")]
    [InlineData("/authZ/")]
    [InlineData("/chalZ/")]
    [InlineData("/my-order/")]
    [InlineData("/finalize-order/")]
    [InlineData("/certZ/")]
    public async Task A_CA_that_restarts_during_an_order_and_forgot_everything_is_asked_anew(string place)
    {
        await using var pebble = await ground.StartPebbleAsync(nonceReject: 0);
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
        await using var pebble = await ground.StartPebbleAsync(nonceReject: 0);
        await using var proxy = await BusyProxy.StartAsync($"https://127.0.0.1:{pebble.Port}");
        proxy.Before = path => path.Contains("/chalZ/", StringComparison.Ordinal) ? pebble.RestartAsync() : Task.CompletedTask;
        await File.WriteAllTextAsync(_folder["proxy.crt"], proxy.Ca);
        var given = await IssueAsync($"{proxy.Url}/dir", _folder["proxy.crt"], ["a.example.com"], await ArgumentsAsync("http-01"));
        Assert.Equal(1, given.ExitCode);
        Assert.Contains("accountDoesNotExist", given.Output, StringComparison.Ordinal);
        Assert.InRange(proxy.Requests.Count(request => request.Path == "/order-plz"), 1, 4);
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task Whatever_is_turned_away_for_a_moment_is_asked_again_when_that_is_over()
    {
        var pebble = await ground.PebbleAsync();
        await using var proxy = await BusyProxy.StartAsync($"https://127.0.0.1:{pebble.Port}");
        var until = new Dictionary<string, DateTimeOffset>();
        proxy.RetryAfter = path =>
        {
            if (Places.FirstOrDefault(place => path.StartsWith(place, StringComparison.Ordinal)) is not { } place || until.ContainsKey(place))
                return null;
            var now = TimeProvider.System.GetUtcNow();
            // Every other time in seconds, every other time as a date, which knows no fractions.
            var inSeconds = until.Count % 2 == 0;
            var date = new DateTimeOffset(now.AddSeconds(1.999).Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);
            until[place] = inSeconds ? now.AddSeconds(1) : date;
            return inSeconds ? "1" : date.ToString("r", CultureInfo.InvariantCulture);
        };
        await IssuedAsync(pebble, ["a.example.com"], await ArgumentsAsync("http-01"), proxy);
        Assert.Equal(Places.Order(StringComparer.Ordinal), until.Keys.Order(StringComparer.Ordinal));
        foreach (var (place, at) in until)
        {
            var asked = proxy.Requests.Where(request => request.Path.StartsWith(place, StringComparison.Ordinal)).Select(request => request.At).ToList();
            Assert.True(asked[1] >= at.AddMilliseconds(-20), $"{place} was asked again at {asked[1]:O}, before {at:O}");
        }
    }

    [PeerTheory("pebble", "pebble-challtestsrv")]
    [InlineData("/nonce-plz", false)]
    [InlineData("/order-plz", true)]
    [InlineData("/chalZ/", false)]
    [InlineData("/finalize-order/", true)]
    public async Task A_long_wait_is_told_with_its_end_obeyed_by_the_next_run_and_then_gone_on_after(string place, bool asDate)
    {
        var pebble = await ground.PebbleAsync(nonceReject: 0); // so that each request is sent once
        await using var proxy = await BusyProxy.StartAsync($"https://127.0.0.1:{pebble.Port}");
        await File.WriteAllTextAsync(_folder["proxy.crt"], proxy.Ca);
        var http = await ArgumentsAsync("http-01");
        var now = TimeProvider.System.GetUtcNow();
        proxy.RetryAfter = path => !path.StartsWith(place, StringComparison.Ordinal) ? null
            : asDate ? now.AddHours(1).ToString("r", CultureInfo.InvariantCulture) : "3600";
        for (var run = 0; run < 2; run++)
        {
            var asked = proxy.Requests.Count;
            var limited = await IssueAsync($"{proxy.Url}/dir", _folder["proxy.crt"], ["a.example.com"], http);
            Assert.Equal(1, limited.ExitCode);
            var row = JsonNode.Parse(limited.Output)![0]!;
            Assert.Equal("limited", (string?)row["result"]);
            Assert.InRange(DateTimeOffset.Parse((string)row["retryAt"]!, CultureInfo.InvariantCulture), now.AddMinutes(59), now.AddMinutes(61));
            Assert.True(run == 0 || proxy.Requests.Count == asked, "the server was asked before the time was over");
        }

        proxy.RetryAfter = _ => null;
        var file = Path.Combine(_folder["acme"], "a.example.com", "renewal.json");
        var state = JsonNode.Parse(await File.ReadAllTextAsync(file))!.AsObject();
        state.Remove("notBefore");
        await File.WriteAllTextAsync(file, state.ToJsonString());
        await IssuedAsync(pebble, ["a.example.com"], http, proxy);
        // An order that was made is fulfilled, not made again.
        Assert.Equal(place == "/order-plz" ? 2 : 1, proxy.Requests.Count(request => request.Path == "/order-plz"));
    }

    private IEnumerable<string> AccountKeys() => Directory.EnumerateFiles(_folder["acme"], "account.key", SearchOption.AllDirectories);

    private async Task<string[]> ArgumentsAsync(string way)
    {
        string[] forwarded = ground.At.IsReal ? [] : ["--forwarded"];
        switch (way)
        {
            case "tls-alpn-01":
                return ["--tls-alpn-01", ground.At.Tls, .. forwarded, "--dns-resolver", (await ground.DnsAsync()).Address];
            case "dns-01 rfc2136" or "wildcard":
                var bind = await ground.BindAsync();
                await File.WriteAllTextAsync(_folder["tsig"], bind.Secret);
                return ["--dns-01", "rfc2136", "--dns-server", bind.Address, "--tsig-name", bind.KeyName, "--tsig-secret-file", _folder["tsig"],
                    "--dns-no-wait", "--dns-resolver", bind.Address];
            case "dns-01 exec":
                return ["--dns-01", "exec", "--dns-exec", await ground.HookAsync(), "--dns-no-wait", "--dns-resolver", (await ground.DnsAsync()).Address];
            case "dns-01 webhook":
                var (url, ca) = await ground.WebhookAsync();
                await File.WriteAllTextAsync(_folder["token"], ProvingGround.WebhookToken);
                return ["--dns-01", "webhook", "--dns-webhook", url, "--dns-webhook-ca-file", ca, "--dns-webhook-token-file", _folder["token"],
                    "--dns-no-wait", "--dns-resolver", (await ground.DnsAsync()).Address];
            default:
                return ["--http-01", ground.At.Http, .. forwarded, "--dns-resolver", (await ground.DnsAsync()).Address];
        }
    }

    private Task<ToolResult> IssueAsync(string directory, string ca, IEnumerable<string> names, IEnumerable<string> arguments) => Tool.RunAsync(
        SealockProcess.Program,
        ["acme", "issue", .. names, .. arguments, "--server", directory, "--ca-file", ca, "--dir", _folder["acme"], "--agree-tos", "-o", "json"]);

    /// <summary>Issues, by a proxy where there is one; checks names, key and chain.</summary>
    private async Task IssuedAsync(Pebble pebble, string[] names, IEnumerable<string> arguments, BusyProxy? proxy = null)
    {
        if (proxy is not null)
            await File.WriteAllTextAsync(_folder["proxy.crt"], proxy.Ca);
        var result = await IssueAsync(
            proxy is null ? pebble.Directory : $"{proxy.Url}/dir", proxy is null ? pebble.CaFile : _folder["proxy.crt"], names, arguments);
        var row = JsonNode.Parse(result.Succeeded())![0]!;
        Assert.Equal("issued", (string?)row["result"]);
        var chain = Certificate.ListFromPem(await File.ReadAllTextAsync((string)row["certificate"]!));
        Assert.Equal(names.Order(StringComparer.Ordinal), chain[0].Names.Select(name => name.Text).Order(StringComparer.Ordinal));
        using var key = KeyPair.FromPem(await File.ReadAllTextAsync((string)row["key"]!));
        Assert.True(chain[0].Matches(key));
        var verdict = ChainVerifier.Verify(
            chain[0], [.. chain.Skip(1)], TrustPool.FromPem(await pebble.GetRootAsync()), new() { At = TimeProvider.System.GetUtcNow() });
        Assert.True(verdict.IsTrusted, verdict.Reason);
    }
}
