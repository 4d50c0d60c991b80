// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Sealock.Gateway.Authentication;
using Sealock.Tests.Support;

namespace Sealock.Tests.Gateway;

/// <summary>Sessions that clients come back with: over a rotation, and after their certificate is good no more.</summary>
public partial class ResumptionTests
{
    private const string Request = "GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public enum Ended
    {
        Revoked,
        Expired,
        AuthorityWithdrawn,
    }

    [Theory]
    [InlineData("-tls1_3", false)]
    [InlineData("-tls1_3", true)]
    [InlineData("-tls1_2", false)]
    [InlineData("-tls1_2", true)]
    public async Task A_session_from_before_a_rotation_leads_to_a_full_handshake_and_no_error(string version, bool withCertificate)
    {
        await using var rig = await GatewayRig.StartAsync();
        var (options, user) = withCertificate ? ($"{version} {Client(rig, rig.Authority)}", "jane|") : (version, "system:anonymous|");
        var session = Path.Combine(rig.Directory, "session");
        var first = await OpenSslAsync(rig, $"{options} -sess_out {session}", user);
        Assert.Contains("New, TLSv1.", first, StringComparison.Ordinal);
        Assert.Contains("subject=CN = localhost", first, StringComparison.Ordinal);
        // No ticket is given for TLS 1.2: choosing its suites switches that off.
        Assert.Equal(version == "-tls1_3", File.Exists(session));
        string Resuming() => File.Exists(session) ? $"{options} -sess_in {session} -sess_out {session}" : options;
        using var next = rig.Authority.Issue("CN=next", TestAuthority.Usage.Server);
        await File.WriteAllTextAsync(Path.Combine(rig.Directory, "tls.key"), next.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(Path.Combine(rig.Directory, "tls.crt"), next.ExportCertificatePem());
        rig.Server.CheckServingFiles();
        using var open = await rig.KeepSessionsAsync();
        var second = await OpenSslAsync(rig, Resuming(), user);
        Assert.Contains("New, TLSv1.", second, StringComparison.Ordinal);
        Assert.Contains("subject=CN = next", second, StringComparison.Ordinal);
        Assert.Contains(user, second, StringComparison.Ordinal);
        Assert.DoesNotContain("alert", second, StringComparison.OrdinalIgnoreCase);
        var third = await OpenSslAsync(rig, Resuming(), user);
        Assert.Contains(version == "-tls1_3" ? "Reused, TLSv1.3" : "New, TLSv1.2", third, StringComparison.Ordinal);
        Assert.Contains(user, third, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_under_an_intermediate_counts_in_a_resumed_session_although_only_the_first_handshake_showed_the_chain()
    {
        await using var rig = await GatewayRig.StartAsync();
        using var intermediate = new TestAuthority("intermediate", rig.Authority);
        using var open = await rig.KeepSessionsAsync();
        var options = $"-tls1_3 {Client(rig, intermediate)} -cert_chain {Write(rig, "chain.pem", intermediate.Pem)}";
        Assert.Contains("jane|", await OpenSslAsync(rig, $"{options} -sess_out {rig.Directory}/session", "jane|"), StringComparison.Ordinal);
        for (var again = 0; again < 3; again++)
        {
            var resumed = await OpenSslAsync(rig, $"{options} -sess_in {rig.Directory}/session", "HTTP/1.1 ");
            Assert.Contains("Reused, TLSv1.3", resumed, StringComparison.Ordinal);
            Assert.Contains("jane|", resumed, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Ended.Revoked, "1.1")]
    [InlineData(Ended.Revoked, "2.0")]
    [InlineData(Ended.Expired, "1.1")]
    [InlineData(Ended.Expired, "2.0")]
    [InlineData(Ended.AuthorityWithdrawn, "1.1")]
    [InlineData(Ended.AuthorityWithdrawn, "2.0")]
    public async Task A_resumed_session_is_refused_at_its_next_request_once_the_certificate_is_good_no_more(Ended how, string http)
    {
        var clock = new FakeTimeProvider(Now);
        await using var rig = await GatewayRig.StartAsync(clock: clock);
        using var certificate = rig.Authority.Issue("CN=jane", until: Now.AddHours(1));
        async Task<HttpStatusCode> AskAsync(HttpClient client)
        {
            using var response = await client.GetAsync("/version");
            return response.StatusCode;
        }

        using var resumed = await ResumedAsync(rig, async () =>
        {
            var client = rig.Client(certificate, new Version(http));
            Assert.Equal(HttpStatusCode.OK, await AskAsync(client));
            return client;
        });

        using var other = new TestAuthority("other-ca");
        switch (how)
        {
            case Ended.Revoked:
                rig.Server.Revocations = new Revocations([], ["X509SHA256=" + certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256).ToLowerInvariant()]);
                break;
            case Ended.Expired:
                clock.Advance(TimeSpan.FromHours(2));
                break;
            default:
                await File.WriteAllTextAsync(rig.CaFile, other.Pem);
                rig.Server.CheckServingFiles();
                break;
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(resumed));
        using var late = rig.Client(certificate, new Version(http));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(late));
    }

    [GeneratedRegex("resumed=\"true\",reason=\"\"} [1-9]")]
    private static partial Regex ResumedHandshakes();

    /// <summary>openssl's options for a client certificate.</summary>
    private static string Client(GatewayRig rig, TestAuthority authority)
    {
        using var certificate = authority.Issue("CN=jane");
        var file = Write(
            rig, "jane.pem", certificate.ExportCertificatePem() + "\n" + certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return $"-cert {file} -key {file}";
    }

    private static string Write(GatewayRig rig, string name, string text)
    {
        var path = Path.Combine(rig.Directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static Task<string> OpenSslAsync(GatewayRig rig, string options, string until) => CommandLine.RunAsync(
        "openssl", $"s_client -connect 127.0.0.1:{rig.Endpoint.Port} -CAfile {rig.CaFile} -alpn http/1.1 {options}", Request, until);

    /// <summary>Opens clients until one has resumed the session of another: which has a ticket is .NET's affair.</summary>
    private static async Task<HttpClient> ResumedAsync(GatewayRig rig, Func<Task<HttpClient>> open)
    {
        const int most = 20;
        for (var tries = 1; ; tries++)
        {
            var client = await open();
            var metrics = await MetricsAsync(rig);
            if (ResumedHandshakes().IsMatch(metrics))
                return client;
            client.Dispose();
            if (tries == most)
                Assert.Fail($"none of {most} clients resumed a session:\n{metrics}");
        }
    }

    private static async Task<string> MetricsAsync(GatewayRig rig)
    {
        using var certificate = rig.Authority.Issue("CN=root, O=system:masters", until: Now.AddHours(5));
        using var client = rig.Client(certificate);
        return await client.GetStringAsync("/metrics");
    }
}
