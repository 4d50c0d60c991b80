// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;

namespace Sealock.EndToEnd.Cluster.Handshakes;

/// <summary>What <c>sealock handshake</c> says of real servers is what <c>openssl s_client</c> says of them.</summary>
[Collection(TlsPeersGroup.Name)]
public sealed partial class AgreementTests(TlsPeers peers)
{
    [PeerTheory("openssl", "nginx", "haproxy", "etcd")]
    [InlineData("openssl", "1.2")]
    [InlineData("openssl", "1.3")]
    [InlineData("openssl-rsa", "1.2")]
    [InlineData("openssl-p384", "1.3")]
    [InlineData("nginx", "1.2")]
    [InlineData("nginx", "1.3")]
    [InlineData("nginx-below", "1.3")]
    [InlineData("haproxy", "1.2")]
    [InlineData("haproxy", "1.3")]
    [InlineData("etcd", "1.2")]
    [InlineData("etcd", "1.3")]
    public async Task Facts_agree_with_openssl(string server, string version)
    {
        var port = server switch
        {
            "openssl" => await peers.OpenSslAsync("-alpn h2 -verify 1"),
            "openssl-rsa" => await peers.OpenSslAsync("-www", await RsaAsync()),
            "openssl-p384" => await peers.OpenSslAsync("-groups P-384"),
            "nginx" => await peers.NginxAsync("alpn"),
            "nginx-below" => await peers.NginxAsync("below"),
            "haproxy" => await peers.HaproxyAsync("good"),
            _ => await peers.EtcdAsync("required"),
        };
        await AssertAgreementAsync(peers.Material.Folder, port, version, "ca.crt", "client.crt", "client.key");
    }

    internal static async Task AssertAgreementAsync(string folder, int port, string version, string ca, string certificate, string key)
    {
        var run = await HandshakeRun.OfAsync(
            folder, port, $"--cacert {ca} --cert {certificate} --key {key} --alpn h2,http/1.1 --no-resumption --tls-min {version} --tls-max {version}");
        var openssl = (await Tool.RunAsync(
            "openssl",
            [
                .. $"s_client -connect 127.0.0.1:{port} -servername localhost -alpn h2,http/1.1 -showcerts -CAfile {ca} -cert {certificate} -key {key} -tls1_{version[2]}"
                    .Split(' '),
            ], folder: folder)).Output;
        var report = run.Report;

        Assert.Equal(Value(Protocol(), openssl).Replace("TLSv", "TLS ", StringComparison.Ordinal), (string?)report["version"]);
        var suites = (await Tool.RunAsync("openssl", ["ciphers", "-stdname", "ALL:@SECLEVEL=0"])).Succeeded();
        Assert.Contains($"{report["cipherSuite"]} - {Value(Cipher(), openssl)} ", Spaces().Replace(suites, " "), StringComparison.Ordinal);
        Assert.Equal(Value(TempKey(), openssl), (string?)report["group"] switch
        {
            "x25519" => "X25519, 253 bits",
            "secp256r1" => "ECDH, prime256v1, 256 bits",
            "secp384r1" => "ECDH, secp384r1, 384 bits",
            var other => other,
        });
        Assert.Equal(
            Alpn().Match(openssl) is { Success: true } alpn ? alpn.Groups[1].Value : null, (string?)report["applicationProtocol"]);
        Assert.Equal(
            Certificates().Matches(openssl).Select(match => match.Groups[1].Value.Replace(" = ", "=", StringComparison.Ordinal)),
            report["certificates"]!.AsArray().Select(one => string.Join(", ", ((string)one!["subject"]!).Split(',').Reverse())));
        var asked = openssl.Contains("Acceptable client certificate CA names", StringComparison.Ordinal);
        Assert.Equal(
            asked ? Authorities().Match(openssl).Groups[1].Value.TrimEnd().Split('\n').Select(name => name.Replace(" = ", "=", StringComparison.Ordinal)) : [],
            (report["authorities"]?.AsArray() ?? []).Select(one => string.Join(", ", ((string)one!).Split(',').Reverse())));
        Assert.Equal(asked || openssl.Contains("Client Certificate Types", StringComparison.Ordinal), (bool)report["clientCertificateRequested"]!);
        Assert.Equal(openssl.Contains("Verify return code: 0 (ok)", StringComparison.Ordinal) ? "fine" : "failed", run.Verdict("chain").Outcome);
    }

    private async Task<string> RsaAsync()
    {
        (await Tool.RunAsync(
            "openssl", [.. "req -x509 -newkey rsa:2048 -nodes -keyout rsa.key -out rsa.crt -subj /CN=localhost/O=Acme -addext subjectAltName=DNS:localhost".Split(' ')],
            folder: peers.Material.Folder)).Succeeded();
        return "rsa";
    }

    private static string Value(Regex regex, string text)
    {
        var match = regex.Match(text);
        Assert.True(match.Success, $"{regex} is not in\n{text}");
        return match.Groups[1].Value;
    }

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^New, (TLSv[0-9.]+), Cipher", RegexOptions.Multiline)]
    private static partial Regex Protocol();

    [GeneratedRegex(@"Cipher is (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Cipher();

    [GeneratedRegex(@"^Server Temp Key: (.*)$", RegexOptions.Multiline)]
    private static partial Regex TempKey();

    [GeneratedRegex(@"^ALPN protocol: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Alpn();

    [GeneratedRegex(@"^ *[0-9]+ s:(.*)$", RegexOptions.Multiline)]
    private static partial Regex Certificates();

    [GeneratedRegex(@"Acceptable client certificate CA names\n((?:(?!Client |Requested |---).*\n)+)")]
    private static partial Regex Authorities();
}
