// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.HowTos;

/// <summary>A how-to of 2016: kube-apiserver's and controller-manager's command lines start <c>sealock server</c>.</summary>
public sealed class MasterAndMinionsTests(MasterAndMinionsTests.Master master) : IClassFixture<MasterAndMinionsTests.Master>
{
    [PeerFact("openssl", "curl")]
    public async Task A_minion_reads_the_version_with_its_certificate()
    {
        var output = (await master.CurlAsync("--key", "srv/kubeminion1.key", "--cert", "srv/kubeminion1.crt", "/version")).Succeeded();
        Assert.Contains("\"gitVersion\"", output, StringComparison.Ordinal);
    }

    [PeerFact("openssl", "curl")]
    public async Task The_token_reads_the_version()
    {
        var token = (await File.ReadAllTextAsync(master.Folder["token"])).Trim();
        var output = (await master.CurlAsync("-H", $"Authorization: Bearer {token}", "/version")).Succeeded();
        Assert.Contains("\"gitVersion\"", output, StringComparison.Ordinal);
    }

    [PeerFact("openssl", "curl")]
    public async Task A_wrong_token_is_unauthorized()
    {
        var output = (await master.CurlAsync("-H", "Authorization: Bearer wrong", "-w", "%{http_code}", "/version")).Output;
        Assert.EndsWith("401", output, StringComparison.Ordinal);
        Assert.Contains("\"reason\": \"Unauthorized\"", output, StringComparison.Ordinal);
    }

    [PeerFact("openssl", "curl")]
    public async Task A_certificate_of_another_authority_is_refused()
    {
        (await Tool.ShellAsync(
            """
            openssl req -x509 -newkey rsa:2048 -nodes -keyout other-ca.key -subj "/CN=somebody-else" -out other-ca.crt -days 10
            openssl req -newkey rsa:2048 -nodes -keyout other.key -subj "/CN=kubeminion1" -out other.csr
            openssl x509 -req -in other.csr -CA other-ca.crt -CAkey other-ca.key -CAcreateserial -out other.crt -days 10
            """, master.Folder.Path)).Succeeded();
        var output = (await master.CurlAsync("--key", "other.key", "--cert", "other.crt", "-w", "%{http_code}", "/version")).Output;
        Assert.EndsWith("401", output, StringComparison.Ordinal);
    }

    [PeerFact("openssl", "curl")]
    public async Task Plain_http_gets_one_line_and_nothing_else()
    {
        var result = await Tool.RunAsync("curl", ["-s", "-i", "--http1.1", $"http://127.0.0.1:{master.Process.Port}/"]);
        Assert.StartsWith("HTTP/1.0 400 Bad Request", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nClient sent an HTTP request to an HTTPS server.\n", result.Output, StringComparison.Ordinal);
    }

    [PeerFact("openssl")]
    public async Task Tls_1_1_is_refused_with_the_alert_for_it()
    {
        var result = await Tool.RunAsync(
            "openssl", ["s_client", "-connect", $"127.0.0.1:{master.Process.Port}", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]);
        Assert.Contains("alert protocol version", result.Errors, StringComparison.Ordinal);
    }

    [PeerFact("openssl")]
    public void Flags_without_effect_are_named_once_each()
    {
        foreach (var flag in new[] { "--kubelet-https", "--node-monitor-grace-period", "--pod-eviction-timeout" })
            Assert.Equal(2, master.Process.Log.Split(flag + ":").Length);
    }

    [PeerFact("openssl")]
    public void A_service_account_key_that_is_also_the_server_key_is_warned_about() =>
        Assert.Contains("--service-account-private-key-file", master.Process.Log, StringComparison.Ordinal);

    /// <summary>The page's files, and a server started with its flags.</summary>
    public sealed class Master : IAsyncLifetime
    {
        private SealockProcess? _process;

        internal TemporaryFolder Folder { get; } = new();

        internal SealockProcess Process => _process ?? throw new InvalidOperationException("not started");

        public async Task InitializeAsync()
        {
            Directory.CreateDirectory(Folder["srv"]);
            (await Tool.ShellAsync(OpenSslFiles.MasterAndMinions, Folder.Path)).Succeeded();
            _process = await SealockProcess.StartAsync(
                "server", "--data", Folder["data"], "--bind-address=127.0.0.1", "--secure-port=0",
                "--kubelet-https=true",
                $"--client-ca-file={Folder["srv/ca.crt"]}",
                $"--tls-cert-file={Folder["srv/server.crt"]}",
                $"--tls-private-key-file={Folder["srv/server.key"]}",
                $"--token-auth-file={Folder["srv/tokens.csv"]}",
                $"--root-ca-file={Folder["srv/ca.crt"]}",
                $"--service-account-private-key-file={Folder["srv/server.key"]}",
                "--node-monitor-grace-period=20s", "--pod-eviction-timeout=20s");
        }

        public async Task DisposeAsync()
        {
            if (_process is not null)
                await _process.DisposeAsync();
            Folder.Dispose();
        }

        /// <summary>curl against <c>https://kubemaster</c>, checking its certificate; the last argument is the path.</summary>
        internal Task<ToolResult> CurlAsync(params string[] arguments) => Tool.RunAsync(
            "curl",
            [
                "-sS", "--cacert", "srv/ca.crt", "--resolve", $"kubemaster:{Process.Port}:127.0.0.1",
                .. arguments[..^1], $"https://kubemaster:{Process.Port}{arguments[^1]}",
            ],
            folder: Folder.Path);
    }
}
