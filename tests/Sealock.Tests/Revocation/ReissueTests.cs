// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Revocation;
using Sealock.Pki.Certificates;
using Sealock.Tests.Controllers.Issuance;

namespace Sealock.Tests.Revocation;

/// <summary>What becomes of a declared Certificate whose certificate is revoked.</summary>
public sealed class ReissueTests
{
    [Theory]
    [InlineData("keyCompromise")]
    [InlineData("superseded")]
    [InlineData("unspecified")]
    public async Task One_that_is_revoked_for_good_is_replaced_by_another_with_another_key(string reason)
    {
        using var bench = Bench("{}");
        await bench.SettleAsync();
        var before = bench.Leaf("web-tls");
        Revoke(bench, before, reason);
        await bench.SettleAsync();
        var after = bench.Leaf("web-tls");
        Assert.NotEqual(before.SerialNumber, after.SerialNumber);
        Assert.NotEqual(before.PublicKey, after.PublicKey);
        Assert.Equal((2, "True"), (bench.Certificate("web").Status.Revision, bench.Condition("web", "Ready").Status));
    }

    [Fact]
    public async Task One_on_hold_is_not_ready_until_it_is_released()
    {
        using var bench = Bench("{}");
        await bench.SettleAsync();
        var leaf = bench.Leaf("web-tls");
        Revoke(bench, leaf, "certificateHold");
        await bench.SettleAsync();
        Assert.Equal(("False", "Revoked"), (bench.Condition("web", "Ready").Status, bench.Condition("web", "Ready").Reason));
        Assert.Equal(leaf, bench.Leaf("web-tls"));
        bench.Revoked.Clear();
        await bench.SettleAsync();
        Assert.Equal(("True", leaf), (bench.Condition("web", "Ready").Status, bench.Leaf("web-tls")));
    }

    [Fact]
    public async Task A_compromised_key_that_is_to_be_kept_is_not_certified_again()
    {
        using var bench = Bench("""{"privateKey": {"rotationPolicy": "Never"}}""");
        await bench.SettleAsync();
        var leaf = bench.Leaf("web-tls");
        Revoke(bench, leaf, "keyCompromise");
        await bench.SettleAsync();
        Assert.Equal(("False", "Revoked"), (bench.Condition("web", "Ready").Status, bench.Condition("web", "Ready").Reason));
        Assert.Contains("rotationPolicy Never", bench.Condition("web", "Ready").Message, StringComparison.Ordinal);
        Assert.Equal(leaf, bench.Leaf("web-tls"));
        Revoke(bench, leaf, "superseded");
        await bench.SettleAsync();
        Assert.NotEqual(leaf, bench.Leaf("web-tls"));
        Assert.Equal(leaf.PublicKey, bench.Leaf("web-tls").PublicKey);
    }

    private static IssuanceBench Bench(string spec)
    {
        var bench = new IssuanceBench();
        bench.AddCa();
        bench.AddCertificate("web", spec, "{}");
        return bench;
    }

    private static void Revoke(IssuanceBench bench, Certificate leaf, string reason) =>
        bench.Revoked[RevokedCertificates.MarkOf(leaf)] = new RevocationSpecView { Reason = reason };
}
