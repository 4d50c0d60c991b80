// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
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
        }));

        await Task.WhenAll(turns).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(new[] { 500, 110 }, false)] // a ClientHello and a Finished
    [InlineData(new[] { 500, 900 }, true)] // with a certificate
    [InlineData(new[] { 500, 60, 60 }, true)] // in pieces
    [InlineData(new[] { 500, 117 }, true)] // a second ClientHello, as short as it may be
    public async Task What_takes_computing_goes_on_there(int[] reads, bool there)
    {
        using var threads = new HandshakeThreads();
        var pipe = new Pipe();
        var input = new HandshakeInput(pipe.Reader, threads);
        var last = false;
        foreach (var length in reads)
            last = await ReadsThereAsync(input, pipe.Writer, length);

        Assert.Equal(there, last);
        input.Leave();
        Assert.False(await ReadsThereAsync(input, pipe.Writer, 900));
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

    private static async Task<bool> ReadsThereAsync(HandshakeInput input, PipeWriter client, int length)
    {
        var reading = ReadAsync();
        await client.WriteAsync(new byte[length]);
        return await reading;

        async Task<bool> ReadAsync()
        {
            var read = await input.ReadAsync().ConfigureAwait(false);
            input.AdvanceTo(read.Buffer.End);
            return HandshakeThreads.IsCurrent;
        }
    }

    private static int NicenessOf(string task) =>
        int.Parse(File.ReadAllText($"/proc/{task}/stat").Split(") ")[1].Split(' ')[16], CultureInfo.InvariantCulture);
}
