// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Net;
using Sealock.Api.Security;
using Sealock.Gateway.Metrics;
using Sealock.Pki.Certificates;
using Sealock.Tests.Gateway;
using Sealock.Tests.Support;

namespace Sealock.Tests.Telemetry;

public class MetricsPageTests
{
    private const string Tokens = "admin,admin,1,\"system:masters\"\nbob,bob,2";

    [Fact]
    public async Task Strangers_who_go_away_before_they_are_refused_do_not_choose_label_values()
    {
        var tokens = new SlowTokens();
        await using var rig = await GatewayRig.StartAsync(options => options with { Tokens = tokens });
        using var stranger = rig.Client(token: "x");
        using var away = new CancellationTokenSource();
        var request = stranger.GetAsync("/apis/made.up/v1/nonsense", away.Token);
        await tokens.Asked.Task;
        await away.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        using var admin = rig.Client(token: "admin");
        string metrics;
        do
            metrics = await admin.GetStringAsync("/metrics");
        while (!metrics.Contains("verb=\"list\"", StringComparison.Ordinal));
        Assert.DoesNotContain("nonsense", metrics, StringComparison.Ordinal);
        Assert.Contains("sealock_requests_total{verb=\"list\",group=\"\",resource=\"\",subresource=\"\",code=\"499\"} 1\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_and_decisions_are_counted_by_kind_and_never_by_what_a_client_made_up()
    {
        await using var rig = await GatewayRig.StartAsync(tokens: Tokens);
        using var stranger = new TestAuthority("stranger");
        using var unknown = stranger.Issue("CN=mallory");
        using var known = rig.Authority.Issue("CN=jane");
        await AskAsync(rig.Client(), HttpStatusCode.Forbidden);
        await AskAsync(rig.Client(token: "bob"), HttpStatusCode.Forbidden);
        await AskAsync(rig.Client(token: "made up"), HttpStatusCode.Unauthorized);
        await AskAsync(rig.Client(known), HttpStatusCode.Forbidden);
        await AskAsync(rig.Client(unknown), HttpStatusCode.Unauthorized);
        await AskAsync(rig.Client(token: "admin"), HttpStatusCode.OK);
        var metrics = await MetricsAsync(rig);
        Assert.All(
            [
                "sealock_authentication_attempts_total{method=\"anonymous\",result=\"success\"} 1\n",
                "sealock_authentication_attempts_total{method=\"token_file\",result=\"success\"} 3\n",
                "sealock_authentication_attempts_total{method=\"token\",result=\"failure\"} 1\n",
                "sealock_authentication_attempts_total{method=\"x509\",result=\"success\"} 1\n",
                "sealock_authentication_attempts_total{method=\"x509\",result=\"failure\"} 1\n",
                "sealock_authorization_decisions_total{decision=\"deny\",kind=\"resource\",from=\"clients\"} 3\n",
                "sealock_authorization_decisions_total{decision=\"allow\",kind=\"resource\",from=\"clients\"} 1\n",
                "sealock_authorization_decisions_total{decision=\"allow\",kind=\"path\",from=\"clients\"} 1\n",
                "sealock_requests_in_flight_refused_total{kind=\"readOnly\"} 0\n",
            ],
            line => Assert.Contains(line, metrics, StringComparison.Ordinal));
        Assert.DoesNotContain("made up", metrics, StringComparison.Ordinal);

        static async Task AskAsync(HttpClient client, HttpStatusCode expected)
        {
            using (client)
            using (var answer = await client.GetAsync("/api/v1/pods"))
                Assert.Equal(expected, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Names_of_resources_that_strangers_ask_for_make_no_series()
    {
        await using var rig = await GatewayRig.StartAsync(tokens: Tokens);
        using var client = rig.Client();
        for (var i = 0; i < 20; i++)
        {
            using var answer = await client.GetAsync($"/apis/made-up-{i}/v1/made-up-{i}");
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }

        Assert.DoesNotContain("made-up", await MetricsAsync(rig), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificates_that_are_served_and_trusted_have_dates_under_the_exporters_names()
    {
        await using var rig = await GatewayRig.StartAsync(tokens: Tokens);
        var file = Path.Combine(rig.Directory, "tls.crt");
        var served = Certificate.FromPem(await File.ReadAllTextAsync(file));
        var metrics = await MetricsAsync(rig);
        Assert.Matches(
            $"x509_cert_not_after{{usage=\"serving\",filename=\"tls.crt\",filepath=\"{file}\",serial_number=\"-?[0-9]+\",issuer_CN=\"test-ca\",subject_CN=\"localhost\"}} {served.NotAfter.ToUnixTimeSeconds()}\n",
            metrics);
        Assert.Matches("x509_cert_not_before{usage=\"client_ca\",filename=\"ca.crt\",[^}]*subject_CN=\"test-ca\"} ", metrics);
        Assert.Matches("x509_cert_expired{usage=\"serving_ca\",filename=\"ca.crt\",[^}]*} 0\n", metrics);
        Assert.Contains("sealock_reload_refused{what=\"certificates\"} 0\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_certificate_in_the_same_place_has_one_series_and_an_expired_one_says_so()
    {
        using var authority = new TestAuthority("ca");
        var certificate = Certificate.FromPem(authority.Pem);
        var one = new MeasuredCertificate(certificate, "signer", MeasuredCertificate.InFile("/etc/ca.crt"));
        var text = new PrometheusText();
        CertificateMetrics.Write(text, [one, one, one with { Usage = "client_ca" }], certificate.NotAfter.AddSeconds(1));
        var lines = text.ToString().Split('\n');
        Assert.Equal(2, lines.Count(line => line.StartsWith("x509_cert_expired{", StringComparison.Ordinal) && line.EndsWith(" 1", StringComparison.Ordinal)));
    }

    [Fact]
    public void Reloads_tell_when_one_last_went_well_and_that_the_present_content_is_refused()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1000));
        var reloads = new ReloadMetrics();
        var count = reloads.Of("token_file", clock);
        clock.Advance(TimeSpan.FromSeconds(10));
        count.Note(taken: true);
        clock.Advance(TimeSpan.FromSeconds(10));
        count.Note(taken: false);
        var text = new PrometheusText();
        reloads.Write(text);
        Assert.All(
            [
                "sealock_reloads_total{what=\"token_file\",result=\"ok\"} 1\n", "sealock_reloads_total{what=\"token_file\",result=\"refused\"} 1\n",
                "sealock_reload_last_success_timestamp_seconds{what=\"token_file\"} 1010\n", "sealock_reload_refused{what=\"token_file\"} 1\n",
            ],
            line => Assert.Contains(line, text.ToString(), StringComparison.Ordinal));
    }

    private static async Task<string> MetricsAsync(GatewayRig rig)
    {
        using var client = rig.Client(token: "admin");
        return await client.GetStringAsync("/metrics");
    }

    /// <summary>Knows an administrator, and looks for everybody else's token until they go.</summary>
    private sealed class SlowTokens : ITokenAuthenticator
    {
        public TaskCompletionSource Asked { get; } = new();

        public async ValueTask<TokenIdentity?> AuthenticateAsync(
            string token, ImmutableArray<string> audiences, CancellationToken cancellationToken)
        {
            if (token == "admin")
                return new TokenIdentity(new UserInfo { Name = "admin", Groups = [WellKnownGroups.Masters] }, []);
            Asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return null;
        }
    }
}
