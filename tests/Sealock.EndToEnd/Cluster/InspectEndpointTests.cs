// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Sealock.EndToEnd.Cluster;

/// <summary><c>sealock inspect host:port</c> against real servers: the chain each serves, and why there is none.</summary>
public sealed class InspectEndpointTests : IAsyncLifetime
{
    private const string MakeFiles = """
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -days 30 -subj /CN=ca 2>/dev/null
        printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n' > ext
        openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj /CN=server 2>/dev/null
        openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 20 -extfile ext -out server.crt 2>/dev/null
        cat server.crt ca.crt > chain.pem
        cat chain.pem server.key > haproxy.pem
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly List<Process> _servers = [];

    public async Task InitializeAsync() => (await Tool.ShellAsync(MakeFiles, _folder.Path)).Succeeded();

    [PeerTheory("openssl")]
    [InlineData("-tls1_3", "TLS 1.3", false)]
    [InlineData("-tls1_2", "TLS 1.2", false)]
    [InlineData("-tls1_3 -Verify 1", "TLS 1.3", true)]
    [InlineData("-tls1_2 -Verify 1", "TLS 1.2", true)]
    public async Task Openssl(string options, string version, bool asksForCertificate)
    {
        var port = Ports.Free();
        await StartAsync(port, "openssl", ["s_server", "-accept", $"{port}", "-cert", "server.crt", "-cert_chain", "ca.crt", "-key", "server.key", "-quiet", "-alpn", "h2", .. options.Split(' ')]);
        var source = await InspectAsync($"localhost:{port}", "--alpn", "h2");
        AssertChain(source, version);
        Assert.Equal(asksForCertificate, (bool)source["clientCertificateRequested"]!);
        if (!asksForCertificate || version == "TLS 1.3")
            Assert.Equal("h2", source["applicationProtocol"]!.ToString());
    }

    [PeerFact("nginx", "openssl")]
    public async Task Nginx()
    {
        var port = Ports.Free();
        await File.WriteAllTextAsync(_folder["nginx.conf"],
            $$"""
            daemon off; pid {{_folder["nginx.pid"]}}; error_log {{_folder["nginx.log"]}}; events {}
            http {
              access_log off; client_body_temp_path {{_folder["body"]}}; proxy_temp_path {{_folder["proxy"]}}; fastcgi_temp_path {{_folder["fast"]}};
              uwsgi_temp_path {{_folder["uwsgi"]}}; scgi_temp_path {{_folder["scgi"]}};
              server { listen 127.0.0.1:{{port}} ssl; ssl_certificate {{_folder["chain.pem"]}}; ssl_certificate_key {{_folder["server.key"]}};
                       ssl_protocols TLSv1.2; ssl_client_certificate {{_folder["ca.crt"]}}; ssl_verify_client on; }
            }
            """);
        await StartAsync(port, "nginx", ["-e", _folder["nginx.log"], "-c", _folder["nginx.conf"]]);
        var source = await InspectAsync($"https://127.0.0.1:{port}/some/path");
        AssertChain(source, "TLS 1.2");
        Assert.True((bool)source["clientCertificateRequested"]!);
    }

    [PeerFact("haproxy", "openssl")]
    public async Task Haproxy()
    {
        var port = Ports.Free();
        await File.WriteAllTextAsync(_folder["haproxy.cfg"],
            $"""
            defaults
              mode http
              timeout client 5s
              timeout server 5s
              timeout connect 5s
            frontend f
              bind 127.0.0.1:{port} ssl crt {_folder["haproxy.pem"]} alpn h2,http/1.1

            """);
        await StartAsync(port, "haproxy", ["-f", "haproxy.cfg", "-db"]);
        var source = await InspectAsync($"127.0.0.1:{port}", "--alpn", "http/1.1");
        AssertChain(source, "TLS 1.3");
        Assert.Equal("http/1.1", source["applicationProtocol"]!.ToString());
    }

    [PeerFact("etcd", "openssl")]
    public async Task Etcd()
    {
        var (port, peer) = (Ports.Free(), Ports.Free());
        await StartAsync(port, "etcd",
        [
            "--data-dir", _folder["etcd"], "--listen-client-urls", $"https://127.0.0.1:{port}", "--advertise-client-urls", $"https://127.0.0.1:{port}",
            "--listen-peer-urls", $"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{peer}", "--initial-cluster", $"default=http://127.0.0.1:{peer}",
            "--cert-file", "chain.pem", "--key-file", "server.key", "--client-cert-auth", "--trusted-ca-file", "ca.crt", "--log-level", "error",
        ]);
        AssertChain(await InspectAsync($"127.0.0.1:{port}"), "TLS 1.3");
    }

    [Fact]
    public async Task Sealock_itself()
    {
        await using var server = await SealockProcess.StartAsync("up", "--data", _folder["data"], "--secure-port", "0");
        var source = await InspectAsync($"127.0.0.1:{server.Port}");
        Assert.Equal("TLS 1.3", source["format"]!.ToString());
        Assert.Contains("127.0.0.1", source["items"]![0]!["names"]!["ip"]!.AsArray().Select(ip => ip!.ToString()));
        // The served certificate is the one on disk.
        var file = JsonNode.Parse((await Tool.RunAsync(SealockProcess.Program, ["inspect", "-o", "json", _folder["data"]])).Succeeded())!;
        Assert.Contains(file["sources"]!.AsArray().SelectMany(s => s!["items"]!.AsArray()), item => item!["sha256"]?.ToString() == source["items"]![0]!["sha256"]!.ToString());
        Assert.Equal(0, (await Tool.RunAsync(SealockProcess.Program, ["inspect", "--check", "--within", "1h", $"127.0.0.1:{server.Port}"])).ExitCode);
        Assert.Equal(0, await server.StopAsync());
    }

    [PeerFact("openssl")]
    public async Task A_check_of_an_endpoint_tells_what_is_wrong()
    {
        var port = Ports.Free();
        // The chain is in the wrong order, ends within 30 days, and the certificate is for another name.
        (await Tool.ShellAsync(
            """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout o.key -out other.crt -days 300 -subj /CN=other 2>/dev/null
            """, _folder.Path)).Succeeded();
        await StartAsync(port, "openssl", ["s_server", "-accept", $"{port}", "-cert", "server.crt", "-cert_chain", "other.crt", "-key", "server.key", "-quiet"]);
        var result = await Tool.RunAsync(SealockProcess.Program, ["inspect", "--check", "--servername", "wrong.example.com", $"127.0.0.1:{port}"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("error    127.0.0.1", result.Output, StringComparison.Ordinal);
        Assert.Contains("it expires in 19 days", result.Output, StringComparison.Ordinal);
        Assert.Contains("the chain is broken: it did not sign certificate 1 (its subject is CN=other, but the issuer's name is CN=ca)", result.Output, StringComparison.Ordinal);
        Assert.Contains("not for 'wrong.example.com'", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_http_a_closed_port_and_silence_are_told_apart()
    {
        using var plain = new TcpListener(IPAddress.Loopback, 0);
        plain.Start();
        var answering = AnswerPlainlyAsync(plain);
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var (plainPort, silentPort, closedPort) = (PortOf(plain), PortOf(silent), Ports.Free());
        var result = await Tool.RunAsync(SealockProcess.Program,
            ["inspect", "--timeout", "3s", $"127.0.0.1:{plainPort}", $"127.0.0.1:{silentPort}", $"127.0.0.1:{closedPort}", _folder["server.crt"]]);
        await answering;
        Assert.Equal(1, result.ExitCode);
        var lines = result.Errors.Trim().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Matches("plain HTTP", lines[0]);
        Assert.Matches("within 3 s", lines[1]);
        Assert.Matches("refuses the connection", lines[2]);
        Assert.Contains("CN=server", result.Output, StringComparison.Ordinal);
    }

    public Task DisposeAsync()
    {
        foreach (var server in _servers)
        {
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
            server.Dispose();
        }

        _folder.Dispose();
        return Task.CompletedTask;
    }

    private async Task<JsonNode> InspectAsync(params string[] arguments)
    {
        var result = await Tool.RunAsync(SealockProcess.Program, ["inspect", "-o", "json", .. arguments]);
        return JsonNode.Parse(result.SucceededQuietly())!["sources"]![0]!;
    }

    private void AssertChain(JsonNode source, string version)
    {
        Assert.Equal(version, source["format"]!.ToString());
        Assert.Equal(["server", "ca"], source["items"]!.AsArray().Select(item => item!["commonName"]!.ToString()));
        Assert.Equal(2, (int)source["items"]![0]!["signedBy"]!["item"]!);
        Assert.StartsWith("TLS_", source["cipherSuite"]!.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Starts a server and waits until its port takes connections.</summary>
    private async Task StartAsync(int port, string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = _folder.Path };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var server = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        _servers.Add(server);
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            Assert.False(server.HasExited, $"{program} ended");
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
            }
        }
    }

    private static async Task AnswerPlainlyAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync();
        var stream = client.GetStream();
        _ = await stream.ReadAsync(new byte[4096]);
        await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
