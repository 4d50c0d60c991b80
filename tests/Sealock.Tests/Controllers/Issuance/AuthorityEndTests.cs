// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Issuance.Issuers;
using Sealock.Controllers.Views;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers.Issuance;

/// <summary>A CA that ends does not do so in silence.</summary>
public sealed class AuthorityEndTests
{
    private const string Disabled = """
        {"isCA": true, "commonName": "disca", "dnsNames": null, "issuerRef": {"name": "self"}, "duration": "240h", "renewal": {"policy": "Disabled"}}
        """;

    [Fact]
    public async Task A_whole_tree_that_nobody_renews_says_so_in_time_and_once()
    {
        using var bench = new IssuanceBench();
        bench.KeepAuthorities();
        bench.AddIssuer("self", """{"selfSigned": {}}""");
        bench.AddIssuer("ca", """{"ca": {"secretName": "disca-tls"}}""");
        bench.AddCertificate("disca", Disabled);
        bench.AddCertificate("leaf");
        await bench.SettleAsync();
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.SettleAsync();
        Assert.Contains("it is renewed when the CA is", bench.Condition("leaf", "Ready").Message, StringComparison.Ordinal);
        Assert.EndsWith("; see Issuer ca", bench.Condition("leaf", "Ready").Message, StringComparison.Ordinal);
        var end = bench.Leaf("leaf-tls").NotAfter;
        bench.Time.Advance(TimeSpan.FromDays(6));
        await bench.SettleAsync();
        Assert.Equal(("True", "Signing CA verified"), Ready(bench));

        for (var day = 7; day < 10; day++)
        {
            bench.Time.Advance(TimeSpan.FromDays(1) - TimeSpan.FromMinutes(5));
            await bench.SettleAsync();
            await bench.SettleAsync();
        }

        var concern = $"the CA CN=disca ends at {ObjectFields.Rfc3339(end)}, and its Certificate ns/disca is not renewed by itself "
            + "(spec.renewal.policy): run sealock certificate renew";
        Assert.Equal(("True", $"Signing CA verified; {concern}"), Ready(bench));
        Assert.Equal($"Issuer ns/ca: {concern}", Assert.Single(Lines(bench, "Issuer ns/ca")));
        Assert.Empty(Lines(bench, "not ready from now on"));

        for (var day = 10; day < 13; day++)
        {
            bench.Time.Advance(TimeSpan.FromDays(1));
            await bench.SettleAsync();
        }

        Assert.Equal("False", Ready(bench).Status);
        Assert.Equal(
            [$"certificate ns/disca: not ready from now on: the certificate expired at {ObjectFields.Rfc3339(end)}",
                $"certificate ns/leaf: not ready from now on: the certificate expired at {ObjectFields.Rfc3339(end)}"],
            Lines(bench, "certificate expired").Where(line => line.Contains("from now on", StringComparison.Ordinal)).Order());
        Assert.StartsWith(
            "Issuer ns/ca: not ready from now on, ErrInvalidKeyPair: the CA CN=disca is not valid now",
            Assert.Single(Lines(bench, "Issuer ns/ca: not ready")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_CA_that_is_put_in_place_of_one_that_ends_ends_the_warning()
    {
        using var bench = new IssuanceBench();
        bench.AddCa(lifetime: TimeSpan.FromDays(9));
        bench.Time.Advance(TimeSpan.FromDays(7));
        await bench.SettleAsync();
        Assert.EndsWith("and no Certificate renews it: put a new CA into the Secret ns/ca-ca", Ready(bench).Message, StringComparison.Ordinal);
        bench.AddCa(lifetime: TimeSpan.FromDays(9));
        await bench.SettleAsync();
        Assert.Equal(("True", "Signing CA verified"), Ready(bench));
        Assert.Single(Lines(bench, "Issuer ns/ca"));
    }

    [Theory]
    // Days of 90 that have passed, day of the renewal (null: none is told), whether something is said, day of the next look.
    [InlineData(10, 60d, false, 60)]
    [InlineData(61, 60d, false, 81)]
    [InlineData(82, 60d, true, 90)]
    [InlineData(82, 86d, false, 88)]
    [InlineData(89, 86d, true, 90)]
    [InlineData(79, null, false, 81)]
    [InlineData(82, null, true, 90)]
    public void A_CA_whose_Certificate_renews_it_is_told_of_when_that_has_not_helped(double day, double? renewal, bool isTold, double next)
    {
        var start = new FakeTimeProvider().GetUtcNow();
        using var key = KeyPair.Generate();
        var ca = CertificateAuthority.CreateRoot("ca", key, start, TimeSpan.FromDays(90)).Certificate;
        start = ca.NotBefore;
        var scale = (ca.NotAfter - start) / 90;
        var certificate = new CertificateView
        {
            Metadata = new() { Namespace = "ns", Name = "ca" },
            Status = new() { RenewalTime = renewal is { } time ? start + time * scale : null },
        };
        var end = AuthorityEnd.Of(ca, "ns/ca", [certificate], start + day * scale);
        Assert.Equal(isTold ? "its Certificate ns/ca has not been renewed: see sealock certificate status" : "", end.Concern.Split(", and ")[^1]);
        Assert.InRange(end.NextLook, start + next * scale - TimeSpan.FromSeconds(2), start + next * scale + TimeSpan.FromSeconds(2));
    }

    private static IReadOnlyList<string> Lines(IssuanceBench bench, string text) =>
        [.. bench.Log.Lines.Where(line => line.Contains(text, StringComparison.Ordinal))];

    private static (string Status, string Message) Ready(IssuanceBench bench)
    {
        var condition = bench.Issuer().Status.Conditions.Single(condition => condition.Type == "Ready");
        return (condition.Status, condition.Message);
    }
}
