// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sealock.Bench.Targets;

/// <summary>
/// Let's Encrypt's test server (<c>pebble</c>) and the DNS server it asks (<c>pebble-challtestsrv</c>), where every name is at
/// 127.0.0.1. It validates for real, without the pauses it makes by default, and refuses no nonces.
/// </summary>
internal sealed class AcmeServer : IAsyncDisposable
{
    private readonly string _folder;
    private readonly int _ports = FreePorts.Take();
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
#pragma warning disable CA5359 // It is started here, on this machine, and nothing secret is sent.
        SslOptions = new() { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
    });

    private Process? _dns;
    private Process? _pebble;

    private AcmeServer(string folder) => _folder = folder;

    /// <summary>Whether the programs are to be had.</summary>
    public static bool IsThere => Daemon.IsThere("pebble-challtestsrv") && (Daemon.IsThere(Pebble) || File.Exists(Pebble));

    private static string Pebble => Environment.GetEnvironmentVariable("SEALOCK_PEBBLE") is { Length: > 0 } chosen ? chosen : "pebble";

    public string Directory => $"https://127.0.0.1:{_ports}/dir";

    public string DnsServer => $"127.0.0.1:{_ports + 2}";

    /// <summary>The certificate it serves with, in PEM.</summary>
    public string Certificate { get; private set; } = "";

    /// <summary>Starts the DNS server; pebble is there from the first <see cref="RenewAsync"/> on.</summary>
    /// <param name="folder">Where its files are.</param>
    /// <param name="tlsPort">The port it validates TLS-ALPN-01 on.</param>
    public static async Task<AcmeServer> StartAsync(string folder, int tlsPort)
    {
        System.IO.Directory.CreateDirectory(folder);
        var server = new AcmeServer(folder);
        try
        {
            server._dns = server.Run("pebble-challtestsrv", "-dns01", server.DnsServer, "-management", $"127.0.0.1:{server._ports + 3}", "-http01", "", "-https01", "",
                "-tlsalpn01", "", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "");
            server.Configure(tlsPort);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts pebble anew: it has then forgotten everything.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        await EndAsync(_pebble);
        _pebble = Run(Pebble, "-config", ConfigurationFile, "-strict", "-dnsserver", DnsServer);
        await WaitAsync(new Uri(Directory), cancellationToken);
    }

    /// <summary>Puts a name where nobody answers.</summary>
    public async Task LeadAstrayAsync(string name, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsync(
            new Uri($"http://127.0.0.1:{_ports + 3}/add-a"), new StringContent($$"""{"host":"{{name}}.","addresses":["127.0.0.2"]}"""), cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync(_pebble);
        await EndAsync(_dns);
        _http.Dispose();
    }

    private string ConfigurationFile => Path.Combine(_folder, "pebble.json");

    private static async Task EndAsync(Process? process)
    {
        if (process is null)
            return;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private void Configure(int tlsPort)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=pebble", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.Now.AddHours(-1), DateTimeOffset.Now.AddDays(7));
        Certificate = certificate.ExportCertificatePem() + "\n";
        File.WriteAllText(Path.Combine(_folder, "tls.crt"), Certificate);
        File.WriteAllText(Path.Combine(_folder, "tls.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(ConfigurationFile, string.Create(CultureInfo.InvariantCulture, $$$"""
            {"pebble": {"listenAddress": "127.0.0.1:{{{_ports}}}", "managementListenAddress": "127.0.0.1:{{{_ports + 1}}}", "certificate": "{{{_folder}}}/tls.crt",
             "privateKey": "{{{_folder}}}/tls.key", "httpPort": 1, "tlsPort": {{{tlsPort}}}, "ocspResponderURL": "", "retryAfter": {"authz": 1, "order": 1} } }
            """));
    }

    private Process Run(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1", Path.Combine(_folder, Path.GetFileName(program) + ".log"), program, .. arguments]);
        (start.Environment["PEBBLE_VA_NOSLEEP"], start.Environment["PEBBLE_WFE_NONCEREJECT"], start.Environment["PEBBLE_AUTHZREUSE"]) = ("1", "0", "0");
        // Its locks (authorization, store) wait for each other for ever now and then; so, they seldom do.
        start.Environment["GOMAXPROCS"] = "1";
        return Process.Start(start)!;
    }

    private async Task WaitAsync(Uri directory, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, directory);
                request.Headers.UserAgent.ParseAdd("sealock-bench");
                using var answer = await _http.SendAsync(request, limit.Token);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
            }

            await Task.Delay(20, limit.Token);
        }
    }
}
