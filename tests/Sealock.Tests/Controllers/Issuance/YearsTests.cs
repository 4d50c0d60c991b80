// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Issuance.Issuers;
using Sealock.Controllers.Views;
using Sealock.Pki.Issuing;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers.Issuance;

/// <summary>Years of renewals in seconds of fake time: no gap in validity, no certificate that was not needed.</summary>
public sealed class YearsTests
{
    [Theory]
    // A CA that always answers.
    [InlineData("2160h", 3650, 0, 0, 60)]
    // 160 hours, as Let's Encrypt's short-lived profile; the CA is down for two days of every fourteen.
    [InlineData("160h", 365, 14, 48, 0)]
    // 90 days; the CA is down for a week of every thirty days.
    [InlineData("2160h", 3650, 30, 168, 0)]
    public async Task No_gap_and_nothing_needless(string duration, int days, int everyDays, int downHours, int renewals)
    {
        var time = new FakeTimeProvider();
        var start = time.GetUtcNow();
        var kind = new UnreliableCa(time, at => everyDays > 0 && (at - start).TotalHours % (everyDays * 24) > everyDays * 24 - downHours);
        using var bench = new IssuanceBench(time, kind);
        bench.AddIssuer("ca", """{"acme": {}}""");
        bench.AddCertificate("web", $$"""{"duration": "{{duration}}"}""");
        await bench.SettleAsync();
        DateTimeOffset until = start.AddDays(days), covered = bench.Leaf("web-tls").NotAfter;
        var tries = 0;
        while (time.GetUtcNow() < until)
        {
            Assert.NotNull(bench.NextLook);
            time.Advance(bench.NextLook!.Value - time.GetUtcNow());
            Assert.True(time.GetUtcNow() <= covered, $"a gap at {time.GetUtcNow():u}: nothing valid since {covered:u}, after {tries} tries");
            await bench.SettleAsync();
            covered = bench.Leaf("web-tls").NotAfter;
            tries++;
            Assert.True(bench.IsReady("web"));
            Assert.True(bench.Requests.Count <= 2);
        }

        var lifetime = bench.Leaf("web-tls").Lifetime;
        var expected = (until - start) / (lifetime * 2 / 3);
        var revision = bench.Certificate("web").Status.Revision!.Value;
        Assert.True(revision <= expected + 2, $"{revision} certificates where {expected:0} were needed");
        Assert.True(renewals == 0 || revision >= renewals);
        Assert.Equal(revision, kind.Issued);
    }

    [Fact]
    public async Task Six_days_outlive_two_days_without_a_CA_whenever_they_begin()
    {
        // Around the time of renewal and the end every few minutes, elsewhere by hours.
        var starts = Enumerable.Range(0, 24).Select(step => TimeSpan.FromHours(6 * step))
            .Concat(Enumerable.Range(-15, 30).Select(step => TimeSpan.FromHours(95) + TimeSpan.FromMinutes(step) + TimeSpan.FromSeconds(step)));
        foreach (var outage in starts)
        {
            var time = new FakeTimeProvider();
            var start = time.GetUtcNow();
            using var bench = new IssuanceBench(time, new UnreliableCa(time, at => at >= start + outage && at < start + outage + TimeSpan.FromHours(48) && at > start));
            bench.AddIssuer("ca", """{"acme": {}}""");
            bench.AddCertificate("web", """{"duration": "144h"}""");
            await bench.SettleAsync();
            while (time.GetUtcNow() < start.AddHours(200))
            {
                var covered = bench.Leaf("web-tls").NotAfter;
                time.Advance(bench.NextLook!.Value - time.GetUtcNow());
                Assert.True(time.GetUtcNow() <= covered, $"a gap after {covered:u} where the CA is down from {start + outage:u}");
                await bench.SettleAsync();
            }
        }
    }

    [Theory]
    // With a key of its own each time the CA is another one, with the same key the same.
    [InlineData("Always", "2160h")]
    [InlineData("Never", "2160h")]
    [InlineData("Always", "4320h")]
    [InlineData("Never", "4320h")]
    public async Task Certificates_that_end_with_their_CA_follow_it_for_years(string rotation, string duration)
    {
        using var bench = new IssuanceBench();
        var time = bench.Time;
        bench.KeepAuthorities();
        bench.AddIssuer("self", """{"selfSigned": {}}""");
        bench.AddIssuer("ca", """{"ca": {"secretName": "root-tls"} }""");
        bench.AddCertificate("root", $$"""
            {"isCA": true, "commonName": "root", "dnsNames": null, "issuerRef": {"name": "self"},
             "privateKey": {"algorithm": "ECDSA", "rotationPolicy": "{{rotation}}"} }
            """);
        await bench.SettleAsync();
        time.Advance(TimeSpan.FromMinutes(1));
        bench.AddCertificate("web", $$"""{"duration": "{{duration}}"}""");
        await bench.SettleAsync();
        var start = time.GetUtcNow();
        var covered = bench.Leaf("web-tls").NotAfter;
        while (time.GetUtcNow() < start.AddDays(730))
        {
            var next = bench.NextLook is { } look && look < time.GetUtcNow().AddDays(1) ? look : time.GetUtcNow().AddDays(1);
            time.Advance(next - time.GetUtcNow());
            Assert.True(time.GetUtcNow() <= covered, $"a gap since {covered:u}: {bench.Condition("web", "Ready")}");
            await bench.SettleAsync();
            covered = bench.Leaf("web-tls").NotAfter;
        }

        Assert.InRange(bench.Certificate("web").Status.Revision!.Value, 2, 730 / 60 * 2 + 2);
        Assert.InRange(bench.Certificate("root").Status.Revision!.Value, 2, 730 / 60 + 2);
    }

    /// <summary>A CA that is down at times; a request that meets it then fails.</summary>
    private sealed class UnreliableCa(TimeProvider time, Func<DateTimeOffset, bool> isDown) : IIssuerKind
    {
        private readonly CertificateAuthority _ca = SigningBench.NewCa("unreliable", time.GetUtcNow(), TimeSpan.FromDays(36500));

        public string Name => "acme";

        public int Issued { get; private set; }

        public ValueTask<IssuerCheck> CheckAsync(IssuerView issuer, string secretNamespace, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new IssuerCheck(true, "Registered", ""));

        public ValueTask<SigningOutcome> SignAsync(SigningTask task, CancellationToken cancellationToken)
        {
            if (isDown(task.Now))
                return ValueTask.FromResult<SigningOutcome>(new SigningOutcome.Failed("Down", "the CA does not answer"));
            Issued++;
            return ValueTask.FromResult<SigningOutcome>(new SigningOutcome.Issued(_ca.Issue(IssuanceRequests.Of(task), task.Now).Require().ToPem(), ""));
        }
    }
}
