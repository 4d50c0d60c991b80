// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Sealock.Api.Serving;
using Sealock.Gateway.Authentication;

namespace Sealock.Tests.Gateway;

/// <summary>Watches: each event goes out at once, and they end when the server or the user must go.</summary>
public class LiveTests
{
    private const string Watch = "/api/v1/pods?watch=1";

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Headers_and_every_event_are_sent_at_once(string version)
    {
        var feed = new Feed();
        await using var rig = await StartAsync(feed);
        using var client = rig.Client(version: new Version(version), token: "admin");
        using var response = await client.GetAsync(Watch, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        foreach (var line in new[] { "one", "two", "three" })
        {
            await feed.SendAsync(line);
            Assert.Equal(line, await reader.ReadLineAsync());
        }

        feed.Complete();
        Assert.Null(await reader.ReadLineAsync());
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Stopping_ends_watches_finishes_requests_and_accepts_nothing_new(string version)
    {
        var feed = new Feed();
        var entered = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var rig = await StartAsync(feed, async request =>
        {
            entered.SetResult();
            await release.Task;
            return await GatewayRig.Echo(request, CancellationToken.None);
        });
        using var client = rig.Client(version: new Version(version), token: "admin");
        using var watching = await client.GetAsync(Watch, HttpCompletionOption.ResponseHeadersRead);
        var slow = client.GetAsync("/api/v1/pods");
        await entered.Task;
        var stopped = rig.Server.StopAsync(CancellationToken.None);
        Assert.Equal("", await watching.Content.ReadAsStringAsync());
        Assert.False(stopped.IsCompleted);
        release.SetResult();
        using var finished = await slow;
        Assert.Equal(HttpStatusCode.OK, finished.StatusCode);
        await stopped;
        using var late = rig.Client(token: "admin");
        await Assert.ThrowsAsync<HttpRequestException>(() => late.GetAsync("/healthz"));
    }

    [Fact]
    public async Task Revoking_a_user_or_a_credential_ends_their_watches_and_refuses_their_next_request()
    {
        var feed = new Feed();
        await using var rig = await StartAsync(feed);
        using var certificate = rig.Authority.Issue("CN=jane, O=system:masters");
        using var byCertificate = rig.Client(certificate);
        using var byToken = rig.Client(token: "admin");
        using var jane = await byCertificate.GetAsync(Watch, HttpCompletionOption.ResponseHeadersRead);
        using var root = await byToken.GetAsync(Watch, HttpCompletionOption.ResponseHeadersRead);
        var fingerprint = certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256);
        rig.Server.Revocations = new Revocations([], ["X509SHA256=" + fingerprint.ToLowerInvariant()]);
        Assert.Equal("", await jane.Content.ReadAsStringAsync());
        using var refused = await byCertificate.GetAsync("/version");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var allowed = await byToken.GetAsync("/version");
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        rig.Server.Revocations = new Revocations(["root"], []);
        Assert.Equal("", await root.Content.ReadAsStringAsync());
        using var admitted = await byCertificate.GetAsync("/version");
        Assert.Equal(HttpStatusCode.OK, admitted.StatusCode);
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_its_watch()
    {
        var feed = new Feed();
        await using var rig = await StartAsync(feed);
        using (var client = rig.Client(token: "admin"))
        using (await client.GetAsync(Watch, HttpCompletionOption.ResponseHeadersRead))
        {
        }

        await feed.Ended.Task;
    }

    private static Task<GatewayRig> StartAsync(
        Feed feed, Func<ApiRequest, ValueTask<ApiResponse>>? other = null) => GatewayRig.StartAsync(
        options => options with
        {
            Api = (request, _) => request.Info.Verb == "watch"
                ? ValueTask.FromResult<ApiResponse>(feed)
                : (other ?? (asked => GatewayRig.Echo(asked, CancellationToken.None)))(request),
        },
        "admin,root,1,system:masters\n");

    /// <summary>Sends what a test gives it.</summary>
    private sealed class Feed : ApiResponse
    {
        private readonly System.Threading.Channels.Channel<string> _lines =
            System.Threading.Channels.Channel.CreateUnbounded<string>();

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override long? ContentLength => null;

        public ValueTask SendAsync(string line) => _lines.Writer.WriteAsync(line);

        public void Complete() => _lines.Writer.Complete();

        public override async ValueTask WriteAsync(PipeWriter output, CancellationToken cancellationToken)
        {
            try
            {
                await foreach (var line in _lines.Reader.ReadAllAsync(cancellationToken))
                {
                    output.Write(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
                    await output.FlushAsync(cancellationToken);
                }
            }
            finally
            {
                Ended.TrySetResult();
            }
        }
    }
}
