// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;

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

        // openssl tells of every message that it sends and gets: the connection ends before any comes back.
        Task<ToolResult> Hello(NetworkNamespace from) => from.RunAsync(
            "openssl", "s_client", "-connect", $"{from.HostAddress}:{server.Port}", "-showcerts", "-msg");
        var refused = await Hello(outside);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("CONNECTED", refused.Output, StringComparison.Ordinal);
        Assert.Contains("ClientHello", refused.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("<<<", refused.Output, StringComparison.Ordinal);
        Assert.Contains("SSL handshake has read 0 bytes", refused.Output, StringComparison.Ordinal);
        var let = await Hello(inside);
        Assert.Contains("ServerHello", let.Output, StringComparison.Ordinal);
        Assert.Contains("BEGIN CERTIFICATE", let.Output, StringComparison.Ordinal);

        Assert.Equal("ok", (await inside.RunAsync("curl", "-sk", $"https://{inside.HostAddress}:{server.Port}/healthz")).Succeeded());
        (await outside.RunAsync("curl", "-sk", $"https://{outside.HostAddress}:{server.Port}/healthz")).Failed();
        Assert.Contains("sealock_connections_refused_total{reason=\"address\"} 2\n", await server.CurlAsync($"https://127.0.0.1:{server.Port}/metrics"), StringComparison.Ordinal);
    }

    /// <summary>
    /// Both may make two requests in a second. One makes as many as it can, a hundred in a second at least, all the time; the other one
    /// and a half.
    /// </summary>
    [PeerTheory("openssl", "curl")]
    [InlineData("the same address", "requestsPerSecondPerUser: 2", "127.0.0.1", "127.0.0.1")]
    [InlineData("two addresses", "requestsPerSecondPerUser: 2", "127.0.0.8", "127.0.0.9")]
    [InlineData("two addresses, which are limited", "requestsPerSecondPerAddress: 2", "127.0.0.8", "127.0.0.9")]
    public async Task Of_two_users_one_asks_fifty_times_as_much_and_the_other_never_waits(string from, string limit, string greedy, string modest)
    {
        const int rate = 2;
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["server.yaml"], Configuration(limit));
        await using var server = await BehindBalancer.StartAsync("--config", folder["server.yaml"]);
        await File.WriteAllTextAsync(server["tokens.csv"], $"{BehindBalancer.Token},root,1,\"system:masters\"\ngreedy,ann,2,devs\nmodest,bob,3,devs\n");
        using var ann = Client(server, "greedy", greedy);
        using var bob = Client(server, "modest", modest);
        await SaysAsync(server, "was read again");

        using var end = new CancellationTokenSource();
        var (asked, refused, since) = (0, 0, TimeProvider.System.GetTimestamp());
        async Task AskAsync()
        {
            while (!end.IsCancellationRequested)
            {
                using var answer = await ann.GetAsync("/api/v1/namespaces");
                Interlocked.Increment(ref asked);
                if (answer.StatusCode != HttpStatusCode.TooManyRequests)
                    continue;
                Interlocked.Increment(ref refused);
                Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero, "no Retry-After");
            }
        }

        var flood = Enumerable.Range(0, 8).Select(_ => AskAsync()).ToList();
        var codes = new List<HttpStatusCode>();
        TimeSpan Elapsed() => TimeProvider.System.GetElapsedTime(since);
        while (codes.Count < 12 || asked < 50 * rate * Elapsed().TotalSeconds)
        {
            await Task.Delay(TimeSpan.FromSeconds(1 / (0.75 * rate)), TimeProvider.System);
            codes.Add(await CodeAsync(bob));
            Assert.True(codes.Count < 100, $"{from}: the greedy one came no further than {asked} requests in {Elapsed()}");
        }

        await end.CancelAsync();
        await Task.WhenAll(flood);
        Assert.All(codes, code => Assert.Equal(HttpStatusCode.Forbidden, code));
        // What was let in is the rate and the burst, and nothing beside it.
        Assert.InRange(asked - refused, 1, (rate * (Elapsed().TotalSeconds + 1)) + (2 * rate));
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

    private static HttpClient Client(BehindBalancer server, string token, string from)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
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
