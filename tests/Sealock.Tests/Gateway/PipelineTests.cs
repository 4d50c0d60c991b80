// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Serving;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Pipeline;
using Sealock.Tests.Support;

namespace Sealock.Tests.Gateway;

public class PipelineTests
{
    private const string Tokens = "admin,root,1,system:masters\nother,jane,2,devs\n";

    [Fact]
    public async Task A_request_that_takes_too_long_is_answered_504()
    {
        var clock = new FakeTimeProvider();
        var entered = new TaskCompletionSource();
        await using var rig = await GatewayRig.StartAsync(
            options => options with
            {
                Api = async (_, cancellationToken) =>
                {
                    entered.SetResult();
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                    throw new InvalidOperationException();
                },
            },
            Tokens, clock);
        using var client = rig.Client(token: "admin");
        var request = client.GetAsync("/api/v1/pods");
        await entered.Task;
        clock.Advance(TimeSpan.FromSeconds(61));
        using var response = await request;
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal("Timeout", (await StatusOf(response))["reason"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("1.1", true)]
    [InlineData("1.1", false)]
    [InlineData("2.0", true)]
    [InlineData("2.0", false)]
    public async Task A_body_beyond_the_limit_is_answered_413(string version, bool lengthAnnounced)
    {
        await using var rig = await GatewayRig.StartAsync(
            options => options with { Limits = new GatewayLimits { MaxBodyBytes = 10_000 } }, Tokens);
        using var client = rig.Client(version: new Version(version), token: "admin");
        using var fits = await client.PostAsync("/api/v1/pods", new ByteArrayContent(new byte[10_000]));
        Assert.EndsWith("|create|10000", await fits.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/pods")
        {
            Content = new ByteArrayContent(new byte[10_001]),
            Version = new Version(version),
        };
        if (!lengthAnnounced)
            request.Headers.TransferEncodingChunked = version == "1.1";
        if (!lengthAnnounced)
            request.Content = new StreamContent(new UnseekableStream(new byte[10_001]));
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(
            "Request entity too large: limit is 10000", (await StatusOf(response))["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task Requests_beyond_the_limit_are_answered_429_except_for_masters()
    {
        var release = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        await using var rig = await GatewayRig.StartAsync(
            options => options with
            {
                Limits = new GatewayLimits { MaxReadOnlyInFlight = 1, MaxMutatingInFlight = 1 },
                Authorizer = new Everyone(),
                Api = async (request, cancellationToken) =>
                {
                    if (request.Info.Name != "slow")
                        return await GatewayRig.Echo(request, cancellationToken);
                    entered.SetResult();
                    await release.Task;
                    return await GatewayRig.Echo(request, cancellationToken);
                },
            },
            Tokens);
        using var jane = rig.Client(token: "other");
        using var root = rig.Client(token: "admin");
        var slow = jane.GetAsync("/api/v1/namespaces/slow");
        await entered.Task;
        using var refused = await jane.GetAsync("/api/v1/namespaces/quick");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
        Assert.Equal("TooManyRequests", (await StatusOf(refused))["reason"]!.GetValue<string>());
        using var mutating = await jane.DeleteAsync("/api/v1/namespaces/quick");
        using var privileged = await root.GetAsync("/api/v1/namespaces/quick");
        using var health = await jane.GetAsync("/healthz");
        Assert.Equal(HttpStatusCode.OK, mutating.StatusCode);
        Assert.Equal(HttpStatusCode.OK, privileged.StatusCode);
        release.SetResult();
        using var answered = await slow;
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        using var afterwards = await jane.GetAsync("/api/v1/namespaces/quick");
        Assert.Equal(HttpStatusCode.OK, afterwards.StatusCode);
    }

    [Fact]
    public async Task A_fault_is_a_500_that_tells_nothing()
    {
        await using var rig = await GatewayRig.StartAsync(
            options => options with { Api = (_, _) => throw new InvalidOperationException("hunter2") }, Tokens);
        using var client = rig.Client(token: "admin");
        using var response = await client.GetAsync("/api/v1/pods");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        var body = await response.Content.ReadAsStringAsync();
        Assert.Contains("\"reason\":\"InternalError\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_answer_carries_the_common_headers_and_a_decent_audit_id_of_the_client()
    {
        await using var rig = await GatewayRig.StartAsync();
        using var client = rig.Client();
        foreach (var (sent, kept) in new[] { ("abc-1", true), ("a b", false), (new string('x', 65), false) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/version");
            request.Headers.TryAddWithoutValidation("Audit-ID", sent);
            using var response = await client.SendAsync(request);
            Assert.Equal("no-cache, private", response.Headers.GetValues("Cache-Control").Single());
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.StartsWith(
                "max-age=", response.Headers.GetValues("Strict-Transport-Security").Single(), StringComparison.Ordinal);
            Assert.Equal(kept, response.Headers.GetValues("Audit-Id").Single() == sent);
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task A_matching_entity_tag_is_answered_304_and_large_json_is_compressed_on_request()
    {
        var large = Encoding.UTF8.GetBytes("[" + string.Join(',', Enumerable.Range(0, 50_000)) + "]");
        await using var rig = await GatewayRig.StartAsync(
            options => options with
            {
                Api = (_, _) => ValueTask.FromResult<ApiResponse>(
                    new BytesResponse(large) { ETag = "\"v1\"", Warnings = ["mind \"the\" gap"] }),
            },
            Tokens);
        using var client = rig.Client(token: "admin");
        client.DefaultRequestHeaders.IfNoneMatch.ParseAdd("\"v0\", W/\"v1\"");
        using var unchanged = await client.GetAsync("/openapi/v2");
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        client.DefaultRequestHeaders.IfNoneMatch.Clear();
        using var plain = await client.GetAsync("/openapi/v2");
        Assert.Equal(large, await plain.Content.ReadAsByteArrayAsync());
        Assert.Equal("299 - \"mind \\\"the\\\" gap\"", plain.Headers.GetValues("Warning").Single());
        client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("deflate, gzip");
        using var compressed = await client.GetAsync("/openapi/v2");
        Assert.Equal("gzip", compressed.Content.Headers.ContentEncoding.Single());
        await using var gzip = new System.IO.Compression.GZipStream(
            await compressed.Content.ReadAsStreamAsync(), System.IO.Compression.CompressionMode.Decompress);
        var unpacked = new MemoryStream();
        await gzip.CopyToAsync(unpacked);
        Assert.Equal(large, unpacked.ToArray());
    }

    [Theory]
    [InlineData("/healthz", null, 200, "ok")]
    [InlineData("/livez", null, 200, "ok")]
    [InlineData(
        "/readyz", null, 500, "[+]ping ok\n[-]store failed: reason withheld\n[+]shutdown ok\nreadyz check failed\n")]
    [InlineData("/readyz?exclude=store", null, 200, "ok")]
    [InlineData("/livez?verbose", null, 200, "[+]ping ok\nlivez check passed\n")]
    [InlineData(
        "/readyz?verbose&exclude=store&exclude=nope", null, 200,
        "[+]ping ok\n[+]store excluded: ok\n[+]shutdown ok\n" +
        "warn: some health checks cannot be excluded: no matches for \"nope\"\nreadyz check passed\n")]
    [InlineData("/readyz/ping", null, 403, null)]
    [InlineData("/readyz/ping", "admin", 200, "ok")]
    [InlineData("/readyz/store", "admin", 500, "internal server error: store failed: reason withheld\n")]
    [InlineData("/readyz/nope", "admin", 404, null)]
    [InlineData("/ping", null, 200, "pong")]
    [InlineData("/metrics", null, 403, null)]
    [InlineData("/healthz", "wrong", 401, null)]
    public async Task Health_endpoints_answer_as_kube_apiservers(string path, string? token, int status, string? text)
    {
        await using var rig = await GatewayRig.StartAsync(
            options => options with
            {
                HealthChecks =
                    [new HealthCheck("store", HealthScope.Ready, _ => ValueTask.FromResult<string?>("disk is full"))],
            },
            Tokens);
        using var client = rig.Client(token: token);
        using var response = await client.GetAsync(path);
        Assert.Equal(status, (int)response.StatusCode);
        if (text is not null)
            Assert.Equal(text, await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(MountAccess.Open, null, 200)]
    [InlineData(MountAccess.Open, "wrong", 200)]
    [InlineData(MountAccess.Public, null, 200)]
    [InlineData(MountAccess.Public, "wrong", 401)]
    [InlineData(MountAccess.Authorized, null, 403)]
    [InlineData(MountAccess.Authorized, "other", 403)]
    [InlineData(MountAccess.Authorized, "admin", 200)]
    public async Task A_mount_decides_who_comes_in(MountAccess access, string? token, int status)
    {
        await using var rig = await GatewayRig.StartAsync(
            options => options with
            {
                Mounts =
                [
                    new Mount("/acme", access, exchange =>
                    {
                        exchange.Http.Response.StatusCode = 200;
                        return ValueTask.CompletedTask;
                    }),
                    new Mount("/acme/closed", MountAccess.Open, _ => throw ApiException.NoSuchResource()),
                ],
            },
            Tokens);
        using var client = rig.Client(token: token);
        using var response = await client.GetAsync("/acme/directory");
        Assert.Equal(status, (int)response.StatusCode);
        using var longer = await client.GetAsync("/acme/closed/x");
        Assert.Equal(HttpStatusCode.NotFound, longer.StatusCode);
        using var beside = await client.GetAsync("/acmefoo");
        Assert.NotEqual(HttpStatusCode.NotFound, beside.StatusCode);
    }

    [Fact]
    public async Task Cacerts_answers_the_ca_to_everyone_and_metrics_count()
    {
        await using var rig = await GatewayRig.StartAsync(tokens: Tokens);
        using var anonymous = rig.Client();
        Assert.Equal(rig.Authority.Pem, await anonymous.GetStringAsync("/cacerts"));
        using var client = rig.Client(token: "admin");
        await client.GetStringAsync("/api/v1/pods");
        var text = await client.GetStringAsync("/metrics");
        Assert.Contains(
            "sealock_requests_total{verb=\"list\",group=\"\",resource=\"pods\",subresource=\"\",code=\"200\"} 1\n",
            text, StringComparison.Ordinal);
        // The second client may go on with the first one's session.
        Assert.Matches("sealock_tls_handshakes_total{result=\"ok\",version=\"1.3\",suite=\"TLS_[A-Z0-9_]+\",resumed=\"false\",reason=\"\"} [12]\n", text);
    }

    [Fact]
    public async Task A_client_in_this_process_is_authorized_like_everyone_else()
    {
        await using var rig = await GatewayRig.StartAsync();
        var request = new ApiRequest
        {
            Info = RequestInfoParser.Parse("GET", "/api/v1/pods", QueryParameters.Empty),
            User = Api.Security.UserInfo.ServiceAccount("kube-system", "signer"),
        };
        var refused = await Assert.ThrowsAsync<ApiException>(
            async () => await rig.Server.InProcess(request, CancellationToken.None));
        Assert.Equal(403, refused.Code);
    }

    private static async Task<JsonNode> StatusOf(HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    private sealed class UnseekableStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
