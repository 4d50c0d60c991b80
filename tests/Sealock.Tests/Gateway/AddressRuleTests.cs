// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Net;
using System.Text.Json.Nodes;
using Sealock.Gateway.Addresses;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Pipeline;

namespace Sealock.Tests.Gateway;

public class AddressRuleTests
{
    private const string Tokens = "s3cret,ann,7,\"system:masters,admins\"\nother,bob,8,\"system:masters\"\n";
    private static readonly IPAddress Elsewhere = IPAddress.Parse("127.0.0.9");

    [Fact]
    public async Task Who_comes_from_elsewhere_is_closed_before_tls()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with
        {
            Traffic = new TrafficPolicy { Clients = new AddressFilter { Allow = CidrSet.Parse("127.0.0.1") } },
        });
        Assert.StartsWith("HTTP/1.1 200", await Balancer.TlsAsync(rig.Endpoint, "", Balancer.Get("/healthz")), StringComparison.Ordinal);
        Assert.Equal("", await Balancer.TlsAsync(rig.Endpoint, "", Balancer.Get("/healthz"), Elsewhere));
        // Not even the line about plain HTTP.
        Assert.Equal("", await Balancer.PlainAsync(rig.Endpoint, Balancer.Get("/healthz"), Elsewhere));
    }

    [Fact]
    public async Task A_client_that_a_balancer_names_is_judged_by_its_own_address()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with
        {
            Traffic = Balancer.Trusted with { Clients = new AddressFilter { Allow = CidrSet.Parse("198.51.100.0/24"), Deny = CidrSet.Parse("198.51.100.9") } },
        }, Tokens);
        Task<string> Ask(string client) => Balancer.PlainAsync(rig.Endpoint, Balancer.Get(
            "/api/v1/pods", "Authorization: Bearer s3cret", "X-Forwarded-Proto: https", $"X-Forwarded-For: {client}"));
        Assert.StartsWith("HTTP/1.1 200", await Ask("198.51.100.7"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403", await Ask("198.51.100.9"), StringComparison.Ordinal);
        var refused = await Ask("203.0.113.1");
        Assert.StartsWith("HTTP/1.1 403", refused, StringComparison.Ordinal);
        Assert.Contains("requests are not accepted from this address", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("198.51", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_PROXY_header_of_a_client_from_elsewhere_is_closed_before_tls()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with
        {
            Traffic = new TrafficPolicy
            {
                TrustedProxies = CidrSet.Parse("127.0.0.1"),
                ProxyProtocol = ProxyProtocolUse.Required,
                Clients = new AddressFilter { Deny = CidrSet.Parse("203.0.113.0/24") },
            },
        });
        Assert.StartsWith("HTTP/1.1 200", await Balancer.TlsAsync(
            rig.Endpoint, "PROXY TCP4 198.51.100.7 10.0.0.1 4711 443\r\n", Balancer.Get("/healthz")), StringComparison.Ordinal);
        Assert.Equal("", await Balancer.TlsAsync(
            rig.Endpoint, "PROXY TCP4 203.0.113.7 10.0.0.1 4711 443\r\n", Balancer.Get("/healthz")));
    }

    [Fact]
    public async Task A_user_is_refused_where_a_rule_does_not_let_him_come_from_and_the_answer_tells_no_rule()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with { Traffic = AdminsFrom("192.0.2.0/24") }, Tokens);
        using var admin = rig.Client(token: "s3cret");
        using var refused = await admin.GetAsync("/api/v1/pods");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        var status = JsonNode.Parse(await refused.Content.ReadAsStringAsync())!;
        Assert.Equal("Forbidden", (string?)status["reason"]);
        Assert.Equal("forbidden: requests of this user are not accepted from this address", (string?)status["message"]);
        using var other = rig.Client(token: "other");
        Assert.StartsWith("bob|", await other.GetStringAsync("/api/v1/pods"), StringComparison.Ordinal);
        // Acting for him is no way round it.
        other.DefaultRequestHeaders.Add("Impersonate-User", "carl");
        other.DefaultRequestHeaders.Add("Impersonate-Group", "admins");
        using var acting = await other.GetAsync("/api/v1/pods");
        Assert.Contains("not accepted from this address", await acting.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_that_is_new_ends_what_it_would_not_have_let_in()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var watch = new Mount("/watch", MountAccess.Public, async exchange =>
        {
            await exchange.Http.Response.Body.FlushAsync();
            started.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, exchange.Cancellation);
        })
        { LongRunning = true };
        await using var rig = await GatewayRig.StartAsync(options => options with { Mounts = [watch] }, Tokens);
        using var admin = rig.Client(token: "s3cret");
        using var other = rig.Client(token: "other");
        using var ended = await admin.GetAsync("/watch", HttpCompletionOption.ResponseHeadersRead);
        await started.Task;
        rig.Server.Traffic = AdminsFrom("192.0.2.0/24");
        // Either end will do: the answer was without an end of its own.
        await Record.ExceptionAsync(() => ended.Content.ReadAsStringAsync());
        using var refused = await admin.GetAsync("/api/v1/pods");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.StartsWith("bob|", await other.GetStringAsync("/api/v1/pods"), StringComparison.Ordinal);
        rig.Server.Traffic = new TrafficPolicy();
        Assert.StartsWith("ann|", await admin.GetStringAsync("/api/v1/pods"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_address_has_so_many_connections_and_others_have_theirs()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with { Traffic = new TrafficPolicy { ConnectionsPerAddress = 2 } });
        using var one = rig.Client();
        using var two = rig.Client();
        using var three = rig.Client();
        await one.GetStringAsync("/healthz");
        await two.GetStringAsync("/healthz");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => three.GetStringAsync("/healthz"));
        Assert.StartsWith("HTTP/1.1 200", await Balancer.TlsAsync(rig.Endpoint, "", Balancer.Get("/healthz"), Elsewhere), StringComparison.Ordinal);
    }

    private static TrafficPolicy AdminsFrom(string cidr) => new()
    {
        SubjectRules =
        [
            new SubjectAddressRule
            {
                Groups = FrozenSet.Create(StringComparer.Ordinal, "admins"),
                From = new AddressFilter { Allow = CidrSet.Parse(cidr) },
            },
        ],
    };
}
