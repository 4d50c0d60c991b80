// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Sealock.Tests.Gateway;

public class ClientCertificateTests
{
    private const string Tokens = "good,tom,1,system:masters\n";

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public enum Kind
    {
        Valid,
        OtherAuthority,
        Expired,
        NotYetValid,
        ForServers,
        WithoutPurpose,
        WithoutCommonName,
    }

    [Theory]
    [InlineData(Kind.Valid, null, 200, "jane")]
    [InlineData(Kind.OtherAuthority, null, 401, null)]
    [InlineData(Kind.Expired, null, 401, null)]
    [InlineData(Kind.NotYetValid, null, 401, null)]
    [InlineData(Kind.ForServers, null, 401, null)]
    [InlineData(Kind.WithoutPurpose, null, 200, "jane")]
    [InlineData(Kind.WithoutCommonName, null, 200, "system:anonymous")]
    [InlineData(Kind.Valid, "good", 200, "jane")]
    [InlineData(Kind.Valid, "wrong", 200, "jane")]
    [InlineData(Kind.OtherAuthority, "good", 200, "tom")]
    [InlineData(Kind.OtherAuthority, "wrong", 401, null)]
    [InlineData(Kind.WithoutCommonName, "good", 200, "tom")]
    [InlineData(Kind.WithoutCommonName, "wrong", 401, null)]
    public async Task The_handshake_succeeds_and_the_request_is_judged(
        Kind kind, string? token, int status, string? user)
    {
        await using var rig = await GatewayRig.StartAsync(tokens: Tokens);
        using var stranger = new TestAuthority("test-ca");
        const string subject = "CN=jane, O=devs";
        using var certificate = kind switch
        {
            Kind.OtherAuthority => stranger.Issue(subject),
            Kind.Expired => rig.Authority.Issue(subject, from: Now.AddHours(-2), until: Now.AddHours(-1)),
            Kind.NotYetValid => rig.Authority.Issue(subject, from: Now.AddHours(1), until: Now.AddHours(2)),
            Kind.ForServers => rig.Authority.Issue(subject, TestAuthority.Usage.Server),
            Kind.WithoutPurpose => rig.Authority.Issue(subject, TestAuthority.Usage.None),
            Kind.WithoutCommonName => rig.Authority.Issue("O=devs"),
            _ => rig.Authority.Issue(subject),
        };
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var client = rig.Client(certificate, version, token);
            using var response = await client.GetAsync("/version");
            Assert.Equal(status, (int)response.StatusCode);
            if (user is not null)
                Assert.StartsWith(user + "|", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_verdict_ends_with_the_certificate_and_with_the_ca_on_a_connection_that_stays_open()
    {
        var clock = new Support.FakeTimeProvider(Now);
        await using var rig = await GatewayRig.StartAsync(clock: clock);
        using var certificate = rig.Authority.Issue("CN=jane", until: Now.AddHours(1));
        using var other = new TestAuthority("other-ca");
        using var client = rig.Client(certificate);
        async Task<HttpStatusCode> Ask()
        {
            using var response = await client.GetAsync("/version");
            return response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, await Ask());
        await File.WriteAllTextAsync(rig.CaFile, other.Pem);
        clock.Advance(TimeSpan.FromSeconds(21));
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask());
        await File.WriteAllTextAsync(rig.CaFile, other.Pem + rig.Authority.Pem);
        clock.Advance(TimeSpan.FromSeconds(21));
        Assert.Equal(HttpStatusCode.OK, await Ask());
        clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask());
        var metrics = await MetricsAsync(rig);
        Assert.Matches("sealock_tls_handshakes_total{result=\"ok\",version=\"1.3\",suite=\"TLS_[A-Z0-9_]+\",resumed=\"false\",reason=\"\"} 2\n", metrics);
    }

    private static async Task<string> MetricsAsync(GatewayRig rig)
    {
        using var certificate = rig.Authority.Issue("CN=root, O=system:masters", until: Now.AddHours(5));
        using var client = rig.Client(certificate);
        return await client.GetStringAsync("/metrics");
    }
}
