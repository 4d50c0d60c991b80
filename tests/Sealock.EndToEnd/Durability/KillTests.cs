// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Xunit.Abstractions;

namespace Sealock.EndToEnd.Durability;

/// <summary>
/// What the server acknowledged survives <c>kill -9</c>. SEALOCK_KILLS sets how often it is killed (5 by default);
/// eng/long/kill-server.sh kills it hundreds of times.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static int Kills =>
        int.TryParse(Environment.GetEnvironmentVariable("SEALOCK_KILLS"), CultureInfo.InvariantCulture, out var set) ? set : 5;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_watches_go_on_without_a_gap()
    {
        using var rig = new KillRig();
        while (rig.Kills < Kills)
            await rig.RunAsync();
        await rig.RunAsync(); // compares what the last kill left
        Assert.True(rig.Tally.Acknowledged > 0 && rig.Tally.Certificates > 0);
        output.WriteLine(rig.Tally.Describe(rig.Kills, rig.KillsWhileStarting));
    }

    [Fact]
    public async Task A_server_that_forgets_is_noticed()
    {
        using var rig = new KillRig();
        await rig.RunAsync();
        rig.KeepStore();
        await rig.RunAsync();
        rig.BringBackStore();
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(rig.RunAsync);
    }
}
