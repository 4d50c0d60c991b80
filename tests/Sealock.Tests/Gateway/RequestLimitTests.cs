// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text.Json.Nodes;
using Sealock.Api.Security;
using Sealock.Gateway.Limits;
using Sealock.Tests.Support;

namespace Sealock.Tests.Gateway;

public class RequestLimitTests
{
    private const string Tokens = "a,ann,1,\"devs\"\nb,bob,2,\"devs\"\nr,root,3,\"system:masters\"\no,olga,4,\"oncall\"\n";

    [Fact]
    public async Task Who_asks_for_too_much_waits_and_the_other_never_notices()
    {
        var clock = new FakeTimeProvider();
        await using var rig = await StartAsync(new TrafficPolicy { PerUser = new RequestShare { PerSecond = 2, Burst = 4 } }, clock);
        using var ann = rig.Client(token: "a");
        using var bob = rig.Client(token: "b");
        var refused = 0;
        for (var second = 0; second < 20; second++)
        {
            for (var i = 0; i < 50; i++)
                refused += await CodeAsync(ann) == HttpStatusCode.TooManyRequests ? 1 : 0;
            Assert.Equal(HttpStatusCode.OK, await CodeAsync(bob));
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((20 * 50) - 4 - (19 * 2), refused);
    }

    [Fact]
    public async Task The_answer_is_a_status_and_tells_when_to_come_again()
    {
        await using var rig = await StartAsync(new TrafficPolicy { PerUser = new RequestShare { PerSecond = 0.25, Burst = 1 } }, new FakeTimeProvider());
        using var ann = rig.Client(token: "a");
        Assert.Equal(HttpStatusCode.OK, await CodeAsync(ann));
        using var answer = await ann.GetAsync("/api/v1/pods");
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(4), answer.Headers.RetryAfter?.Delta);
        var status = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(("Failure", "TooManyRequests", 429), ((string?)status["status"], (string?)status["reason"], (int?)status["code"]));
        Assert.Equal(4, (int?)status["details"]?["retryAfterSeconds"]);
    }

    [Fact]
    public async Task Who_may_do_everything_can_act_whoever_floods()
    {
        var policy = new TrafficPolicy
        {
            PerUser = new RequestShare { PerSecond = 1 },
            PerAddress = new RequestShare { PerSecond = 1 },
            ExemptGroups = System.Collections.Frozen.FrozenSet.Create("oncall"),
        };
        await using var rig = await StartAsync(policy, new FakeTimeProvider());
        using var ann = rig.Client(token: "a");
        Assert.Equal(HttpStatusCode.OK, await CodeAsync(ann));
        Assert.Equal(HttpStatusCode.TooManyRequests, await CodeAsync(ann));
        foreach (var token in new[] { "r", "o" })
        {
            using var client = rig.Client(token: token);
            Assert.Equal(HttpStatusCode.OK, await CodeAsync(client));
            Assert.Equal(HttpStatusCode.OK, await CodeAsync(client));
        }
    }

    [Fact]
    public async Task Guesses_at_credentials_use_up_the_share_of_their_address()
    {
        await using var rig = await StartAsync(new TrafficPolicy { PerAddress = new RequestShare { PerSecond = 1, Burst = 3 } }, new FakeTimeProvider());
        using var guess = rig.Client(token: "x");
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(guess));
        Assert.Equal(HttpStatusCode.TooManyRequests, await CodeAsync(guess));
        Assert.StartsWith("HTTP/1.1 200", await Balancer.TlsAsync(
            rig.Endpoint, "", Balancer.Get("/healthz"), IPAddress.Parse("127.0.0.9")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strangers_do_not_take_each_others_share()
    {
        await using var rig = await StartAsync(new TrafficPolicy { PerUser = new RequestShare { PerSecond = 1, Burst = 1 } }, new FakeTimeProvider());
        using var stranger = rig.Client();
        Assert.Equal("ok", await stranger.GetStringAsync("/healthz"));
        using var refused = await stranger.GetAsync("/healthz");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.StartsWith("HTTP/1.1 200", await Balancer.TlsAsync(
            rig.Endpoint, "", Balancer.Get("/healthz"), IPAddress.Parse("127.0.0.9")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task So_many_requests_of_a_user_at_a_time_and_a_place_is_free_again_afterwards()
    {
        var entered = new SemaphoreSlim(0);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = true;
        await using var rig = await GatewayRig.StartAsync(options => options with
        {
            Authorizer = new Everyone(),
            Traffic = new TrafficPolicy { PerUser = new RequestShare { Reading = 2 } },
            Api = async (request, cancellationToken) =>
            {
                if (slow && request.User.Name == "ann")
                {
                    entered.Release();
                    await release.Task;
                }

                return await GatewayRig.Echo(request, cancellationToken);
            },
        }, Tokens);
        using var ann = rig.Client(token: "a", version: HttpVersion.Version20);
        using var bob = rig.Client(token: "b");
        var first = CodeAsync(ann);
        var second = CodeAsync(ann);
        await entered.WaitAsync();
        await entered.WaitAsync();
        Assert.Equal(HttpStatusCode.TooManyRequests, await CodeAsync(ann));
        Assert.Equal(HttpStatusCode.OK, await CodeAsync(bob));
        slow = false;
        release.SetResult();
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], await Task.WhenAll(first, second));
        Assert.Equal(HttpStatusCode.OK, await CodeAsync(ann));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Large_bodies_of_a_user_are_counted_apart(bool lengthAnnounced)
    {
        var clock = new FakeTimeProvider();
        await using var rig = await StartAsync(new TrafficPolicy { LargeBodiesPerSecond = 1 }, clock);
        using var ann = rig.Client(token: "a");
        for (var request = 0; request < 10; request++)
            Assert.Equal(HttpStatusCode.OK, await PostAsync(ann, 1));
        Assert.Equal(HttpStatusCode.TooManyRequests, await PostAsync(ann, 1));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(ann, 0));
        using var bob = rig.Client(token: "b");
        using var root = rig.Client(token: "r");
        for (var request = 0; request < 10; request++)
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await PostAsync(bob, 1), await PostAsync(root, 1)));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(root, 1));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(ann, 1));
        Assert.Contains(
            "sealock_requests_refused_total{reason=\"user_large_bodies\"} 1\n", await root.GetStringAsync("/metrics"), StringComparison.Ordinal);

        async Task<HttpStatusCode> PostAsync(HttpClient client, int more)
        {
            using var body = new ByteArrayContent(new byte[TrafficPolicy.LargeBodyBytes + more]);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/pods") { Content = body };
            request.Headers.TransferEncodingChunked = !lengthAnnounced;
            using var answer = await client.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [Fact]
    public void Large_bodies_of_strangers_are_told_apart_by_their_addresses()
    {
        var limits = new RequestLimits(new FakeTimeProvider());
        var policy = new TrafficPolicy { LargeBodiesPerSecond = 1 };
        for (var request = 0; request < 10; request++)
            Assert.Equal(ShareRefusal.None, limits.EnterLargeBody(UserInfo.Anonymous, IPAddress.Parse("192.0.2.1"), policy).Refusal);

        Assert.Equal(ShareRefusal.Rate, limits.EnterLargeBody(UserInfo.Anonymous, IPAddress.Parse("192.0.2.1"), policy).Refusal);
        Assert.Equal(ShareRefusal.None, limits.EnterLargeBody(UserInfo.Anonymous, IPAddress.Parse("192.0.2.2"), policy).Refusal);
    }

    [Fact]
    public async Task Metrics_tell_what_was_refused()
    {
        await using var rig = await StartAsync(new TrafficPolicy { PerUser = new RequestShare { PerSecond = 1 } }, new FakeTimeProvider());
        using var ann = rig.Client(token: "a");
        await CodeAsync(ann);
        await CodeAsync(ann);
        using var root = rig.Client(token: "r");
        var metrics = await root.GetStringAsync("/metrics");
        Assert.Contains("sealock_requests_refused_total{reason=\"user_rate\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("sealock_limited_clients{kind=\"user\"} 1\n", metrics, StringComparison.Ordinal);
    }

    private static Task<GatewayRig> StartAsync(TrafficPolicy policy, TimeProvider clock) => GatewayRig.StartAsync(
        options => options with { Authorizer = new Everyone(), Traffic = policy }, Tokens, clock);

    private static async Task<HttpStatusCode> CodeAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/api/v1/pods");
        return answer.StatusCode;
    }
}
