// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Cluster.Handshakes;

/// <summary>What <c>sealock handshake</c> prints for people, and what it says of wrong arguments.</summary>
[Collection(TlsPeersGroup.Name)]
public sealed class PageTests(TlsPeers peers)
{
    [PeerFact("openssl")]
    public async Task Every_line_is_marked_as_seen_on_the_wire_or_reported_by_the_library()
    {
        var port = await peers.OpenSslAsync("-alpn h2 -verify 1");
        var page = (await Tool.RunAsync(
            SealockProcess.Program,
            ["handshake", $"127.0.0.1:{port}", "--servername", "localhost", "--cacert", "ca.crt", "--cert", "client.crt", "--key", "client.key", "--alpn", "h2"],
            folder: peers.Material.Folder)).SucceededQuietly().Split('\n');
        var (start, end) = (Array.FindIndex(page, line => line.Contains("SOURCE", StringComparison.Ordinal)), Array.IndexOf(page, "VERDICT"));
        var lines = page[(start + 1)..(end - 1)];
        Assert.True(lines.Length > 30);
        Assert.All(lines, line => Assert.Matches("^ *[0-9]+\\.[0-9] ms  (wire   |library)  [0-9]  ", line));
        Assert.Contains(lines, line => line.EndsWith("library  8    protocol (ALPN): h2", StringComparison.Ordinal));
        Assert.DoesNotContain(page, line => line.Contains('\e', StringComparison.Ordinal));
        Assert.Equal(6, page[(end + 1)..].Count(line => line.Contains("  fine    ", StringComparison.Ordinal)));
    }

    [PeerFact("openssl")]
    public async Task Yaml_says_the_same()
    {
        var port = await peers.OpenSslAsync("-alpn h2 -verify 1");
        var yaml = (await Tool.RunAsync(
            SealockProcess.Program, ["handshake", $"https://127.0.0.1:{port}/", "--servername", "localhost", "--cacert", "ca.crt", "--no-resumption", "-o", "yaml"],
            folder: peers.Material.Folder)).SucceededQuietly();
        Assert.Contains($"\nversion: TLS 1.3\n", yaml, StringComparison.Ordinal);
        Assert.Contains("\n- subject: CN=server\n", yaml, StringComparison.Ordinal);
        Assert.Contains("  source: library\n", yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:http", "\"localhost:http\" is not HOST:PORT")]
    [InlineData("localhost:1 --tls-min 1.4", "--tls-min: \"1.4\" is no version; there are 1.0, 1.1, 1.2, 1.3")]
    [InlineData("localhost:1 --tls-min 1.3 --tls-max 1.2", "--tls-min is higher than --tls-max")]
    [InlineData("localhost:1 --alpn ,", "--alpn: give names such as h2")]
    [InlineData("localhost:1 --cert client.crt --key stranger-own.key", "--key: stranger-own.key and --cert client.crt do not go together")]
    [InlineData("localhost:1 --cert missing.crt --key client.key", "--cert: missing.crt does not exist")]
    [InlineData("localhost:1 --key client.key", "--key: give the certificate, too")]
    [InlineData("localhost:1 --cacert client.key", "--cacert: client.key: expected at least one CERTIFICATE")]
    [InlineData("localhost:1 --servername a/b", "--servername: \"a/b\" is no host name")]
    [InlineData("localhost:1 --timeout soon", "--timeout: give a time such as 5s")]
    public async Task Wrong_arguments_are_told(string arguments, string message)
    {
        var result = await Tool.RunAsync(SealockProcess.Program, ["handshake", .. arguments.Split(' ')], folder: peers.Material.Folder);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }
}
