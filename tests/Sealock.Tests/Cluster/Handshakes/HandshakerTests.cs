// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sealock.Cluster.Handshakes;
using Sealock.Pki.Tls;
using Sealock.Tests.Pki;
using Sealock.Tests.Support;

namespace Sealock.Tests.Cluster.Handshakes;

/// <summary>Against servers in this process that misbehave in one way each.</summary>
public sealed class HandshakerTests
{
    [Fact]
    public async Task Plain_http_is_told_from_what_the_server_answers()
    {
        var report = await TellAsync(async stream =>
        {
            await ReadSomeAsync(stream);
            await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.0 400 Bad Request\r\n\r\n"));
        });
        Assert.Equal(HandshakeStep.ServerHello, report.Failure!.Step);
        Assert.Contains("plain HTTP", report.Failure.Reason, StringComparison.Ordinal);
        Assert.False(report.Succeeded);
        Assert.Contains(report.Events, told => told.Text == "the server sent something that is not TLS: \"HTTP/1.0 400 Bad Request\"");
    }

    [Fact]
    public async Task A_reset_is_told()
    {
        var report = await TellAsync(async stream =>
        {
            await ReadSomeAsync(stream);
            stream.Socket.Close(0);
        });
        Assert.Contains("reset the connection after our client hello", report.Failure!.Reason, StringComparison.Ordinal);
        Assert.Equal("the server reset the connection", report.Events[^1].Text);
    }

    [Fact]
    public async Task A_server_that_closes_without_an_alert_is_told()
    {
        var report = await TellAsync(async stream => await ReadSomeAsync(stream));
        Assert.Contains("closed the connection after our client hello, without an answer", report.Failure!.Reason, StringComparison.Ordinal);
        Assert.Equal("the server closed the connection", report.Events[^1].Text);
    }

    [Fact]
    public async Task A_silent_server_runs_into_the_limit()
    {
        var clock = new FakeTimeProvider();
        var end = new TaskCompletionSource();
        var report = await TellAsync(
            async stream =>
            {
                await ReadSomeAsync(stream);
                clock.Advance(TimeSpan.FromSeconds(11));
                await end.Task;
            }, end.SetResult, clock);
        Assert.Contains("said nothing within 10 s after our client hello", report.Failure!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_stops_in_the_middle_runs_into_the_limit()
    {
        var clock = new FakeTimeProvider();
        var end = new TaskCompletionSource();
        var report = await TellAsync(
            async stream =>
            {
                var hello = ClientHelloDetails.Read((await ReadSomeAsync(stream)).AsSpan(9));
                var retry = RecordedHandshake.Read("tls13-hello-retry").Server[..(5 + 4 + 2 + 32 + 1 + 32 + 17)];
                hello!.SessionId.CopyTo(retry.AsMemory(5 + 4 + 2 + 32 + 1));
                await stream.WriteAsync(retry);
                await ReadSomeAsync(stream);
                clock.Advance(TimeSpan.FromSeconds(11));
                await end.Task;
            }, end.SetResult, clock);
        Assert.Contains("began to answer and did not finish", report.Failure!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_nobody_takes_runs_into_the_limit()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var address = (IPEndPoint)listener.LocalEndPoint!; // bound above
        using var first = new TcpClient();
        using var second = new TcpClient();
        // Linux takes one more than the backlog; then it answers nobody.
        await first.ConnectAsync(address);
        await second.ConnectAsync(address);
        var clock = new FakeTimeProvider();
        var telling = Handshaker.TellAsync(
            new() { Endpoint = new() { Host = "127.0.0.1", Port = address.Port } }, clock, CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(6));
        var report = await telling;
        Assert.Equal(HandshakeStep.Connection, report.Failure!.Step);
        Assert.Contains("within 5 s: nothing answers there", report.Failure.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_listening_is_told()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var report = await Handshaker.TellAsync(
            new() { Endpoint = new() { Host = "127.0.0.1", Port = port } }, TimeProvider.System, CancellationToken.None);
        Assert.Equal(HandshakeStep.Connection, report.Failure!.Step);
        Assert.Contains("refuses the connection", report.Failure.Reason, StringComparison.Ordinal);
        Assert.Empty(report.Events);
        Assert.Null(report.Address);
    }

    [Fact]
    public async Task A_name_without_an_address_is_told()
    {
        var report = await Handshaker.TellAsync(
            new() { Endpoint = new() { Host = "no-such-host.invalid", Port = 443 } }, TimeProvider.System, CancellationToken.None);
        Assert.Equal(HandshakeStep.Connection, report.Failure!.Step);
        Assert.Contains("no-such-host.invalid", report.Failure.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flood_is_cut_at_the_limit_of_what_is_kept()
    {
        var elapsed = TimeSpan.Zero;
        var data = new byte[RecordingStream.MaxBytes + 5000];
        await using var recording = new RecordingStream(new MemoryStream(data), () => elapsed);
        var buffer = new byte[7000];
        var total = 0;
        while (await recording.ReadAsync(buffer) is > 0 and var count)
            total += count;
        Assert.Equal(data.Length, total);
        Assert.Equal(RecordingStream.MaxBytes, recording.Received.Bytes.Length);
        Assert.Equal(TimeSpan.Zero, recording.EndOfReceived);
    }

    [Theory]
    [InlineData("kubemaster:6443", "kubemaster", 6443)]
    [InlineData("https://kubemaster:6443/version?x=1", "kubemaster", 6443)]
    [InlineData("https://example.com", "example.com", 443)]
    [InlineData("10.0.0.1:2379", "10.0.0.1", 2379)]
    [InlineData("[::1]:6443", "::1", 6443)]
    [InlineData("[fe80::1]", "fe80::1", 443)]
    [InlineData("::1", "::1", 443)]
    [InlineData("example.com", "example.com", 443)]
    public void Servers_are_read_as_users_write_them(string text, string host, int port)
    {
        Assert.True(HostAndPort.TryParse(text, out var target));
        Assert.Equal(new HostAndPort(host, port), target);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":6443")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:+1")]
    [InlineData("http://host:80")]
    [InlineData("[::1")]
    [InlineData("[host]:1")]
    [InlineData("a b:1")]
    [InlineData("-o:1")]
    public void Others_are_refused(string text) => Assert.False(HostAndPort.TryParse(text, out _));

    private static async Task<HandshakeReport> TellAsync(
        Func<NetworkStream, Task> serve, Action? afterwards = null, TimeProvider? clock = null)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, serve);
        var report = await Handshaker.TellAsync(
            new() { Endpoint = new() { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port } },
            clock ?? TimeProvider.System, CancellationToken.None);
        afterwards?.Invoke();
        await serving;
        return report;
    }

    private static async Task ServeAsync(TcpListener listener, Func<NetworkStream, Task> serve)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await serve(client.GetStream());
    }

    /// <summary>All of a client hello, so that closing does not reset.</summary>
    private static async Task<byte[]> ReadSomeAsync(NetworkStream stream)
    {
        var buffer = new byte[16 * 1024];
        var count = await stream.ReadAsync(buffer);
        while (ClientHelloReader.Read(buffer.AsSpan(0, count)).Kind == FirstBytesKind.NeedMoreData)
            count += await stream.ReadAsync(buffer.AsMemory(count));
        return buffer[..count];
    }
}
