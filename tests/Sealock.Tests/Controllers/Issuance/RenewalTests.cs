// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Issuance;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.Tests.Controllers.Issuance;

/// <summary>When certificates are renewed and when not, what lifetime they have, and what is told of it.</summary>
public sealed class RenewalTests
{
    [Theory]
    [InlineData("5m", 15)]
    [InlineData("1h", 180)]
    [InlineData("7h", 300)]
    [InlineData("24h", 300)]
    [InlineData("2160h", 300)]
    public async Task A_certificate_lives_as_long_as_it_was_asked_to(string duration, int backdateSeconds)
    {
        var (bench, _) = IssuanceBench.Ready($$"""{"duration": "{{duration}}"}""");
        using (bench)
        {
            bench.AddIssuer("self", """{"selfSigned": {}}""");
            bench.AddCertificate("own", $$"""{"duration": "{{duration}}", "issuerRef": {"name": "self"} }""");
            await bench.SettleAsync();
            foreach (var name in (string[])["web", "own"])
            {
                var leaf = bench.Leaf($"{name}-tls");
                Assert.Equal(bench.Certificate(name).Spec.Duration, leaf.NotAfter - leaf.NotBefore);
                Assert.Equal(bench.Time.GetUtcNow().AddSeconds(-backdateSeconds), leaf.NotBefore, TimeSpan.FromSeconds(1));
                Assert.Equal(1, bench.Certificate(name).Status.Revision);
            }
        }
    }

    [Theory]
    [InlineData("""{"duration": "24h", "renewBefore": "23h57m"}""")]
    [InlineData("""{"duration": "24h", "renewBeforePercentage": 99}""")]
    public async Task Renewal_that_is_asked_for_too_soon_is_put_off_and_told(string spec)
    {
        var (bench, _) = IssuanceBench.Ready(spec);
        using (bench)
        {
            await bench.SettleAsync();
            Assert.Equal(1, bench.Certificate("web").Status.Revision);
            Assert.Equal(bench.Time.GetUtcNow().AddHours(2.4), bench.Certificate("web").Status.RenewalTime!.Value, TimeSpan.FromMinutes(1));
            Assert.Contains("make spec.renewBefore shorter, or spec.duration longer", bench.Condition("web", "Ready").Message, StringComparison.Ordinal);
            // What is asked for otherwise does not wait.
            bench.Change("web", spec => spec["dnsNames"]!.AsArray().Add("more.example.com"));
            await bench.SettleAsync();
            bench.Change("web", spec => spec["dnsNames"]!.AsArray().Add("still.example.com"));
            await bench.SettleAsync();
            Assert.Equal(3, bench.Certificate("web").Status.Revision);
            await bench.DeleteSecretAsync("web-tls");
            await bench.SettleAsync();
            await bench.DeleteSecretAsync("web-tls");
            await bench.SettleAsync();
            Assert.Equal(5, bench.Certificate("web").Status.Revision);
        }
    }

    [Fact]
    public async Task A_certificate_that_ends_with_its_CA_waits_for_the_next_CA_and_follows_it()
    {
        using var bench = new IssuanceBench();
        bench.KeepAuthorities();
        var ca = bench.AddCa("ca", TimeSpan.FromDays(10));
        bench.AddCertificate("web");
        await bench.SettleAsync();
        Assert.Equal(ca.Certificate.NotAfter, bench.Leaf("web-tls").NotAfter);
        Assert.Null(bench.Certificate("web").Status.RenewalTime);
        Assert.Contains("the certificate ends with its CA at ", bench.Condition("web", "Ready").Message, StringComparison.Ordinal);
        bench.Time.Advance(TimeSpan.FromDays(8));
        await bench.SettleAsync();
        Assert.Equal(1, bench.Certificate("web").Status.Revision);

        // The same key certified anew: its leaves may last longer now, and are due.
        var key = KeyPair.Generate();
        bench.PutPair("ca-ca", CertificateAuthority.CreateRoot("ca", key, bench.Time.GetUtcNow()).Certificate.ToPem(), key.ToPkcs8Pem());
        for (var hours = 0; hours < 60 && bench.Certificate("web").Status.Revision == 1; hours++)
        {
            await bench.SettleAsync();
            bench.Time.Advance(TimeSpan.FromHours(1));
            Assert.True(bench.Time.GetUtcNow() < ca.Certificate.NotAfter, "not replaced before the old CA's end");
        }

        Assert.Equal(2, bench.Certificate("web").Status.Revision);
        Assert.StartsWith("AuthorityReplaced: ", (string?)bench.Request("web-2")["metadata"]!["annotations"]![WellKnown.Cause], StringComparison.Ordinal);
        Assert.Contains(bench.Log.Lines, line => line.StartsWith("certificate ns/web: rotated as revision 2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_CA_of_the_same_key_that_lasts_longer_lets_its_leaves_be_renewed()
    {
        using var bench = new IssuanceBench();
        bench.KeepAuthorities();
        var key = KeyPair.Generate();
        bench.PutPair("ca-ca", CertificateAuthority.CreateRoot("ca", key, bench.Time.GetUtcNow(), TimeSpan.FromDays(10)).Certificate.ToPem(), key.ToPkcs8Pem());
        bench.AddIssuer("ca", """{"ca": {"secretName": "ca-ca"} }""");
        bench.AddCertificate("web");
        await bench.SettleAsync();
        bench.Time.Advance(TimeSpan.FromDays(8));
        bench.PutPair("ca-ca", CertificateAuthority.CreateRoot("ca", key, bench.Time.GetUtcNow()).Certificate.ToPem(), key.ToPkcs8Pem());
        for (var hours = 0; hours < 40; hours++)
        {
            await bench.SettleAsync();
            bench.Time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(2, bench.Certificate("web").Status.Revision);
        Assert.True(bench.Leaf("web-tls").NotAfter > bench.Time.GetUtcNow().AddDays(80));
    }

    [Fact]
    public async Task What_did_not_help_is_not_done_again_at_once()
    {
        var (bench, _) = IssuanceBench.Ready();
        using (bench)
        {
            await bench.SettleAsync();
            for (var i = 0; i < 5; i++)
            {
                // Another program puts another key there, again and again.
                using var other = KeyPair.Generate();
                var spoilt = bench.Secret("web-tls")!;
                spoilt["data"]![WellKnown.KeyEntry] = IssuanceBench.Base64(other.ToTraditionalPem());
                bench.PutSecret("web-tls", spoilt);
                await bench.SettleAsync();
            }

            Assert.Equal(2, bench.Certificate("web").Status.Revision);
            bench.Time.Advance(TimeSpan.FromHours(1));
            await bench.SettleAsync();
            Assert.Equal(3, bench.Certificate("web").Status.Revision);
        }
    }

    [Fact]
    public async Task Each_certificate_that_is_issued_fails_or_is_refused_is_logged_in_one_line_without_secrets()
    {
        var (bench, _) = IssuanceBench.Ready();
        using (bench)
        {
            await bench.SettleAsync();
            var serial = bench.Leaf("web-tls").SerialNumber;
            Assert.Equal([$"certificate ns/web: issued as revision 1 by Issuer.cert-manager.io/ca, serial {serial}, valid until "
                + $"{bench.Leaf("web-tls").NotAfter:yyyy-MM-dd'T'HH:mm:ss'Z'} (DoesNotExist: the Secret web-tls does not exist)"], bench.Log.Lines);
            bench.Time.Advance(TimeSpan.FromDays(61));
            await bench.SettleAsync();
            Assert.StartsWith("certificate ns/web: renewed as revision 2", bench.Log.Lines[^1], StringComparison.Ordinal);

            bench.AddCertificate("bad", """{"issuerRef": {"name": "ca"}, "usages": ["no such usage"]}""");
            await bench.SettleAsync();
            bench.AddCertificate("nobody", """{"dnsNames": []}""");
            await bench.SettleAsync();
            Assert.Equal(4, bench.Log.Lines.Count);
            Assert.Matches("^certificate ns/(bad: revision 1 failed by|bad: not issued)", bench.Log.Lines[2]);
            Assert.StartsWith("certificate ns/nobody: not issued, InvalidSpecification: it names nobody", bench.Log.Lines[3], StringComparison.Ordinal);
            Assert.All(bench.Log.Lines, line => Assert.DoesNotContain('\n', line));
        }
    }
}
