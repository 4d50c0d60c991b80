// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Pki.Issuing;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers.Issuance;

/// <summary>However a specification and its CA are: a certificate is not issued more often than its lifetime can tell of.</summary>
public sealed class RenewalBoundsTests
{
    private static readonly TimeSpan[] Durations =
        [TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(61), TimeSpan.FromHours(8), TimeSpan.FromHours(24), TimeSpan.FromHours(144), TimeSpan.FromDays(90)];

    public static TheoryData<string> Kinds => ["kept", "not kept"];

    /// <summary>Where account of CAs is kept the end of the CA is known; elsewhere it is not, and renewals grow rarer no further than they may.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Issuances_are_bounded_by_lifetimes_and_nothing_lapses_that_could_last(string kind) => Prop.ForAll(
        Gen.Elements(Durations).ToArbitrary(), Gen.Choose(0, 100).ToArbitrary(), Gen.Choose(0, 120).ToArbitrary(),
        (duration, reserve, rest) => CheckAsync(kind == "kept", duration, reserve, rest).GetAwaiter().GetResult()).Check(
            Config.QuickThrowOnFailure.WithMaxTest(25));

    private static async Task CheckAsync(bool isKept, TimeSpan duration, int reservePercent, int restPercent)
    {
        var time = new FakeTimeProvider();
        var start = time.GetUtcNow();
        using var bench = new IssuanceBench(time);
        if (isKept)
            bench.KeepAuthorities();
        // What the CA has left, in hundredths of twice the lifetime.
        var ca = bench.AddCa("ca", duration * 2 * restPercent / 100 + TimeSpan.FromSeconds(90) + new ValidityRules().Backdate);
        var end = ca.Certificate.NotAfter;
        var before = duration * reservePercent / 100;
        bench.AddCertificate("web", string.Create(CultureInfo.InvariantCulture,
            $$"""{"duration": "{{duration.TotalSeconds}}s", "renewBefore": "{{Math.Max(1, Math.Min(before.TotalSeconds, duration.TotalSeconds - 1))}}s"}"""));
        await bench.SettleAsync();
        var covered = bench.Leaf("web-tls").NotAfter;
        for (var looks = 0; time.GetUtcNow() < end; looks++)
        {
            Assert.True(looks < 2000, "looks without end");
            var next = bench.NextLook is { } look && look < end ? look : end;
            Assert.True(next > time.GetUtcNow() || next == end);
            time.Advance(next - time.GetUtcNow());
            Assert.True(time.GetUtcNow() <= covered || covered == end, $"nothing valid since {covered:u} though the CA lasts until {end:u}");
            if (time.GetUtcNow() >= end)
                break;
            await bench.SettleAsync();
            covered = bench.Leaf("web-tls").NotAfter;
        }

        Assert.Equal(end, covered);
        var lifetimes = (end - start) / duration;
        // At most ten in a lifetime, or four a day; then, where the end of the CA is not known, a tenth of what is left each, down to a minute.
        var most = 2 + 1.1 * lifetimes * Math.Max(10, duration / TimeSpan.FromHours(6)) + (isKept ? 1 : 10 * Math.Log(Math.Max(2, duration / TimeSpan.FromMinutes(1))) + 20);
        var revision = bench.Certificate("web").Status.Revision!.Value;
        Assert.True(revision <= most, $"{revision} certificates in {lifetimes:0.0} lifetimes");
        Assert.Equal(revision, bench.Log.Lines.Count(line => line.Contains("as revision", StringComparison.Ordinal)));
    }
}
