// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Issuance;
using Sealock.Pki.Keys;
using Sealock.Tests.Controllers.Issuance;

namespace Sealock.Tests.Controllers.Acme;

/// <summary>
/// The process killed at every step of an ACME issuance, at every write, and with every call that the server did or did not get
/// to do: one certificate for each revision, no order left behind at the server, no key lost.
/// </summary>
public sealed class AcmeCrashTests
{
    public static TheoryData<string> Steps => [.. FaultPoints.Acme];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Killed_each_time_it_comes_to_a_step_it_is_gone_on_with(string step)
    {
        for (var time = 1; ; time++)
        {
            var (passed, kill) = (0, time);
            if (await LiveAsync(at =>
            {
                if (at == step && ++passed == kill)
                    throw new KilledException(step);
            }) == 0)
            {
                Assert.True(time > 1, $"nothing comes to {step}");
                return;
            }
        }
    }

    [Fact]
    public async Task No_step_is_without_its_test()
    {
        var seen = new HashSet<string>();
        await LiveAsync(at => seen.Add(at));
        Assert.Equal(FaultPoints.Acme.Order(StringComparer.Ordinal), seen.Except(FaultPoints.Issuance).Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// A certificate whose first validation, over an Ingress, fails, then succeeds, and which is renewed; answers how often it was killed.
    /// </summary>
    private static async Task<int> LiveAsync(Action<string> atStep)
    {
        using var bench = new AcmeBench(new() { SolverEndpoint = new(System.Net.IPAddress.Parse("192.0.2.9"), 8089), CheckCaa = false });
        AcmeIssuanceTests.ChangeIssuer(bench, issuer => issuer["spec"]!["acme"]!["solvers"] = new System.Text.Json.Nodes.JsonArray(
            System.Text.Json.Nodes.JsonNode.Parse("""{"waitInsteadOfSelfCheck": "1s", "http01": {"ingress": {"ingressClassName": "nginx"}}}""")));
        var validate = bench.Ca.Validate;
        bench.Ca.Validate = (_, _, _) => "nobody is there";
        bench.AtStep = atStep;
        bench.Issuance.AddCertificate("web");
        var kills = await bench.SettleThroughKillsAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("invalid", Assert.Single(bench.Orders).Status.State);
        Assert.DoesNotContain(bench.Ca.Authorizations.Values, authorization => authorization.Status == "pending");
        bench.Ca.Validate = validate;
        bench.Issuance.Time.Advance(TimeSpan.FromHours(2));
        kills += await bench.SettleThroughKillsAsync();
        AssertWhole(bench, 1, failures: 1);
        bench.Issuance.Time.Advance(TimeSpan.FromDays(61));
        kills += await bench.SettleThroughKillsAsync();
        AssertWhole(bench, 2, failures: 1);
        Assert.Empty(bench.Issuance.Server.Paths("/apis/networking.k8s.io/"));
        return kills;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_before_or_after_each_write_it_is_gone_on_with(bool after)
    {
        for (var at = 1; ; at++)
        {
            using var bench = new AcmeBench();
            bench.Issuance.AddCertificate("web");
            var kill = at;
            bench.Issuance.Transport.OnWrite = (number, isAfter) =>
            {
                if (number == kill && isAfter == after)
                    throw new KilledException($"write {number}");
            };
            var kills = await bench.SettleThroughKillsAsync();
            AssertWhole(bench, 1);
            if (kills == 0)
            {
                Assert.True(at > 18, $"only {at} writes");
                return;
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_before_or_after_the_server_did_each_call_it_is_gone_on_with(bool after)
    {
        for (var at = 1; ; at++)
        {
            using var bench = new AcmeBench();
            bench.Issuance.AddCertificate("web");
            var (number, kill) = (0, at);
            bench.Ca.OnCall = (call, isAfter) =>
            {
                if (isAfter == after && ++number == kill)
                    throw new KilledException(call);
            };
            var kills = await bench.SettleThroughKillsAsync();
            AssertWhole(bench, 1);
            if (kills == 0)
            {
                Assert.True(at > 8, $"only {at} calls");
                return;
            }
        }
    }

    [Fact]
    public async Task Killed_again_and_again_it_still_ends()
    {
        var random = new Random(7);
        for (var run = 0; run < 20; run++)
        {
            using var bench = new AcmeBench();
            bench.Issuance.AddCertificate("web");
            bench.Issuance.Transport.OnWrite = (_, _) => Perhaps();
            bench.Ca.OnCall = (_, _) => Perhaps();
            await bench.SettleThroughKillsAsync();
            AssertWhole(bench, 1);

            void Perhaps()
            {
                if (random.Next(12) == 0)
                    throw new KilledException("by chance");
            }
        }
    }

    private static void AssertWhole(AcmeBench bench, int revision, int failures = 0)
    {
        Assert.True(bench.Issuance.IsReady("web"), bench.Issuance.Condition("web", "Issuing").Message);
        Assert.Equal(revision, bench.Issuance.Certificate("web").Status.Revision);
        using var key = KeyPair.FromPem(System.Text.Encoding.UTF8.GetString(bench.Issuance.Entry("web-tls", WellKnown.KeyEntry)!));
        Assert.True(bench.Issuance.Leaf("web-tls").Matches(key));
        Assert.Single(bench.Ca.Accounts);
        Assert.Equal(
            [.. Enumerable.Repeat("invalid", failures), .. Enumerable.Repeat("valid", revision)],
            bench.Ca.Orders.Values.Select(order => order.Status).Order(StringComparer.Ordinal));
        Assert.Empty(bench.Challenges);
        Assert.Empty(bench.Issuance.NextKeys);
    }
}
