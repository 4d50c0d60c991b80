// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Sealock.EndToEnd.FrontDoor;

/// <summary>Who may come from where, and how often, told to the real program by a configuration file.</summary>
public sealed class AddressesAndLimitsTests
{
    [NamespaceFact]
    public async Task An_address_outside_of_the_ranges_is_refused_before_tls()
    {
        var (inside, outside) = (await NetworkNamespace.CreateAsync(), await NetworkNamespace.CreateAsync());
        await using var _ = inside;
        await using var __ = outside;
        await using var server = await BehindBalancer.StartAsync("--bind-address", "0.0.0.0", "--allow-cidrs", $"127.0.0.0/8,{inside.Network}");

        // openssl prints the certificates that it is shown: none.
        Task<ToolResult> Hello(NetworkNamespace from) => from.RunAsync(
            "openssl", "s_client", "-connect", $"{from.HostAddress}:{server.Port}", "-brief", "-showcerts");
        var refused = await Hello(outside);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.DoesNotContain("Peer certificate", refused.Output + refused.Errors, StringComparison.Ordinal);
        var let = await Hello(inside);
        Assert.Contains("Peer certificate", let.Output + let.Errors, StringComparison.Ordinal);

        Assert.Equal("ok", (await inside.RunAsync("curl", "-sk", $"https://{inside.HostAddress}:{server.Port}/healthz")).Succeeded());
        (await outside.RunAsync("curl", "-sk", $"https://{outside.HostAddress}:{server.Port}/healthz")).Failed();
    }

    [PeerFact("openssl", "curl")]
    public async Task Of_two_users_one_asks_fifty_times_as_much_and_the_other_never_waits()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["server.yaml"], Configuration("requestsPerSecondPerUser: 5", "requestBurstPerUser: 100"));
        await using var server = await BehindBalancer.StartAsync("--config", folder["server.yaml"]);
        await File.WriteAllTextAsync(server["tokens.csv"], $"{BehindBalancer.Token},root,1,\"system:masters\"\ngreedy,ann,2,devs\nmodest,bob,3,devs\n");
        using var ann = Client(server, "greedy");
        using var bob = Client(server, "modest");
        await BehindBalancer.WaitUntilAsync(async () => await CodeAsync(bob) != HttpStatusCode.Unauthorized);

        var (refused, others) = (0, new List<HttpStatusCode>());
        for (var round = 0; round < 40; round++)
        {
            var codes = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => CodeAsync(ann)));
            refused += codes.Count(code => code == HttpStatusCode.TooManyRequests);
            others.Add(await CodeAsync(bob));
        }

        Assert.True(refused > 0, "nobody was made to wait");
        Assert.DoesNotContain(HttpStatusCode.TooManyRequests, others);
    }

    [PeerFact("openssl", "curl")]
    public async Task A_configuration_file_that_changes_takes_effect_while_the_server_runs()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["server.yaml"], Configuration());
        await using var server = await BehindBalancer.StartAsync("--config", folder["server.yaml"]);
        var url = $"https://127.0.0.1:{server.Port}/api/v1/namespaces";
        Assert.StartsWith("200 ", await server.CurlAsync(url), StringComparison.Ordinal);

        await File.WriteAllTextAsync(folder["server.yaml"], Configuration("addressRule:", "- groups: [system:masters]", "  deny: [127.0.0.1]"));
        await SaysAsync(server, "hold from now on");
        var refused = await server.CurlAsync(url);
        Assert.StartsWith("403 ", refused, StringComparison.Ordinal);
        Assert.Contains("requests of this user are not accepted from this address", refused, StringComparison.Ordinal);
        Assert.StartsWith("200 ", await server.CurlAsync(url, "--interface", BehindBalancer.Stranger), StringComparison.Ordinal);

        await File.WriteAllTextAsync(folder["server.yaml"], Configuration("denyCidrs: [127.0.0.300]"));
        await SaysAsync(server, "everything stays as it was");
        Assert.StartsWith("403 ", await server.CurlAsync(url), StringComparison.Ordinal);
    }

    private static Task SaysAsync(BehindBalancer server, string text) =>
        BehindBalancer.WaitUntilAsync(() => Task.FromResult(server.Process.Log.Contains(text, StringComparison.Ordinal)));

    private static string Configuration(params string[] lines) =>
        string.Join('\n', ["apiVersion: sealock.dev/v1", "kind: ServerConfiguration", .. lines]) + "\n";

    private static HttpClient Client(BehindBalancer server, string token)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        var client = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{server.Port}") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    private static async Task<HttpStatusCode> CodeAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/api/v1/namespaces");
        return answer.StatusCode;
    }
}
