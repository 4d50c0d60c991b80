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
    public static TheoryData<string> Steps =>
    [
        "acme.account.key", "acme.account.register", "acme.order.create", "acme.order.announce", "acme.order.new", "acme.order.made", "acme.order.stored",
        "acme.order.challenges", "acme.challenge.present", "acme.challenge.tell", "acme.challenge.told", "acme.challenge.decided",
        "acme.order.finalize", "acme.order.download", "acme.order.certificate",
    ];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Killed_at_a_step_it_is_gone_on_with(string step)
    {
        using var bench = new AcmeBench();
        bench.Issuance.AddCertificate("web");
        var killed = false;
        bench.AtStep = at =>
        {
            if (at == step && !killed)
            {
                killed = true;
                throw new KilledException(step);
            }
        };
        Assert.Equal(1, await bench.SettleThroughKillsAsync());
        AssertWhole(bench, 1);
        await RenewAsync(bench);
        AssertWhole(bench, 2);
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

    private static async Task RenewAsync(AcmeBench bench)
    {
        bench.Issuance.Time.Advance(TimeSpan.FromDays(61));
        await bench.SettleAsync();
    }

    private static void AssertWhole(AcmeBench bench, int revision)
    {
        Assert.True(bench.Issuance.IsReady("web"), bench.Issuance.Condition("web", "Issuing").Message);
        Assert.Equal(revision, bench.Issuance.Certificate("web").Status.Revision);
        using var key = KeyPair.FromPem(System.Text.Encoding.UTF8.GetString(bench.Issuance.Entry("web-tls", WellKnown.KeyEntry)!));
        Assert.True(bench.Issuance.Leaf("web-tls").Matches(key));
        Assert.Single(bench.Ca.Accounts);
        Assert.All(bench.Ca.Orders.Values, order => Assert.Equal("valid", order.Status));
        Assert.Equal(revision, bench.Ca.Orders.Count);
        Assert.Empty(bench.Challenges);
        Assert.Empty(bench.Issuance.NextKeys);
    }
}
