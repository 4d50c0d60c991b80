// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Cluster.Handshakes;

/// <summary>Handshakes with Sealock itself.</summary>
public sealed class SealockHandshakeTests(RunningCluster cluster) : IClassFixture<RunningCluster>
{
    [PeerTheory("openssl")]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Facts_agree_with_openssl(string version) => await AgreementTests.AssertAgreementAsync(
        cluster.Folder, cluster.Process.Port, version, Path.Combine(cluster.Data, "pki", "ca.crt"), await CertificateAsync(), "jane.key");

    [PeerFact("openssl")]
    public async Task Its_client_certificate_request_and_its_sessions_are_told()
    {
        var run = await HandshakeRun.OfAsync(
            cluster.Folder, cluster.Process.Port, $"--cacert {Path.Combine(cluster.Data, "pki", "ca.crt")} --cert {await CertificateAsync()} --key jane.key");
        Assert.Equal(0, run.ExitCode);
        Assert.True((bool)run.Report["clientCertificateRequested"]!);
        Assert.Contains("got O=dev,CN=jane, and went on", run.Verdict("clientCertificate").Text.Replace("CN=jane,O=dev", "O=dev,CN=jane", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [PeerFact("openssl")]
    public async Task An_application_protocol_that_it_does_not_speak_is_told()
    {
        var run = await HandshakeRun.OfAsync(cluster.Folder, cluster.Process.Port, "--alpn spdy/9 --no-resumption");
        Assert.Contains("speaks none of the application protocols offered by ALPN (spdy/9)", run.Failure, StringComparison.Ordinal);
    }

    /// <summary>A certificate of the cluster's CA for a user, as jane.crt and jane.key.</summary>
    private async Task<string> CertificateAsync()
    {
        if (!File.Exists(Path.Combine(cluster.Folder, "jane.crt")))
        {
            (await Tool.ShellAsync(
                $"""
                openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout jane.key -subj /O=dev/CN=jane -out jane.csr 2>/dev/null
                printf 'extendedKeyUsage=clientAuth\n' > jane.ext
                openssl x509 -req -in jane.csr -CA {cluster.Data}/pki/ca.crt -CAkey {cluster.Data}/pki/ca.key -set_serial 7 -days 1 -extfile jane.ext -out jane.crt 2>/dev/null
                """, cluster.Folder)).Succeeded();
        }

        return "jane.crt";
    }
}

/// <summary>Handshakes with a real kube-apiserver, which asks for a certificate and checks it at each request.</summary>
public sealed class KubeApiServerHandshakeTests : IDisposable
{
    private readonly TlsMaterial _material = new();

    public void Dispose() => _material.Dispose();

    [PeerFact("kubernetes", "openssl")]
    public async Task Facts_agree_with_openssl_and_the_rest_is_explained()
    {
        await using var server = await RealApiServer.StartAsync(
            $"--tls-cert-file={_material["server.crt"]}", $"--tls-private-key-file={_material["server.key"]}", $"--client-ca-file={_material["ca.crt"]}");
        var port = server.Address.Port;
        foreach (var version in new[] { "1.2", "1.3" })
            await AgreementTests.AssertAgreementAsync(_material.Folder, port, version, "ca.crt", "client.crt", "client.key");
        var own = await RunAsync(port, "--cacert ca.crt --cert client.crt --key client.key");
        Assert.Contains("got CN=client, and went on; it may check that again at each request", own.Verdict("clientCertificate").Text, StringComparison.Ordinal);
        var stranger = await RunAsync(port, "--cacert ca.crt --cert stranger.crt --key stranger.key --no-resumption");
        Assert.Contains("Its CA (CN=other-ca) is none of those the server named", stranger.Verdict("clientCertificate").Text, StringComparison.Ordinal);
        var protocol = await RunAsync(port, "--cacert ca.crt --no-resumption --alpn h2 --tls-max 1.2");
        Assert.Equal("h2", (string?)protocol.Report["applicationProtocol"]);
        var unknown = await RunAsync(port, "--cacert other-ca.crt --no-resumption");
        Assert.Equal(("failed", "CN=server is issued by CN=test-ca, which is not trusted"), unknown.Verdict("chain"));
        var plain = await RunAsync(port, "--cacert ca.crt --no-resumption --servername kubernetes.default.svc");
        Assert.Equal("failed", plain.Verdict("name").Outcome);
    }

    private Task<HandshakeRun> RunAsync(int port, string arguments) => HandshakeRun.OfAsync(_material.Folder, port, arguments);
}
