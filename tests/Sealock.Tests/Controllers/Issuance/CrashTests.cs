// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Issuance.Requests;
using Sealock.Pki.Keys;

namespace Sealock.Tests.Controllers.Issuance;

/// <summary>The process killed at every step, and before and after every write: one certificate for a revision, and nothing left behind.</summary>
public sealed class CrashTests
{
    public static TheoryData<string> Steps => [.. FaultPoints.Issuance];

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
        Assert.Equal(FaultPoints.Issuance.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    /// <summary>A certificate that is refused at first, has a temporary one meanwhile, is issued, and renewed; answers how often it was killed.</summary>
    private static async Task<int> LiveAsync(Action<string> atStep)
    {
        using var bench = new IssuanceBench();
        var issued = Watch(bench);
        bench.AddCa();
        bench.AddCertificate("web", annotations: $$"""{"{{WellKnown.IssueTemporary}}": "true"}""");
        bench.AtStep = atStep;
        bench.Approve = (_, _, _) => ValueTask.FromResult<RequestApproval?>(new(false, "not yet"));
        var kills = await bench.SettleThroughKillsAsync();
        Assert.Equal(1, bench.Certificate("web").Status.FailedIssuanceAttempts);
        bench.Approve = RequestApproval.Everything;
        bench.Time.Advance(TimeSpan.FromHours(2));
        kills += await bench.SettleThroughKillsAsync();
        bench.Time.Advance(TimeSpan.FromDays(61));
        kills += await bench.SettleThroughKillsAsync();
        AssertWhole(bench, issued, revision: 2);
        return kills;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_before_or_after_each_write_it_is_gone_on_with(bool after)
    {
        for (var at = 1; ; at++)
        {
            using var bench = new IssuanceBench();
            var issued = Watch(bench);
            bench.AddCa();
            bench.AddCertificate("web");
            var kill = at;
            bench.Transport.OnWrite = (number, isAfter) =>
            {
                if (number == kill && isAfter == after)
                    throw new KilledException($"write {number}");
            };
            var kills = await bench.SettleThroughKillsAsync();
            bench.Time.Advance(TimeSpan.FromDays(61));
            kills += await bench.SettleThroughKillsAsync();
            AssertWhole(bench, issued, revision: 2);
            if (kills == 0)
            {
                Assert.True(at > 14, $"only {at} writes");
                return;
            }
        }
    }

    [Fact]
    public async Task Killed_again_and_again_it_still_ends()
    {
        var random = new Random(4);
        for (var run = 0; run < 25; run++)
        {
            using var bench = new IssuanceBench();
            var issued = Watch(bench);
            bench.AddCa();
            bench.AddCertificate("web");
            bench.Transport.OnWrite = (_, _) =>
            {
                if (random.Next(8) == 0)
                    throw new KilledException("by chance");
            };
            await bench.SettleThroughKillsAsync();
            bench.Time.Advance(TimeSpan.FromDays(61));
            await bench.SettleThroughKillsAsync();
            AssertWhole(bench, issued, revision: 2);
        }
    }

    /// <summary>Every certificate that was handed in, by the request's revision.</summary>
    private static Dictionary<string, HashSet<string>> Watch(IssuanceBench bench)
    {
        var issued = new Dictionary<string, HashSet<string>>();
        var inner = bench.Server.OnWrite!;
        bench.Server.OnWrite = (path, subresource, old, @new) =>
        {
            inner(path, subresource, old, @new);
            if (path.Contains("/certificaterequests/", StringComparison.Ordinal) && @new["status"]?["certificate"]?.GetValue<string>() is { } pem)
            {
                var revision = @new["metadata"]!["annotations"]![WellKnown.CertificateRevision]!.GetValue<string>();
                (issued.TryGetValue(revision, out var set) ? set : issued[revision] = []).Add(pem);
            }
        };
        return issued;
    }

    private static void AssertWhole(IssuanceBench bench, Dictionary<string, HashSet<string>> issued, int revision)
    {
        Assert.True(bench.IsReady("web"));
        Assert.Equal(revision, bench.Certificate("web").Status.Revision);
        Assert.Equal(revision, issued.Count);
        Assert.All(issued.Values, certificates => Assert.Single(certificates));
        Assert.Equal([$"web-{revision}"], bench.Requests);
        Assert.Empty(bench.NextKeys);
        using var key = KeyPair.FromPem(Encoding.UTF8.GetString(bench.Entry("web-tls", "tls.key")!));
        Assert.True(bench.Leaf("web-tls").Matches(key));
        Assert.Null(bench.Certificate("web").Condition("Issuing"));
    }
}
