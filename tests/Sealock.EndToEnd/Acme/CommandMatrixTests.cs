// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.EndToEnd.Acme;

/// <summary>Every way of proving of <c>sealock acme issue</c> with a strict pebble.</summary>
public sealed class CommandMatrixTests(ProvingGround ground) : IssuingCommand(ground)
{
    public static IEnumerable<object[]> Ways =>
        from way in (string[])["http-01", "tls-alpn-01", "dns-01 rfc2136", "dns-01 exec", "dns-01 webhook", "wildcard", "address"]
        from nonceReject in (int[])[5, 50]
        select (object[])[way, nonceReject];

    [PeerTheory("pebble", "pebble-challtestsrv", "named", "dig", "curl")]
    [MemberData(nameof(Ways))]
    public async Task A_certificate_is_had_by_every_way_of_proving_whatever_happens_to_nonces(string way, int nonceReject)
    {
        string[] names = way switch
        {
            "wildcard" => ["example.com", "*.example.com"],
            "address" => [Ground.At.Address],
            _ => ["a.example.com", "b.example.com"],
        };
        var pebble = await Ground.PebbleAsync(nonceReject, way is "dns-01 rfc2136" or "wildcard");
        await IssuedAsync(pebble, names, await ArgumentsAsync(way));
        if (way is "dns-01 rfc2136" or "wildcard")
            Assert.Empty(await (await Ground.BindAsync()).TextsAsync("_acme-challenge.example.com"));
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task A_new_account_is_bound_to_an_external_one()
    {
        const string Secret = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
        var pebble = await Ground.PebbleAsync(externalAccounts: new Dictionary<string, string> { ["kid-1"] = Secret });
        var http = await ArgumentsAsync("http-01");
        var unbound = await IssueAsync(pebble.Directory, pebble.CaFile, ["a.example.com"], http);
        Assert.Equal(1, unbound.ExitCode);
        Assert.Contains("--eab-kid", unbound.Errors + unbound.Output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Folder["hmac"], Secret);
        await IssuedAsync(pebble, ["a.example.com"], [.. http, "--eab-kid", "kid-1", "--eab-hmac-file", Folder["hmac"]]);
        Assert.DoesNotContain(
            Directory.EnumerateFiles(Folder["acme"], "*", SearchOption.AllDirectories),
            file => File.ReadAllText(file).Contains(Secret, StringComparison.Ordinal));
    }

    [PeerFact("pebble", "pebble-challtestsrv", "curl")]
    public async Task Several_at_once_in_one_folder_make_one_account_and_lose_no_key()
    {
        var pebble = await Ground.PebbleAsync(50);
        var webhook = await ArgumentsAsync("dns-01 webhook");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => IssuedAsync(pebble, [$"n{i}.example.com"], webhook)));
        var account = await Tool.RunAsync(SealockProcess.Program, ["acme", "account", "show", "--dir", Folder["acme"], "-o", "json"]);
        Assert.Equal("valid", (string?)JsonNode.Parse(account.Succeeded())!["status"]);
        var renewed = JsonNode.Parse((await Tool.RunAsync(
            SealockProcess.Program, ["acme", "renew", "--dir", Folder["acme"], "--force", "-o", "json"])).Succeeded())!.AsArray();
        Assert.Equal(["issued", "issued", "issued", "issued"], renewed.Select(row => (string?)row!["result"]));
    }
}
