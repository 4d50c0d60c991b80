// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;

namespace Sealock.EndToEnd.Cluster.Handshakes;

/// <summary><c>sealock handshake</c> against real servers: what goes wrong is explained rightly.</summary>
[Collection(TlsPeersGroup.Name)]
public sealed class HandshakeTests(TlsPeers peers)
{
    private const string Quick = "--cacert ca.crt --no-resumption --answer-wait 20s ";
    private const string Own = "--cert client.crt --key client.key ";
    private const string Strangers = "--cert stranger.crt --key stranger.key ";

    [PeerTheory("openssl", "nginx", "haproxy", "etcd")]
    [InlineData("openssl", "1.2")]
    [InlineData("openssl", "1.3")]
    [InlineData("haproxy", "1.2")]
    [InlineData("haproxy", "1.3")]
    [InlineData("etcd", "1.2")]
    [InlineData("etcd", "1.3")]
    public async Task A_required_client_certificate_is_told_where_it_lacks_is_wrong_or_is_right(string server, string version)
    {
        var port = await PortAsync(server, "required");
        var without = await RunAsync(port, $"{Quick}--tls-min {version} --tls-max {version}");
        Assert.Equal(6, without.FailedStep);
        Assert.Contains("requires a client certificate, and none was sent", without.Failure, StringComparison.Ordinal);
        Assert.Contains("issued by CN=test-ca with --cert and --key", without.Remedy, StringComparison.Ordinal);
        Assert.Equal((version == "1.2" ? "wire" : "library", "CN=test-ca"), First(without.Detail("client certificate asked for", "CAs named")));
        Assert.Equal("CN=server", (string?)without.Report["certificates"]![0]!["subject"]);

        var wrong = await RunAsync(port, $"{Quick}{Strangers}--tls-min {version} --tls-max {version}");
        Assert.Equal(6, wrong.FailedStep);
        Assert.Contains("the server refuses our certificate CN=stranger", wrong.Failure, StringComparison.Ordinal);
        Assert.Contains("CN=test-ca", wrong.Remedy, StringComparison.Ordinal);

        var right = await RunAsync(port, $"{Quick}{Own}--tls-min {version} --tls-max {version}");
        Assert.True(right.ExitCode == 0, right.Report.ToJsonString());
        Assert.Contains("got CN=client, and went on", right.Verdict("clientCertificate").Text, StringComparison.Ordinal);
        Assert.Equal("TLS " + version, (string?)right.Report["version"]);
        Assert.Equal("CN=test-ca", (string?)right.Report["authorities"]![0]);
    }

    [PeerFact("openssl")]
    public async Task An_expired_client_certificate_is_told()
    {
        var run = await RunAsync(await PortAsync("openssl", "required"), Quick + "--cert old-client.crt --key old-client.key");
        Assert.Contains("refuses our certificate CN=old-client: it is not valid now for the server", run.Failure, StringComparison.Ordinal);
    }

    /// <summary>nginx completes the handshake and answers each request with 400: more than "went on" is not known.</summary>
    [PeerFact("nginx")]
    public async Task A_server_that_checks_per_request_is_told_to_go_on()
    {
        var without = await RunAsync(await peers.NginxAsync("required"), Quick);
        Assert.Equal("untold", without.Verdict("clientCertificate").Outcome);
        Assert.Contains("got none, and went on; it may check that again at each request", without.Verdict("clientCertificate").Text, StringComparison.Ordinal);
        var wrong = await RunAsync(await peers.NginxAsync("required"), Quick + Strangers);
        Assert.Contains("Its CA (CN=other-ca) is none of those the server named", wrong.Verdict("clientCertificate").Text, StringComparison.Ordinal);
    }

    [PeerTheory("openssl", "nginx")]
    [InlineData("nginx", "expired", "1.3", "validity", "has expired at")]
    [InlineData("nginx", "early", "1.3", "validity", "is not valid before")]
    [InlineData("nginx", "elsewhere", "1.2", "name", "is for DNS:elsewhere.example.com, not for 'localhost'")]
    [InlineData("openssl", "expired", "1.2", "validity", "has expired at")]
    [InlineData("openssl", "elsewhere", "1.3", "name", "is for DNS:elsewhere.example.com, not for 'localhost'")]
    public async Task A_wrong_server_certificate_is_told(string server, string kind, string version, string subject, string text)
    {
        var port = server == "nginx" ? await peers.NginxAsync(kind) : await peers.OpenSslAsync("-www", kind);
        var run = await RunAsync(port, $"{Quick}--tls-min {version} --tls-max {version}");
        Assert.Equal(1, run.ExitCode);
        Assert.Null(run.Failure);
        Assert.Equal("failed", run.Verdict(subject).Outcome);
        Assert.Contains(text, run.Verdict(subject).Text, StringComparison.Ordinal);
    }

    [PeerFact("nginx", "haproxy")]
    public async Task An_unknown_ca_a_missing_one_and_none_given_are_told_apart()
    {
        var unknown = await RunAsync(await peers.HaproxyAsync("good"), "--cacert other-ca.crt --no-resumption");
        Assert.Equal(("failed", "CN=server is issued by CN=test-ca, which is not trusted"), unknown.Verdict("chain"));
        var none = await RunAsync(await peers.HaproxyAsync("good"), "--no-resumption");
        Assert.Equal("untold", none.Verdict("chain").Outcome);
        Assert.Equal(0, none.ExitCode);
        var below = await RunAsync(await peers.NginxAsync("below"), Quick);
        Assert.Equal(("fine", "CN=below ← CN=middle-ca ← CN=test-ca: trusted by --cacert"), below.Verdict("chain"));
    }

    [PeerFact("nginx", "etcd")]
    public async Task An_application_protocol_that_nobody_speaks_is_told()
    {
        foreach (var (port, more) in new[] { (await peers.NginxAsync("alpn"), ""), (await peers.EtcdAsync("required"), Own) })
        {
            var run = await RunAsync(port, $"{Quick}{more}--alpn spdy/9,foo");
            Assert.Equal(2, run.FailedStep);
            Assert.Contains("speaks none of the application protocols offered by ALPN (spdy/9, foo)", run.Failure, StringComparison.Ordinal);
        }
    }

    [PeerFact("nginx", "etcd")]
    public async Task Plain_http_on_the_port_is_told()
    {
        foreach (var port in new[] { await peers.NginxAsync("plain"), await peers.EtcdAsync("plain") })
        {
            var run = await RunAsync(port, Quick);
            Assert.Equal(2, run.FailedStep);
            Assert.Contains($"speaks plain HTTP on port {port}, not HTTPS (it answered \"HTTP/1.1 400 Bad Request\")", run.Failure, StringComparison.Ordinal);
        }
    }

    [PeerFact("openssl", "nginx", "haproxy")]
    public async Task A_server_name_that_nobody_serves_is_told()
    {
        var fatal = await peers.OpenSslAsync("-servername known.example.com -servername_fatal -cert2 server.crt -key2 server.key");
        foreach (var port in new[] { await peers.NginxAsync("rejecting"), await peers.HaproxyAsync("strict"), fatal })
        {
            var run = await RunAsync(port, Quick + "--servername unknown.example.com");
            Assert.Equal(2, run.FailedStep);
            Assert.Contains("no certificate for the server name unknown.example.com", run.Failure, StringComparison.Ordinal);
        }
    }

    [PeerFact("openssl", "nginx")]
    public async Task Versions_and_suites_that_do_not_meet_are_told()
    {
        var higher = await RunAsync(await peers.NginxAsync("tls12"), Quick + "--tls-min 1.3");
        Assert.Contains("speaks none of the versions offered (TLS 1.3)", higher.Failure, StringComparison.Ordinal);
        var lower = await RunAsync(await peers.OpenSslAsync("-tls1_3"), Quick + "--tls-max 1.2");
        Assert.Contains("speaks none of the versions offered (up to TLS 1.2)", lower.Failure, StringComparison.Ordinal);
        var suite = await RunAsync(await peers.OpenSslAsync("-tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305"), Quick + "--tls-max 1.2");
        Assert.Contains("accepts nothing of what was offered", suite.Failure, StringComparison.Ordinal);
        Assert.True(suite.Tells("wire", "the server sent: alert handshake_failure (40, fatal)"));
    }

    [PeerFact("openssl")]
    public async Task Versions_that_this_machine_does_not_offer_are_told()
    {
        var run = await RunAsync(await peers.OpenSslAsync(), Quick + "--tls-min 1.0 --tls-max 1.1");
        Assert.Equal(1, run.FailedStep);
        Assert.Contains("makes no client hello for the versions wanted", run.Failure, StringComparison.Ordinal);
        Assert.Contains("set OPENSSL_CONF", run.Remedy, StringComparison.Ordinal);

        // The remedy is right.
        await File.WriteAllTextAsync(peers.Material["old.cnf"],
            """
            openssl_conf = whole
            [whole]
            ssl_conf = tls
            [tls]
            system_default = old
            [old]
            MinProtocol = TLSv1
            CipherString = DEFAULT:@SECLEVEL=0

            """);
        var old = await HandshakeRun.OfAsync(
            peers.Material.Folder, await peers.OpenSslAsync("-cipher DEFAULT:@SECLEVEL=0"), Quick + "--tls-min 1.0 --tls-max 1.1",
            environment: new Dictionary<string, string> { ["OPENSSL_CONF"] = peers.Material["old.cnf"] });
        Assert.Equal("TLS 1.1", (string?)old.Report["version"]);
    }

    [PeerFact("openssl")]
    public async Task A_hello_retry_request_is_told()
    {
        var run = await RunAsync(await peers.OpenSslAsync("-groups P-521"), Quick);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(("wire", "secp521r1"), First(run.Detail("hello retry request received: the server wants another key share", "group wanted")));
        Assert.Equal("secp521r1", (string?)run.Report["group"]);
    }

    [PeerTheory("openssl")]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task A_session_is_resumed_by_another_connection(string version)
    {
        var run = await RunAsync(await peers.OpenSslAsync("-alpn h2"), $"--cacert ca.crt --tls-min {version} --tls-max {version}");
        Assert.Equal(("fine", "the server resumes sessions"), run.Verdict("resumption"));
        var not = await RunAsync(
            await peers.OpenSslAsync("-num_tickets 0 -no_ticket -no_cache"), $"--cacert ca.crt --answer-wait 200ms --tls-min {version} --tls-max {version}");
        Assert.Equal("untold", not.Verdict("resumption").Outcome);
    }

    [Fact]
    public async Task Silence_resets_and_refused_connections_are_told()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var silent = await RunAsync(port, Quick + "--timeout 300ms");
        Assert.Contains("said nothing within 0.3 s after our client hello", silent.Failure, StringComparison.Ordinal);
        (await listener.AcceptSocketAsync()).Close();
        var resetting = RunAsync(port, Quick);
        using (var socket = await listener.AcceptSocketAsync())
        {
            await socket.ReceiveAsync(new byte[1], SocketFlags.Peek);
            socket.Close(0);
        }

        var reset = await resetting;
        Assert.Equal(2, reset.FailedStep);
        Assert.Contains("reset the connection after our client hello", reset.Failure, StringComparison.Ordinal);
        listener.Stop();
        var refused = await RunAsync(port, Quick);
        Assert.Equal(0, refused.FailedStep);
        Assert.Contains("refuses the connection", refused.Failure, StringComparison.Ordinal);
    }

    private Task<int> PortAsync(string server, string name) => server switch
    {
        "openssl" => peers.OpenSslAsync("-Verify 1 -verify_return_error"),
        "haproxy" => peers.HaproxyAsync(name),
        _ => peers.EtcdAsync(name),
    };

    private Task<HandshakeRun> RunAsync(int port, string arguments) => HandshakeRun.OfAsync(peers.Material.Folder, port, arguments);

    private static (string Source, string Value) First((string Source, IReadOnlyList<string> Values) detail) => (detail.Source, detail.Values[0]);
}
