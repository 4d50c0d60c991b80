// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Sealock.Bench.Hostile.Attacks;
using Xunit.Abstractions;

namespace Sealock.EndToEnd.Hostile;

/// <summary>
/// The attacks that <c>bench/run.sh hostile</c> measures, at a small size: everybody else is served, memory stays within bounds, and
/// connections end as <c>docs/limits.md</c> says.
/// </summary>
public sealed class AttackTests(AttackedServer server, ITestOutputHelper output) : IClassFixture<AttackedServer>
{
    private const int MaxGrowthKib = 150 * 1024;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(1);

    public static TheoryData<string> Attacks => [.. Arsenal.All().Select(attack => attack.Name)];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Others_are_served_under(string name)
    {
        var attack = Arsenal.All(connections: 0.05, rate: 0.4).Single(attack => attack.Name == name);
        var tally = new Tally();
        var before = server.ResidentKib();
        using var stop = new CancellationTokenSource();
        var attacking = attack.RunAsync(server.Victim, tally, stop.Token);
        var (begin, served) = (Stopwatch.GetTimestamp(), 0);
        using var kept = server.Administrator();
        while (tally.Done == 0 || Stopwatch.GetElapsedTime(begin) < Duration)
        {
            (await kept.GetAsync("/api/v1/namespaces/default")).Succeeded();
            using var newcomer = server.Administrator();
            (await newcomer.GetAsync("/api/v1/namespaces/default")).Succeeded();
            served++;
        }

        await stop.CancelAsync();
        await attacking;
        var after = server.ResidentKib();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{tally.Done} {attack.Unit} over {tally.Opened} connections, {tally.Closed} of them closed; {2 * served} requests of others served; {before / 1024} -> {after / 1024} MiB"));
        Assert.True(after - before < MaxGrowthKib, $"memory grew from {before} to {after} KiB");
        var log = server.Process.Log;
        Assert.False(log.Contains(" fail: ", StringComparison.Ordinal) || log.Contains(" crit: ", StringComparison.Ordinal), log);
    }

    [Fact]
    public async Task An_address_with_too_many_connections_gets_no_more_and_others_do()
    {
        var open = new List<Socket>();
        try
        {
            // Connections are counted a moment after they stand, and those of an attack before for a moment after they are closed.
            await WaitUntilAsync(async () =>
            {
                foreach (var closed in open.FindAll(socket => socket.Poll(0, SelectMode.SelectRead)))
                {
                    open.Remove(closed);
                    closed.Dispose();
                }

                while (open.Count < AttackedServer.ConnectionsPerAddress)
                {
                    open.Add(await server.Victim.ConnectAsync(CancellationToken.None));
                    await EndedAsync(open[^1].SendAsync(new byte[] { 0x16, 3, 1 }));
                }

                using var more = await server.Victim.ConnectAsync(CancellationToken.None);
                using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
                try
                {
                    return await more.ReceiveAsync(new byte[1], limit.Token) == 0;
                }
                catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
                {
                    return true;
                }
                catch (OperationCanceledException)
                {
                    return false;
                }
            });
            using var other = server.Administrator();
            Assert.Contains(
                "sealock_connections_refused_total{reason=\"connections_of_address\"} ", (await other.GetAsync("/metrics")).Text, StringComparison.Ordinal);
        }
        finally
        {
            open.ForEach(socket => socket.Dispose());
        }
    }

    /// <summary>What is sent, in how many seconds it is over, and how it ends.</summary>
    public static TheoryData<string, int, string> Ends => new()
    {
        { "half a ClientHello", 10, "" },
        { "a request line of 40 KB", 0, "HTTP/1.1 414 " },
        { "headers of 70 KB", 0, "HTTP/1.1 431 " },
        { "500 headers", 0, "HTTP/1.1 431 " },
        { "a body of 4 MB", 0, "HTTP/1.1 413 " },
        { "a body that does not come", 30, "HTTP/1.1 408 " },
        { "CONTINUATION", 0, "GOAWAY" },
        { "a stream without a window", 5, "closed" },
    };

    [Fact]
    public async Task Connections_end_as_the_documentation_says() => await Task.WhenAll(Ends.Select(async row =>
    {
        var (what, seconds, how) = ((string)row[0], (int)row[1], (string)row[2]);
        var begin = Stopwatch.GetTimestamp();
        var got = await EndAsync(what).WaitAsync(TimeSpan.FromMinutes(1));
        var took = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {took:0.0} s, {got.Split('\r')[0]}"));
        Assert.True(got.Contains(how, StringComparison.Ordinal), $"{what}: \"{got}\"");
        Assert.True(took >= seconds - 1, $"{what}: over after {took} s");
    }));

    private async Task<string> EndAsync(string what)
    {
        var head = $"POST {AttackedServer.Collection} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {AttackedServer.Token}\r\nContent-Type: application/json\r\n";
        var block = Frames.Block("GET", "/openapi/v2", AttackedServer.Token);
        switch (what)
        {
            case "half a ClientHello":
                using (var socket = await server.Victim.ConnectAsync(CancellationToken.None))
                {
                    await using var stream = new NetworkStream(socket);
                    return await ReadAsync(stream, stream.WriteAsync(new byte[] { 0x16, 3, 1, 2, 0, 1 }).AsTask());
                }

            case "a request line of 40 KB":
                return await AskAsync($"GET /{new string('x', 40_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            case "headers of 70 KB":
                return await AskAsync($"GET / HTTP/1.1\r\nHost: localhost\r\nX: {new string('x', 70_000)}\r\n\r\n");
            case "500 headers":
                return await AskAsync($"GET / HTTP/1.1\r\nHost: localhost\r\n{string.Concat(Enumerable.Range(0, 500).Select(i => $"X-{i}: y\r\n"))}\r\n");
            case "a body of 4 MB":
                return await AskAsync($"{head}Content-Length: 4000000\r\n\r\n{{");
            case "a body that does not come":
                return await AskAsync($"{head}Content-Length: 40\r\n\r\n{{");
            case "CONTINUATION":
                var continued = Frames.Preface().BeginRequest(1, block);
                for (var i = 0; i < 200; i++)
                    continued.Continuation(1, Frames.Header("x-more", new string('x', 1000)));
                return await FloodAsync(continued);
            default:
                return await FloodAsync(Frames.Preface(window: 0).Request(1, block));
        }
    }

    private async Task<string> AskAsync(string request)
    {
        await using var tls = await server.Victim.ConnectTlsAsync(SslApplicationProtocol.Http11, CancellationToken.None);
        return await ReadAsync(tls, tls.WriteAsync(Encoding.ASCII.GetBytes(request)).AsTask());
    }

    /// <summary>Sends frames and reads to the end, or to a GOAWAY.</summary>
    private async Task<string> FloodAsync(Frames frames)
    {
        await using var tls = await server.Victim.ConnectTlsAsync(SslApplicationProtocol.Http2, CancellationToken.None);
        var sending = tls.WriteAsync(frames.Bytes).AsTask();
        var header = new byte[9];
        var goodbye = false;
        try
        {
            while (true)
            {
                await tls.ReadExactlyAsync(header);
                await tls.ReadExactlyAsync(new byte[(header[0] << 16) | (header[1] << 8) | header[2]]);
                goodbye |= header[3] == 7;
            }
        }
        catch (Exception end) when (end is IOException or SocketException)
        {
            // Closed.
        }

        await EndedAsync(sending);
        return goodbye ? "GOAWAY closed" : "closed";
    }

    private static async Task<string> ReadAsync(Stream stream, Task sending)
    {
        var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer);
        }
        catch (Exception end) when (end is IOException or SocketException)
        {
            // Closed without a goodbye.
        }

        await EndedAsync(sending);
        return Encoding.ASCII.GetString(answer.GetBuffer(), 0, (int)answer.Length);
    }

    private static async Task EndedAsync(Task sending)
    {
        try
        {
            await sending;
        }
        catch (Exception end) when (end is IOException or SocketException)
        {
            // The server did not read all of it.
        }
    }

    private static async Task WaitUntilAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await holds())
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
    }
}
