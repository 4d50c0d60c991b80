// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;
using Sealock.Pki.Paths;
using Sealock.Tests.Controllers.Issuance;

namespace Sealock.Tests.Controllers.Authorities;

/// <summary>The process killed at every step of a rotation, and around every write: it ends, and nobody ever meets whom he does not trust.</summary>
public sealed class RotationCrashTests
{
    public static TheoryData<string> Steps =>
    [
        "authority-begin", "authority-settle", "authority-reissue", "authority-withdraw", "authority-finish", "authority-tell",
        "mark", "next-key", "request", "sign", "hand-in", "secret", "status", "delete-key", "prune",
    ];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Killed_at_a_step_it_is_gone_on_with(string step)
    {
        using var bench = await AuthorityRotationTests.WithLeavesAsync();
        Watch(bench);
        var killed = false;
        bench.AtStep = at =>
        {
            if (at == step && !killed)
            {
                killed = true;
                throw new KilledException(step);
            }
        };
        var @new = AuthorityRotationTests.Replace(bench);
        Assert.Equal(1, await bench.SettleThroughKillsAsync());
        AuthorityRotationTests.AssertOver(bench, @new);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_before_or_after_each_write_it_is_gone_on_with(bool after)
    {
        for (var at = 1; ; at++)
        {
            using var bench = await AuthorityRotationTests.WithLeavesAsync();
            Watch(bench);
            var (kill, before) = (at, bench.Transport.Writes);
            bench.Transport.OnWrite = (number, isAfter) =>
            {
                if (number - before == kill && isAfter == after)
                    throw new KilledException($"write {kill}");
            };
            var @new = AuthorityRotationTests.Replace(bench);
            var kills = await bench.SettleThroughKillsAsync();
            AuthorityRotationTests.AssertOver(bench, @new);
            if (kills == 0)
            {
                Assert.True(at > 25, $"only {at} writes");
                return;
            }
        }
    }

    [Fact]
    public async Task Whatever_happens_in_whatever_order_everybody_trusts_everybody_and_it_ends()
    {
        var random = new Random(7);
        for (var run = 0; run < 8; run++)
        {
            using var bench = new IssuanceBench();
            bench.KeepAuthorities();
            bench.AddCa();
            bench.AddCertificate("one");
            bench.AddCertificate("two");
            await bench.SettleAsync();
            Watch(bench);
            bench.Transport.OnWrite = (_, _) =>
            {
                if (random.Next(40) == 0)
                    throw new KilledException("by chance");
            };
            var before = bench.Secret("ca-ca")!;
            for (var step = 0; step < 10; step++)
            {
                switch (random.Next(5))
                {
                    case 0:
                        before = bench.Secret("ca-ca")!;
                        AuthorityRotationTests.Replace(bench);
                        break;
                    case 1:
                        bench.PutSecret("ca-ca", before);
                        break;
                    case 2:
                        bench.AddCertificate($"more{step}");
                        break;
                    default:
                        bench.Time.Advance(TimeSpan.FromHours(random.Next(1, 30)));
                        break;
                }

                await bench.SettleThroughKillsAsync();
            }

            bench.Transport.OnWrite = null;
            var latest = AuthorityRotationTests.Replace(bench);
            for (var day = 0; day < 6; day++)
            {
                await bench.SettleAsync();
                bench.Time.Advance(TimeSpan.FromDays(1));
            }

            await bench.SettleAsync();
            AuthorityRotationTests.AssertOver(bench, latest, "one", "two");
        }
    }

    /// <summary>After every write, whoever holds a Secret is accepted by, and accepts, whoever holds any other.</summary>
    private static void Watch(IssuanceBench bench)
    {
        var inner = bench.Server.OnWrite!;
        bench.Server.OnWrite = (path, subresource, old, @new) =>
        {
            inner(path, subresource, old, @new);
            if (!path.EndsWith("-tls", StringComparison.Ordinal))
                return;
            // What is being written counts as well as what stands.
            var written = path.Split('/')[^1];
            (IReadOnlyList<Certificate> Chain, IReadOnlyList<Certificate> Trusted) Held(string name) => name == written
                ? (Read(@new, "tls.crt"), Read(@new, "ca.crt"))
                : (bench.Chain(name), AuthorityRotationTests.Trusted(bench, name[..^4]));
            var names = bench.Server.Paths("/api/v1/namespaces/ns/secrets/").Select(known => known.Split('/')[^1])
                .Where(name => name.EndsWith("-tls", StringComparison.Ordinal)).Append(written).Distinct().ToList();
            foreach (var one in names)
            {
                foreach (var other in names)
                {
                    var (chain, trusted) = (Held(one).Chain, Held(other).Trusted);
                    var verdict = ChainVerifier.Verify(
                        chain[0], [.. chain.Skip(1)], new TrustPool(trusted), new ChainRequirements { At = bench.Time.GetUtcNow() });
                    Assert.True(verdict.IsTrusted, $"{other} does not trust {one} after a write of {written}: {verdict.Reason}");
                }
            }
        };
    }

    private static IReadOnlyList<Certificate> Read(System.Text.Json.Nodes.JsonObject secret, string entry) =>
        Certificate.ListFromPem(System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(secret["data"]![entry]!.GetValue<string>())));
}
