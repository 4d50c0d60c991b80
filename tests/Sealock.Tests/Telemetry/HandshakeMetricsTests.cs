// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Sealock.Gateway.Listener;
using Sealock.Gateway.Metrics;
using Sealock.Tests.Gateway;
using Sealock.Tests.Support;

namespace Sealock.Tests.Telemetry;

/// <summary>What is counted of handshakes, with the openssl program as the client.</summary>
public class HandshakeMetricsTests
{
    private const string Tokens = "admin,admin,1,\"system:masters\"";

    [Theory]
    [InlineData("error:0A000418:SSL routines::tlsv1 alert unknown ca", "alert_unknown_ca")]
    [InlineData("error:0A000412:SSL routines::sslv3 alert bad certificate", "alert_bad_certificate")]
    [InlineData("error:0A0004D6:SSL routines::whatever", "alert_other")]
    [InlineData("error:0A0000C1:SSL routines::no shared cipher", "no_shared_cipher")]
    [InlineData("error:0A000102:SSL routines::unsupported protocol", "unsupported_protocol")]
    [InlineData("error:0A000065:SSL routines::no suitable key share", "no_shared_group")]
    [InlineData("error:0A0001BB:SSL routines::something made up by a stranger", "other")]
    [InlineData("a text of a stranger", "refused")]
    public void The_reason_is_one_of_few_words_whatever_the_fault_says(string text, string reason) =>
        Assert.Equal(reason, HandshakeFault.ReasonOf(new AuthenticationException("see inside", new InvalidOperationException(text))));

    [Fact]
    public void Who_goes_away_and_who_takes_too_long_are_told_apart()
    {
        Assert.Equal("closed", HandshakeFault.ReasonOf(null));
        Assert.Equal("closed", HandshakeFault.ReasonOf(new IOException("Received an unexpected EOF or 0 bytes from the transport stream.")));
        Assert.Equal("timeout", HandshakeFault.ReasonOf(new OperationCanceledException()));
    }

    [Theory]
    [InlineData(0x300000d0L, "3.0.13", false)]
    [InlineData(0x30500010L, "3.5.1", true)]
    [InlineData(0x30600000L, "3.6.0", true)]
    [InlineData(0x40000000L, "4.0.0", true)]
    public void Openssl_exchanges_keys_by_a_hybrid_group_from_3_5_on(long number, string version, bool offers) =>
        Assert.Equal(new TlsLibrary("OpenSSL", version, offers), TlsLibrary.OpenSsl(number));

    [Fact]
    public async Task Sessions_that_are_resumed_and_groups_are_read_from_what_the_server_sends()
    {
        await using var rig = await GatewayRig.StartAsync(tokens: Tokens);
        using var open = await rig.KeepSessionsAsync();
        var session = Path.Combine(rig.Directory, "session.pem");
        const string request = "GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        await OpenSslAsync(rig, $"-alpn http/1.1 -groups P-256 -ciphersuites TLS_AES_128_GCM_SHA256 -sess_out {session}", request, "system:anonymous");
        var second = await OpenSslAsync(rig, $"-alpn http/1.1 -groups P-256 -ciphersuites TLS_AES_128_GCM_SHA256 -sess_in {session}", request, "system:anonymous");
        Assert.Contains("Reused, TLSv1.3", second, StringComparison.Ordinal);
        await OpenSslAsync(rig, "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384");
        await OpenSslAsync(rig, "-groups X448:P-256");
        var metrics = await MetricsAsync(rig, text => text.Contains("version=\"1.2\"", StringComparison.Ordinal) && text.Contains("x448", StringComparison.Ordinal));
        const string name = "sealock_tls_handshakes_total{result=\"ok\",version=";
        Assert.Contains(name + "\"1.3\",suite=\"TLS_AES_128_GCM_SHA256\",resumed=\"false\",reason=\"\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains(name + "\"1.3\",suite=\"TLS_AES_128_GCM_SHA256\",resumed=\"true\",reason=\"\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains(name + "\"1.2\",suite=\"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384\",resumed=\"false\",reason=\"\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("sealock_tls_key_exchanges_total{group=\"secp256r1\",post_quantum=\"false\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("sealock_tls_key_exchanges_total{group=\"x448\",post_quantum=\"false\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Matches("sealock_tls_library_info{library=\"OpenSSL\",version=\"[0-9.]+\"} 1\n", metrics);
        Assert.Matches("sealock_tls_post_quantum_offered [01]\n", metrics);
    }

    [Theory]
    [InlineData("-tls1_1 -cipher DEFAULT@SECLEVEL=0", "unsupported_protocol")]
    [InlineData("-tls1_2 -cipher AES128-SHA", "no_shared_cipher")]
    [InlineData("-verify_return_error", "alert_unknown_ca")]
    public async Task Failed_handshakes_are_counted_with_their_reason(string options, string reason)
    {
        await using var rig = await GatewayRig.StartAsync(tokens: Tokens);
        await OpenSslAsync(rig, options);
        var wanted = $"sealock_tls_handshakes_total{{result=\"failed\",version=\"\",suite=\"\",resumed=\"\",reason=\"{reason}\"}} 1\n";
        Assert.Contains(wanted, await MetricsAsync(rig, text => text.Contains(wanted, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_tears_its_connection_down_is_told_from_one_that_ends_it()
    {
        await using var rig = await GatewayRig.StartAsync(tokens: Tokens);
        await using var tls = new SslStream(new TornDown(rig.Endpoint));
        await Assert.ThrowsAnyAsync<IOException>(() => tls.AuthenticateAsClientAsync("localhost"));

        const string wanted = "sealock_tls_handshakes_total{result=\"failed\",version=\"\",suite=\"\",resumed=\"\",reason=\"reset\"} 1\n";
        Assert.Contains(wanted, await MetricsAsync(rig, text => text.Contains(wanted, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    /// <summary>The page; the server may learn later than the client that a handshake has failed, so it is read until it says so.</summary>
    private static async Task<string> MetricsAsync(GatewayRig rig, Func<string, bool> isThere)
    {
        using var client = rig.Client(version: HttpVersion.Version20, token: "admin");
        var text = "";
        for (var tries = 0; tries < 200; tries++)
        {
            text = await client.GetStringAsync("/metrics");
            if (isThere(text))
                break;
        }

        return text;
    }

    private static Task<string> OpenSslAsync(GatewayRig rig, string options, string input = "", string? until = null) =>
        CommandLine.RunAsync(
            "openssl", $"s_client -connect 127.0.0.1:{rig.Endpoint.Port} {(options.Contains("verify_return_error", StringComparison.Ordinal) ? "" : $"-CAfile {rig.CaFile}")} {options}",
            input, until);

    /// <summary>A connection that is torn down when the server begins to answer.</summary>
    private sealed class TornDown(IPEndPoint server) : NetworkStream(Connect(server), ownsSocket: true)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Socket.ReceiveAsync(new byte[1], cancellationToken);
            Socket.Close(timeout: 0);
            throw new IOException("torn down");
        }

        private static Socket Connect(IPEndPoint server)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(server);
            return socket;
        }
    }
}
