// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using Sealock.Gateway.Listener;

namespace Sealock.Tests.Gateway;

public sealed class HandshakeThreadsTests
{
    [Fact]
    public async Task What_follows_a_turn_runs_on_a_thread_of_lower_priority()
    {
        using var threads = new HandshakeThreads();

        await threads.TakeTurn();

        Assert.Equal(HandshakeThreads.Name, Thread.CurrentThread.Name);
        if (OperatingSystem.IsLinux())
            Assert.Equal(Math.Min(19, NicenessOf("self") + HandshakeThreads.Nicer), NicenessOf("thread-self"));
        await threads.Leave();
        Assert.True(Thread.CurrentThread.IsThreadPoolThread);
    }

    [Fact]
    public async Task Every_turn_comes_whether_asked_for_before_or_after_the_threads_end()
    {
        var threads = new HandshakeThreads();
        var turns = Enumerable.Range(0, 1000).Select(number => Task.Run(async () =>
        {
            if (number == 500)
                threads.Dispose();
            await threads.TakeTurn();
            await threads.Leave();
        }));

        await Task.WhenAll(turns).WaitAsync(TimeSpan.FromSeconds(30));
    }

    public static TheoryData<string, byte[], int[], bool> Reads => new()
    {
        { "a ClientHello", [], [500], true },
        { "Finished of TLS 1.3", Hello(0x0304), [110], false },
        { "a client's certificate", Hello(0x0304), [900], true },
        { "the same in pieces", Hello(0x0304), [60, 60], true },
        { "the end of a second ClientHello", Hello(0x0304, retry: true), [10], true },
        { "a client's share in TLS 1.2", Hello(0x0303), [42], true },
    };

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task What_takes_computing_goes_on_there(string what, byte[] answered, int[] reads, bool there)
    {
        using var threads = new HandshakeThreads();
        var (client, server) = (new Pipe(), new Pipe());
        var handshake = new HandshakeTap(new Duplex(client.Reader, server.Writer), threads);
        await handshake.WriteAsync(answered);
        var last = false;
        foreach (var length in reads)
            last = await ReadsThereAsync(threads, handshake.Input, client.Writer, length);

        Assert.True(there == last, what);
        handshake.End();
        Assert.False(await ReadsThereAsync(threads, handshake.Input, client.Writer, 900));
    }

    [Fact]
    public async Task What_is_sent_is_given_to_the_pool_by_another_thread()
    {
        using var threads = new HandshakeThreads();
        var pool = new Witness();
        var server = new Pipe(new PipeOptions(readerScheduler: pool));
        var handshake = new HandshakeTap(new Duplex(new Pipe().Reader, server.Writer), threads);
        var sent = server.Reader.ReadAsync().AsTask();

        await threads.TakeTurn();
        await handshake.WriteAsync(new byte[100]);
        await threads.Leave();

        Assert.Equal(100, (await sent).Buffer.Length);
        Assert.NotEqual(HandshakeThreads.Name, pool.CalledFrom);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Handshakes_are_computed_there_and_requests_are_not(string version)
    {
        var (handshakes, requests) = (new ConcurrentBag<string?>(), new ConcurrentBag<string?>());
        await using var rig = await GatewayRig.StartAsync(options => options with
        {
            Authorizer = new Everyone(),
            ChallengeCertificate = _ =>
            {
                handshakes.Add(Thread.CurrentThread.Name);
                return null;
            },
            Api = (request, cancellationToken) =>
            {
                requests.Add(Thread.CurrentThread.Name);
                return GatewayRig.Echo(request, cancellationToken);
            },
        });
        using var jane = rig.Authority.Issue("CN=jane", TestAuthority.Usage.Client);
        using var client = rig.Client(jane, Version.Parse(version));

        (await client.GetAsync("/api")).EnsureSuccessStatusCode();
        using var socket = new TcpClient("127.0.0.1", rig.Endpoint.Port);
        await using var tls = new SslStream(socket.GetStream());
        await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = [new SslApplicationProtocol("acme-tls/1")],
        }));

        Assert.Equal([HandshakeThreads.Name], handshakes);
        Assert.NotEqual(HandshakeThreads.Name, Assert.Single(requests));
    }

    /// <summary>A record with a ServerHello or HelloRetryRequest (RFC 8446 section 4.1.3).</summary>
    private static byte[] Hello(ushort version, bool retry = false)
    {
        var random = retry ? SHA256.HashData("HelloRetryRequest"u8) : new byte[32];
        byte[] body = [3, 3, .. random, 0, 0x13, 1, 0, 0, 6, 0, 0x2b, 0, 2, (byte)(version >> 8), (byte)version];
        return [0x16, 3, 3, 0, (byte)(body.Length + 4), 2, 0, 0, (byte)body.Length, .. body];
    }

    private static async Task<bool> ReadsThereAsync(HandshakeThreads threads, PipeReader input, PipeWriter client, int length)
    {
        var reading = ReadAsync();
        await client.WriteAsync(new byte[length]);
        return await reading;

        async Task<bool> ReadAsync()
        {
            var read = await input.ReadAsync().ConfigureAwait(false);
            input.AdvanceTo(read.Buffer.End);
            var there = HandshakeThreads.IsCurrent;
            await threads.Leave();
            return there;
        }
    }

    private static int NicenessOf(string task) =>
        int.Parse(File.ReadAllText($"/proc/{task}/stat").Split(") ")[1].Split(' ')[16], CultureInfo.InvariantCulture);

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class Witness : PipeScheduler
    {
        public string? CalledFrom { get; private set; }

        public override void Schedule(Action<object?> action, object? state)
        {
            CalledFrom = Thread.CurrentThread.Name;
            ThreadPool.Schedule(action, state);
        }
    }
}
