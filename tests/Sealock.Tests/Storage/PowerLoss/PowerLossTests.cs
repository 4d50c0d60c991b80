// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Xunit.Abstractions;

namespace Sealock.Tests.Storage.PowerLoss;

/// <summary>
/// What was acknowledged survives the loss of power. SEALOCK_POWER_LOSSES sets how often the power goes (5 by default);
/// eng/long/power-loss.sh runs hundreds.
/// </summary>
public sealed class PowerLossTests(ITestOutputHelper output)
{
    private static int Rounds =>
        int.TryParse(Environment.GetEnvironmentVariable("SEALOCK_POWER_LOSSES"), CultureInfo.InvariantCulture, out var set) ? set : 5;

    [PowerLossTheory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task No_acknowledged_write_is_lost_and_none_is_half_applied(int leak)
    {
        using var rig = await RunAsync(Rounds, withoutSync: false, leak);
        Assert.True(rig.Syncs > 0);
        Assert.Equal(0, rig.Lost);
    }

    [PowerLossFact]
    public async Task The_same_without_syncs_is_noticed()
    {
        using var rig = await RunAsync(1, withoutSync: true, leak: 0);
        Assert.True(rig.Lost > 0);
    }

    private async Task<PowerLossRig> RunAsync(int rounds, bool withoutSync, int leak)
    {
        var rig = new PowerLossRig();
        try
        {
            var random = new Random(rounds + leak);
            for (var round = 0; round < rounds; round++)
                await rig.RunAsync(clients: 1 << random.Next(7), killAfter: random.Next(1, 4_000), withoutSync, leak);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{rounds} losses of power{(withoutSync ? " without syncs" : "")}, one in {leak} unsynced writes leaked: "
                + $"{rig.Acknowledged} writes acknowledged, {rig.Lost} lost, {rig.Syncs} syncs"));
            return rig;
        }
        catch
        {
            rig.Dispose();
            throw;
        }
    }
}

internal static class PowerLossCondition
{
    /// <summary>Why the tests cannot run; in CI they have to.</summary>
    public static string? Reason =>
        PowerLossRig.IsPossible || Environment.GetEnvironmentVariable("CI") == "true" ? null : "needs Linux and cc";
}

public sealed class PowerLossFactAttribute : FactAttribute
{
    public PowerLossFactAttribute() => Skip = PowerLossCondition.Reason;
}

public sealed class PowerLossTheoryAttribute : TheoryAttribute
{
    public PowerLossTheoryAttribute() => Skip = PowerLossCondition.Reason;
}
