// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Sealock.EndToEnd.Cluster.Handshakes;

/// <summary>Real TLS servers, each started when it is first asked for: openssl s_server, nginx, haproxy, etcd (Go).</summary>
public sealed class TlsPeers : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly List<Process> _processes = [];
    private readonly Dictionary<string, Task<int>> _openSsl = [];
    private readonly Dictionary<string, int> _ports = [];
    private Task? _nginx;
    private Task? _haproxy;
    private Task? _etcd;

    internal TlsMaterial Material { get; } = new();

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        Material.Dispose();
    }

    /// <summary>The port of <c>openssl s_server</c> with the server's certificate and these arguments.</summary>
    public Task<int> OpenSslAsync(string arguments = "", string certificate = "server")
    {
        var line = $"s_server -accept 0 -CAfile ca.crt -no_ca_names -cert {certificate}.crt -cert_chain {certificate}.crt -key {certificate}.key {arguments}".Trim();
        if (arguments.Contains("erify", StringComparison.Ordinal))
            line = line.Replace("-no_ca_names ", "", StringComparison.Ordinal);
        if (!_openSsl.TryGetValue(line, out var port))
            _openSsl[line] = port = StartOpenSslAsync(line);
        return port;
    }

    /// <summary>A port of one nginx: good, required, expired, early, elsewhere, below, tls12, alpn, plain, rejecting.</summary>
    public async Task<int> NginxAsync(string name)
    {
        await (_nginx ??= StartNginxAsync());
        return _ports["nginx-" + name];
    }

    /// <summary>A port of one haproxy: good, required, strict.</summary>
    public async Task<int> HaproxyAsync(string name)
    {
        await (_haproxy ??= StartHaproxyAsync());
        return _ports["haproxy-" + name];
    }

    /// <summary>A port of one etcd: required, plain.</summary>
    public async Task<int> EtcdAsync(string name)
    {
        await (_etcd ??= StartEtcdAsync());
        return _ports["etcd-" + name];
    }

    private async Task<int> StartOpenSslAsync(string line)
    {
        var port = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        // Its standard input stays open: at its end it closes its connections.
        Start("openssl", line, text =>
        {
            if (text.StartsWith("ACCEPT", StringComparison.Ordinal) && int.TryParse(text.AsSpan(text.LastIndexOf(':') + 1), out var number))
                port.TrySetResult(number);
        });
        return await port.Task.WaitAsync(StartLimit);
    }

    private Task StartNginxAsync()
    {
        string Server(string name, string more, string certificate = "server") =>
            $"server {{ listen 127.0.0.1:{NewPort("nginx-" + name)} ssl; ssl_certificate {certificate}.crt; ssl_certificate_key {certificate}.key; {more} }}\n";
        var servers = Server("good", "") + Server("required", "ssl_verify_client on; ssl_client_certificate ca.crt;")
            + Server("expired", "", "expired") + Server("early", "", "early") + Server("elsewhere", "", "elsewhere") + Server("below", "", "below")
            + Server("tls12", "ssl_protocols TLSv1.2;")
            + Server("alpn", "http2 on;").Replace(" ssl; ", " ssl http2; ", StringComparison.Ordinal).Replace("http2 on;", "", StringComparison.Ordinal)
            + Server("rejecting", "ssl_reject_handshake on;")
            + $"server {{ listen 127.0.0.1:{NewPort("nginx-plain")}; }}\n";
        File.WriteAllText(Material["nginx.conf"],
            $$"""
            daemon off; master_process off; pid nginx.pid; error_log stderr warn;
            events { worker_connections 64; }
            http {
              access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
              ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:tls:1m;
              {{servers}}
            }
            """);
        Start("nginx", $"-e stderr -p {Material.Folder} -c {Material["nginx.conf"]}");
        return ConnectAsync(_ports["nginx-plain"]);
    }

    private Task StartHaproxyAsync()
    {
        string Frontend(string name, string more) =>
            $"frontend {name}\n  mode http\n  bind 127.0.0.1:{NewPort("haproxy-" + name)} ssl crt server.pem alpn h2,http/1.1 ssl-min-ver TLSv1.2 {more}\n  http-request return status 200\n";
        File.WriteAllText(Material["haproxy.cfg"],
            "defaults\n  timeout client 10s\n  timeout server 10s\n  timeout connect 10s\n"
            + Frontend("good", "") + Frontend("required", "verify required ca-file ca.crt") + Frontend("strict", "strict-sni"));
        Start("haproxy", $"-db -f {Material["haproxy.cfg"]}");
        return ConnectAsync(_ports["haproxy-strict"]);
    }

    private Task StartEtcdAsync()
    {
        var (client, peer, metrics) = (NewPort("etcd-required"), NewPort("etcd-peer"), NewPort("etcd-plain"));
        Start("etcd",
            $"--data-dir {Material["etcd"]} --listen-client-urls https://127.0.0.1:{client} --advertise-client-urls https://127.0.0.1:{client} "
            + $"--listen-peer-urls http://127.0.0.1:{peer} --initial-advertise-peer-urls http://127.0.0.1:{peer} --initial-cluster default=http://127.0.0.1:{peer} "
            + $"--listen-metrics-urls http://127.0.0.1:{metrics} --client-cert-auth --cert-file server.crt --key-file server.key --trusted-ca-file ca.crt");
        return Task.WhenAll(ConnectAsync(client), ConnectAsync(metrics));
    }

    private void Start(string program, string arguments, Action<string>? onLine = null)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Material.Folder,
        }) ?? throw new InvalidOperationException($"{program} did not start");
        process.OutputDataReceived += (_, line) => onLine?.Invoke(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
    }

    private async Task ConnectAsync(int port)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (TimeProvider.System.GetElapsedTime(start) < StartLimit && _processes.TrueForAll(process => !process.HasExited))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }

    private int NewPort(string name) => _ports[name] = Ports.Free();
}

/// <summary>One set of servers for all tests of handshakes.</summary>
[CollectionDefinition(Name)]
public sealed class TlsPeersGroup : ICollectionFixture<TlsPeers>
{
    public const string Name = "TLS servers";
}
