// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Sealock.Gateway.Limits;

namespace Sealock.Tests.Gateway;

/// <summary>What HTTP/2 lets a client do without end, done to the real listener; meanwhile others are served.</summary>
public class Http2FloodTests
{
    private const byte Headers = 1;
    private const byte ResetStream = 3;
    private const byte Ping = 6;
    private const byte GoAway = 7;
    private const byte Continuation = 9;
    private const byte EndStream = 1;
    private const byte Acknowledged = 1;
    private const byte EndHeaders = 4;

    // :method GET, :scheme http, :path /, :authority x, by the static table (RFC 7541 appendix A).
    private static readonly byte[] Request = [0x82, 0x86, 0x84, 0x41, 0x01, (byte)'x'];

    [Fact]
    public async Task Headers_that_do_not_end_end_the_connection()
    {
        await using var rig = await StartAsync();
        await using var flood = await FloodAsync(rig.Endpoint);
        // A literal header that is never indexed: x: 16,000 times "a".
        byte[] header = [0x10, 1, (byte)'x', 0x7f, 0x81, 0x7c, .. Enumerable.Repeat((byte)'a', 16_000)];
        var ended = flood.EndsAsync();
        await flood.SendAsync(Headers, EndStream, 1, Request);
        var frames = 0;
        while (!ended.IsCompleted && frames < 5_000 && await flood.TrySendAsync(Continuation, 0, 1, header))
            frames++;
        await ServedAsync(rig);
        Assert.True(frames < 5_000, "the server takes headers without end");
        await ended;
    }

    [Fact]
    public async Task Streams_that_are_reset_at_once_through_a_proxy_cost_no_more_than_requests()
    {
        await using var rig = await StartAsync();
        await using var flood = await FloodAsync(rig.Endpoint);
        var reading = flood.EndsAsync();
        for (var stream = 1; stream < 20_000; stream += 2)
        {
            if (!await flood.TrySendAsync(Headers, EndStream | EndHeaders, stream, Request)
                || !await flood.TrySendAsync(ResetStream, 0, stream, [0, 0, 0, 8]))
                break;
            if (stream % 1000 == 1)
                await ServedAsync(rig);
        }

        flood.Close();
        await reading;
        await ServedAsync(rig);
        using var root = rig.Client(token: "r");
        // Nothing of them is left: only this request is being answered.
        Assert.Contains("sealock_requests_in_flight{kind=\"readOnly\"} 1\n", await root.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_goes_on_resetting_streams_is_read_from_more_slowly()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with { Limits = new GatewayLimits() }, "r,root,1,\"system:masters\"\n");
        await using var flood = await FloodAsync(await TlsAsync(rig.Endpoint));
        var ended = flood.EndsAsync();
        using var root = rig.Client(token: "r");
        var slowed = false;
        for (var stream = 1; !slowed && stream < 20_000; stream += 2)
        {
            Assert.True(await flood.TrySendAsync(Headers, EndStream | EndHeaders, stream, Request));
            Assert.True(await flood.TrySendAsync(ResetStream, 0, stream, [0, 0, 0, 8]));
            if (stream % 200 != 199)
                continue;
            // Kestrel closes a connection with too many streams that it has not done with: so many are left to a busy server.
            await flood.ReadByServerAsync();
            string metrics;
            do
                metrics = await root.GetStringAsync("/metrics");
            while (!metrics.Contains("sealock_requests_in_flight{kind=\"readOnly\"} 1\n", StringComparison.Ordinal));
            slowed = metrics.Contains("sealock_connections_slowed_total 1\n", StringComparison.Ordinal);
        }

        Assert.True(slowed);
        Assert.False(ended.IsCompleted, "it is not closed");
        flood.Close();
        await ended;
    }

    private static Task<GatewayRig> StartAsync() => GatewayRig.StartAsync(
        options => options with { Traffic = Balancer.Trusted with { ExternalTlsAssumed = true }, Limits = new GatewayLimits() },
        "r,root,1,\"system:masters\"\n");

    private static async Task ServedAsync(GatewayRig rig)
    {
        using var client = rig.Client();
        Assert.Equal("ok", await client.GetStringAsync("/healthz"));
    }

    private static async Task<Connection> FloodAsync(IPEndPoint server)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(server);
        return await FloodAsync(tcp.GetStream());
    }

    private static async Task<Connection> FloodAsync(Stream stream)
    {
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        var connection = new Connection(stream);
        await connection.SendAsync(4, 0, 0, []);
        return connection;
    }

    private static async Task<Stream> TlsAsync(IPEndPoint server)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(server);
        var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });
        return tls;
    }

    private sealed class Connection(Stream stream) : IAsyncDisposable
    {
        private readonly SemaphoreSlim _pings = new(0);

        public async Task SendAsync(byte type, byte flags, int id, byte[] payload)
        {
            var frame = new byte[9 + payload.Length];
            BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)payload.Length << 8);
            (frame[3], frame[4]) = (type, flags);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
            payload.CopyTo(frame, 9);
            await stream.WriteAsync(frame);
        }

        public async Task<bool> TrySendAsync(byte type, byte flags, int id, byte[] payload)
        {
            try
            {
                await SendAsync(type, flags, id, payload);
                return true;
            }
            catch (Exception gone) when (gone is IOException or ObjectDisposedException)
            {
                return false;
            }
        }

        /// <summary>Waits until the server has read what was sent; <see cref="EndsAsync"/> must be under way.</summary>
        public async Task ReadByServerAsync()
        {
            await SendAsync(Ping, 0, 0, new byte[8]);
            Assert.True(await _pings.WaitAsync(TimeSpan.FromSeconds(30)), "the server reads no more");
        }

        /// <summary>Reads until the server says goodbye or closes.</summary>
        public async Task EndsAsync()
        {
            var header = new byte[9];
            try
            {
                while (true)
                {
                    await stream.ReadExactlyAsync(header);
                    var length = (int)(BinaryPrimitives.ReadUInt32BigEndian(header) >> 8);
                    await stream.ReadExactlyAsync(new byte[length]);
                    if (header[3] == GoAway)
                        return;
                    if (header[3] == Ping && header[4] == Acknowledged)
                        _pings.Release();
                }
            }
            catch (Exception gone) when (gone is IOException or ObjectDisposedException)
            {
                // Closed without one.
            }
        }

        public void Close() => stream.Close();

        public ValueTask DisposeAsync()
        {
            _pings.Dispose();
            return stream.DisposeAsync();
        }
    }
}
