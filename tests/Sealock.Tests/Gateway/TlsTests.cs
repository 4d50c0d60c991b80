// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Listener;
using Sealock.Tests.Support;

namespace Sealock.Tests.Gateway;

/// <summary>The TLS front as the openssl program and SslStream see it.</summary>
public class TlsTests
{
    [Theory]
    [InlineData("-tls1_3", "New, TLSv1.3, Cipher is TLS_")]
    [InlineData("-tls1_2", "New, TLSv1.2, Cipher is ECDHE-ECDSA-")]
    [InlineData("-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256", "Cipher is ECDHE-ECDSA-AES128-GCM-SHA256")]
    [InlineData("-tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305", "Cipher is ECDHE-ECDSA-CHACHA20-POLY1305")]
    [InlineData("-tls1_2 -cipher AES128-SHA", "SSL alert number 40")]
    [InlineData("-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256", "SSL alert number 40")]
    [InlineData("-tls1_2 -cipher ECDHE-ECDSA-AES256-SHA", "SSL alert number 40")]
    [InlineData("-tls1_1 -cipher DEFAULT@SECLEVEL=0", "alert protocol version")]
    [InlineData("-tls1 -cipher DEFAULT@SECLEVEL=0", "alert protocol version")]
    [InlineData("-tls1_2 -fallback_scsv", "alert inappropriate fallback")]
    [InlineData("-alpn h2,http/1.1", "ALPN protocol: h2")]
    [InlineData("-alpn http/1.1", "ALPN protocol: http/1.1")]
    public async Task Only_tls_1_2_and_1_3_with_authenticated_encryption_and_forward_secrecy(
        string options, string seen)
    {
        await using var rig = await GatewayRig.StartAsync();
        Assert.Contains(seen, await OpenSslAsync(rig, options), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_all_suites_that_openssl_knows_for_tls_1_2_none_but_those_with_authenticated_encryption_is_taken()
    {
        await using var rig = await GatewayRig.StartAsync();
        string[] good = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"];
        foreach (var suite in good)
            Assert.Contains($"Cipher is {suite}", await OpenSslAsync(rig, $"-tls1_2 -cipher {suite}"), StringComparison.Ordinal);
        var others = $"ALL:COMPLEMENTOFALL:!{string.Join(":!", good)}:@SECLEVEL=0";
        var known = await CommandLine.RunAsync("openssl", $"ciphers -s -tls1_2 {others}");
        Assert.True(known.Split(':').Length > 50, known);
        Assert.Contains("SSL alert number 40", await OpenSslAsync(rig, $"-tls1_2 -cipher {others}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_minimum_may_be_tls_1_3()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with { MinimumTls = SslProtocols.Tls13 });
        Assert.Contains("alert protocol version", await OpenSslAsync(rig, "-tls1_2"), StringComparison.Ordinal);
        Assert.Contains("New, TLSv1.3", await OpenSslAsync(rig, "-tls1_3"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tls_1_3_session_is_resumed_and_its_certificate_still_counts(bool withCertificate)
    {
        await using var rig = await GatewayRig.StartAsync();
        var session = Path.Combine(rig.Directory, "session.pem");
        var options = "-alpn http/1.1";
        if (withCertificate)
        {
            using var certificate = rig.Authority.Issue("CN=jane");
            var file = Path.Combine(rig.Directory, "jane.pem");
            var key = certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();
            await File.WriteAllTextAsync(file, certificate.ExportCertificatePem() + "\n" + key);
            options += $" -cert {file} -key {file}";
        }

        const string request = "GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        var user = withCertificate ? "jane|" : "system:anonymous|";
        var first = await OpenSslAsync(rig, $"{options} -sess_out {session}", request, user);
        Assert.Contains("New, TLSv1.3", first, StringComparison.Ordinal);
        Assert.Contains(user, first, StringComparison.Ordinal);
        var second = await OpenSslAsync(rig, $"{options} -sess_in {session}", request, user);
        Assert.Contains("Reused, TLSv1.3", second, StringComparison.Ordinal);
        Assert.Contains(user, second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_acceptable_cas_are_named_and_none_is_asked_for_without_client_cas()
    {
        await using var asking = await GatewayRig.StartAsync();
        Assert.Contains(
            "Acceptable client certificate CA names\nCN = test-ca", await OpenSslAsync(asking, ""),
            StringComparison.Ordinal);
        await using var silent = await GatewayRig.StartAsync(
            options => options with { Serving = options.Serving with { ClientCaFile = null } });
        Assert.Contains(
            "No client certificate CA names sent", await OpenSslAsync(silent, ""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_asked_name_chooses_the_certificate()
    {
        using var authority = new TestAuthority("sni-ca");
        ImmutableArray<SniFiles> sni =
        [
            Pair("b", "CN=b", ["b.example"]), Pair("wild", "CN=wild", ["*.example"]), Pair("own", "CN=own", []),
            Pair("later", "CN=later", ["b.example", "localhost"]),
        ];
        SniFiles Pair(string name, string subject, string[] names)
        {
            using var certificate = authority.Issue(subject, TestAuthority.Usage.Server);
            var path = Path.Combine(Path.GetTempPath(), $"sealock-{Guid.NewGuid():N}-{name}");
            File.WriteAllText(path + ".crt", certificate.ExportCertificatePem());
            File.WriteAllText(path + ".key", certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
            return new SniFiles(path + ".crt", path + ".key", [.. names]);
        }

        try
        {
            await using var rig = await GatewayRig.StartAsync(
                options => options with { Serving = options.Serving with { Sni = sni } });
            var expected = new[]
            {
                ("b.example", "CN=b"), ("B.Example", "CN=b"), ("a.example", "CN=wild"), ("a.a.example", "CN=localhost"),
                ("example", "CN=localhost"), ("localhost", "CN=later"), ("own", "CN=own"),
                ("unknown.test", "CN=localhost"),
            };
            foreach (var (name, subject) in expected)
            {
                using var served = await ServedAsync(rig, name);
                Assert.Equal($"{name} {subject}", $"{name} {served.Subject}");
            }
        }
        finally
        {
            foreach (var file in sni.SelectMany(one => new[] { one.CertificateFile, one.KeyFile }))
                File.Delete(file);
        }
    }

    [Theory]
    [InlineData("a.crt,a.key", "a.crt", "a.key", "")]
    [InlineData("a.crt, a.key:x.example,*.y.example", "a.crt", "a.key", "x.example *.y.example")]
    public void Sni_flags_are_read_as_kube_apiservers(string text, string certificate, string key, string names)
    {
        var files = SniFiles.Parse(text);
        Assert.Equal(certificate, files.CertificateFile);
        Assert.Equal(key, files.KeyFile);
        Assert.Equal(names, string.Join(' ', files.Names));
    }

    [Theory]
    [InlineData("a.crt")]
    [InlineData("a.crt,")]
    [InlineData("a,b,c")]
    [InlineData("a,b:")]
    [InlineData(":x")]
    public void Malformed_sni_flags_are_refused(string text) =>
        Assert.Throws<FormatException>(() => SniFiles.Parse(text));

    [Fact]
    public async Task A_certificate_is_swapped_under_load_without_an_error()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var second = TimeSpan.FromSeconds(1);
        await using var rig = await GatewayRig.StartAsync(
            options => options with
            {
                Limits = new GatewayLimits { FileCheckInterval = second, HandshakeTimeout = TimeSpan.FromHours(1) },
            },
            clock: clock);
        using var stop = new CancellationTokenSource();
        var answered = 0;
        async Task Load(bool keepAlive)
        {
            using var lasting = rig.Client();
            while (!stop.IsCancellationRequested)
            {
                using var fresh = keepAlive ? null : rig.Client();
                Assert.Equal("ok", await (fresh ?? lasting).GetStringAsync("/healthz"));
                Interlocked.Increment(ref answered);
            }
        }

        Task[] load = [Load(true), Load(true), Load(false), Load(false)];
        for (var swap = 0; swap < 10; swap++)
        {
            using var next = rig.Authority.Issue($"CN=swap-{swap}", TestAuthority.Usage.Server);
            var before = Volatile.Read(ref answered);
            // A certificate without its key in between is what a writer leaves for a moment.
            await File.WriteAllTextAsync(Path.Combine(rig.Directory, "tls.crt"), next.ExportCertificatePem());
            clock.Advance(second);
            await File.WriteAllTextAsync(
                Path.Combine(rig.Directory, "tls.key"), next.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
            clock.Advance(second);
            using var served = await ServedAsync(rig, "localhost");
            Assert.Equal($"CN=swap-{swap}", served.Subject);
            while (Volatile.Read(ref answered) < before + 8 && !load.Any(task => task.IsCompleted))
                await Task.Yield();
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
    }

    private static async Task<X509Certificate2> ServedAsync(GatewayRig rig, string name)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(rig.Endpoint);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(name);
        return X509CertificateLoader.LoadCertificate(tls.RemoteCertificate!.GetRawCertData());
    }

    private static Task<string> OpenSslAsync(GatewayRig rig, string options, string input = "", string? until = null) =>
        CommandLine.RunAsync(
            "openssl", $"s_client -connect 127.0.0.1:{rig.Endpoint.Port} -CAfile {rig.CaFile} {options}", input, until);
}
