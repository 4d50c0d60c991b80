// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Rotation;
using static Sealock.Pki.Rotation.RotationPhase;

namespace Sealock.Tests.Pki.Rotation;

public sealed class PhaseRulesTests
{
    /// <summary>For each pair of phases whether two members in them accept each other.</summary>
    public static TheoryData<RotationPhase, RotationPhase, bool> Pairs => new()
    {
        { Stable, Stable, true }, { Stable, Trust, true }, { Stable, Reissue, false }, { Stable, Withdraw, false }, { Stable, Return, true },
        { Trust, Trust, true }, { Trust, Reissue, true }, { Trust, Withdraw, false }, { Trust, Return, true },
        { Reissue, Reissue, true }, { Reissue, Withdraw, true }, { Reissue, Return, false },
        { Withdraw, Withdraw, true }, { Withdraw, Return, false }, { Return, Return, true },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Two_phases_live_side_by_side_or_not(RotationPhase one, RotationPhase other, bool together)
    {
        Assert.Equal(together, PhaseRules.AcceptEachOther(one, other));
        Assert.Equal(together, PhaseRules.AcceptEachOther(other, one));
    }

    [Fact]
    public void A_phase_lives_beside_the_next_and_beside_the_one_that_an_undo_leads_to()
    {
        foreach (var phase in PhaseRules.All)
        {
            if (PhaseRules.After(phase) is { } after)
                Assert.True(PhaseRules.AcceptEachOther(phase, after));
            if (PhaseRules.Before(phase) is { } before)
                Assert.True(PhaseRules.AcceptEachOther(phase, before));
        }
    }

    [Fact]
    public void Names_lead_back_to_phases() =>
        Assert.All(PhaseRules.All, phase => Assert.Equal(phase, PhaseRules.Find(PhaseRules.NameOf(phase))));
}
