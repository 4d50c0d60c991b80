// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Sealock.Gateway.Limits;
using Sealock.Tests.Support;

namespace Sealock.Tests.Gateway;

/// <summary>Clients that send too little, too slowly or too much are dropped.</summary>
public class SlowClientTests
{
    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { (byte)'G' })]
    [InlineData(new byte[] { 0x16, 3, 1, 1, 0, 1 })]
    public async Task Who_does_not_come_to_the_point_is_dropped(byte[] sent)
    {
        var clock = new FakeTimeProvider();
        var limits = new GatewayLimits();
        await using var rig = await GatewayRig.StartAsync(options => options with { Limits = limits }, clock: clock);
        using var client = new TcpClient();
        await client.ConnectAsync(rig.Endpoint);
        await client.GetStream().WriteAsync(sent);
        var end = client.GetStream().ReadAsync(new byte[1]).AsTask();
        // The server's timer starts when it sees the connection, which nothing tells: the clock goes on until then.
        while (!end.IsCompleted)
        {
            clock.Advance(limits.HandshakeTimeout);
            await Task.Yield();
        }

        Assert.Equal(0, await end);
    }

    [Theory]
    [InlineData("")]
    [InlineData("PROXY TCP4 192.0.2.1")]
    [InlineData("PROXY TCP4 192.0.2.1 10.0.0.1 1 443\r\n")]
    public async Task A_proxy_that_does_not_come_to_the_point_is_dropped_too(string sent)
    {
        var clock = new FakeTimeProvider();
        await using var rig = await GatewayRig.StartAsync(
            options => options with { Traffic = Balancer.Trusted with { ProxyProtocol = ProxyProtocolUse.Required } }, clock: clock);
        using var client = new TcpClient();
        await client.ConnectAsync(rig.Endpoint);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(sent));
        var end = client.GetStream().ReadAsync(new byte[1]).AsTask();
        while (!end.IsCompleted)
        {
            clock.Advance(new GatewayLimits().HandshakeTimeout);
            await Task.Yield();
        }

        Assert.Equal(0, await end);
    }

    [Fact]
    public async Task Who_stops_within_the_handshake_is_dropped()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with
        {
            Limits = new GatewayLimits { HandshakeTimeout = TimeSpan.FromMilliseconds(300) },
        });
        using var client = new TcpClient();
        await client.ConnectAsync(rig.Endpoint);
        await client.GetStream().WriteAsync(await ClientHelloAsync());
        var received = new MemoryStream();
        await client.GetStream().CopyToAsync(received);
        Assert.True(received.Length > 0, "the server has answered the ClientHello before it hung up");
    }

    [Fact]
    public async Task Who_sends_a_body_too_slowly_is_dropped()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with
        {
            Authorizer = new Everyone(),
            Limits = new GatewayLimits { SlowestBytesPerSecond = 1_000_000, BodyGrace = TimeSpan.FromSeconds(0.2) },
        });
        Assert.StartsWith(
            "HTTP/1.1 408",
            await ExchangeAsync(rig, "POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_comes_while_the_server_is_ended_is_waited_for()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with { Authorizer = new Everyone() });
        await using var tls = await ConnectAsync(rig);
        using var reader = new StreamReader(tls, Encoding.ASCII);
        await tls.WriteAsync("POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{"u8.ToArray());
        Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync());
        Assert.Equal("", await reader.ReadLineAsync());
        await using var idle = await ConnectAsync(rig);

        var ended = rig.Server.StopAsync(CancellationToken.None);
        Assert.Equal(0, await idle.ReadAsync(new byte[1]));
        await tls.WriteAsync("}"u8.ToArray());

        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync());
        await ended;
    }

    [Fact]
    public async Task Who_takes_too_long_over_a_body_may_still_send_it_and_ask_again()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with
        {
            Authorizer = new Everyone(),
            Limits = new GatewayLimits { RequestTimeout = TimeSpan.FromMilliseconds(200) },
        });
        await using var tls = await ConnectAsync(rig);
        using var reader = new StreamReader(tls, Encoding.ASCII);
        await tls.WriteAsync("POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{"u8.ToArray());
        Assert.Equal("HTTP/1.1 504 Gateway Timeout", await reader.ReadLineAsync());
        await tls.WriteAsync("    GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
        Assert.EndsWith("ok", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_refused_before_the_body_has_come_may_still_send_it_and_ask_again()
    {
        await using var rig = await GatewayRig.StartAsync();
        await using var tls = await ConnectAsync(rig);
        using var reader = new StreamReader(tls, Encoding.ASCII);
        await tls.WriteAsync("POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer no\r\nContent-Length: 5\r\n\r\n{"u8.ToArray());
        Assert.Equal("HTTP/1.1 401 Unauthorized", await reader.ReadLineAsync());
        await tls.WriteAsync("    GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
        var rest = await reader.ReadToEndAsync();
        Assert.Contains("\nHTTP/1.1 200 OK\r\n", rest.Replace("}HTTP", "}\nHTTP", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.EndsWith("ok", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_refused_and_never_sends_the_body_is_dropped()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with
        {
            Limits = new GatewayLimits { BodyGrace = TimeSpan.FromMilliseconds(100) },
        });
        Assert.StartsWith(
            "HTTP/1.1 401",
            await ExchangeAsync(rig, "POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer no\r\nContent-Length: 100000\r\n\r\n{"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_sends_headers_forever_or_too_many_is_dropped()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with
        {
            Limits = new GatewayLimits { HeadersTimeout = TimeSpan.FromMilliseconds(200), MaxHeaderBytes = 4000 },
        });
        Assert.StartsWith(
            "HTTP/1.1 408", await ExchangeAsync(rig, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-"),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "HTTP/1.1 431",
            await ExchangeAsync(rig, $"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: {new string('a', 5000)}\r\n\r\n"),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "HTTP/1.1 414",
            await ExchangeAsync(rig, $"GET /{new string('a', 40_000)} HTTP/1.1\r\nHost: x\r\n\r\n"),
            StringComparison.Ordinal);
    }

    /// <summary>A connection with TLS; who disposes of it closes it.</summary>
    private static async Task<SslStream> ConnectAsync(GatewayRig rig)
    {
        var client = new TcpClient();
        await client.ConnectAsync(rig.Endpoint);
        var tls = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        return tls;
    }

    private static async Task<string> ExchangeAsync(GatewayRig rig, string sent)
    {
        await using var tls = await ConnectAsync(rig);
        await tls.WriteAsync(Encoding.ASCII.GetBytes(sent));
        using var reader = new StreamReader(tls, Encoding.ASCII);
        return await reader.ReadToEndAsync();
    }

    /// <summary>What a client sends first.</summary>
    private static async Task<byte[]> ClientHelloAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var server = await listener.AcceptTcpClientAsync();
        await using var tls = new SslStream(client.GetStream());
        var handshake = tls.AuthenticateAsClientAsync("localhost");
        var buffer = new byte[16 * 1024];
        var length = await server.GetStream().ReadAsync(buffer);
        server.Close();
        await Assert.ThrowsAnyAsync<IOException>(() => handshake);
        return buffer[..length];
    }
}
