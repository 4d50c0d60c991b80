// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Xunit.Abstractions;

namespace Sealock.EndToEnd.Trust;

/// <summary>
/// A CA with many Certificates under it is renewed by its own Certificate, while clients with their own certificates ask a real
/// nginx that checks them. SEALOCK_CA_LEAVES says how many Certificates there are, SEALOCK_CA_OVERLAP how long the overlaps are.
/// </summary>
public sealed class CaRenewalTests(RunningCluster cluster, ITestOutputHelper output) : IClassFixture<RunningCluster>
{
    private static readonly int Leaves = Number("SEALOCK_CA_LEAVES", 24);
    private static readonly int Overlap = Number("SEALOCK_CA_OVERLAP", 3);

    [PeerFact("nginx", "curl")]
    public async Task Requests_never_fail_while_a_CA_is_renewed()
    {
        using var rig = new RenewalRig(cluster, Leaves, Overlap);
        await rig.DeclareAsync();
        var first = await rig.WaitForLeavesAsync(revision: 1);
        await using var nginx = await rig.StartNginxAsync();
        await using var clients = rig.StartClients(["leaf-1", "leaf-2", "leaf-3", $"leaf-{Leaves - 1}"]);
        await rig.UntilAsync("clients have asked", () => Task.FromResult(clients.Requests > 20));

        var begun = DateTimeOffset.UtcNow;
        await rig.RenewCaAsync();
        // Trust comes first: every Secret holds both CAs while each leaf is still the old one's.
        await rig.UntilAsync("the new CA is trusted", async () => await rig.PhaseAsync() is "Trust");
        var both = await rig.WaitForTrustAsync(2);
        Assert.All(both, leaf => Assert.Equal(first[leaf.Key].Leaf, leaf.Value.Leaf));
        output.WriteLine($"both CAs in {both.Count} Secrets after {DateTimeOffset.UtcNow - begun:g}");

        var second = await rig.WaitForLeavesAsync(revision: 2);
        output.WriteLine($"{second.Count} certificates replaced after {DateTimeOffset.UtcNow - begun:g}");
        Assert.All(second, leaf =>
        {
            Assert.NotEqual(first[leaf.Key].Leaf, leaf.Value.Leaf);
            Assert.True(leaf.Value.Leaf.NotAfter <= leaf.Value.Trusted.Max(ca => ca.NotAfter));
        });
        await rig.UntilAsync("the old CA is withdrawn", async () => await rig.PhaseAsync() is "Stable");
        var last = await rig.WaitForTrustAsync(1);
        output.WriteLine($"the old CA is withdrawn after {DateTimeOffset.UtcNow - begun:g}");
        Assert.All(last, leaf =>
        {
            Assert.Null(leaf.Value.Leaf.RefuseSignature(leaf.Value.Trusted[0].PublicKey));
            Assert.Equal(2, leaf.Value.Revision);
        });
        Assert.NotEqual(first["leaf-1"].Trusted[0], last["leaf-1"].Trusted[0]);
        await rig.UntilAsync("the Bundle holds the new CA alone", async () =>
            (await rig.BundleAsync()) is [var only] && only.Equals(last["leaf-1"].Trusted[0]));

        var asked = clients.Requests;
        await rig.UntilAsync("clients have asked again", () => Task.FromResult(clients.Requests > asked + 20));
        await clients.StopAsync();
        output.WriteLine($"{clients.Requests} requests, {nginx.Reloads} reloads");
        Assert.Empty(clients.Failures);
        foreach (var moment in rig.BundleHistory)
            output.WriteLine($"Bundle: {moment}");
        // The Bundle goes from one CA to both to the other.
        Assert.Equal(["old", "both", "new"], rig.BundleHistory);
    }

    private static int Number(string name, int normal) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : normal;
}
