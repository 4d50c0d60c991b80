// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Pki.Rotation;

/// <summary>What holds in each phase. Everything else follows from this table.</summary>
public static class PhaseRules
{
    private static readonly (bool TrustsOld, bool TrustsNew, bool NewSigns)[] Table =
    [
        (true, false, false), // Stable
        (true, true, false),  // Trust
        (true, true, true),   // Reissue
        (false, true, true),  // Withdraw
        (true, false, false), // Return
    ];

    /// <summary>All phases.</summary>
    public static IReadOnlyList<RotationPhase> All { get; } = Enum.GetValues<RotationPhase>();

    /// <summary>Whether whoever is in this phase trusts the old one.</summary>
    public static bool TrustsOld(RotationPhase phase) => Table[(int)phase].TrustsOld;

    /// <summary>Whether whoever is in this phase trusts the new one.</summary>
    public static bool TrustsNew(RotationPhase phase) => Table[(int)phase].TrustsNew;

    /// <summary>Whether whoever is in this phase shows what the new one has signed.</summary>
    public static bool NewSigns(RotationPhase phase) => Table[(int)phase].NewSigns;

    /// <summary>
    /// Whether two that are in these phases accept each other. The cross-signed CA does not count here: it is for those
    /// outside, who know the old CA alone and are in no phase.
    /// </summary>
    public static bool AcceptEachOther(RotationPhase one, RotationPhase other) => Accepts(one, other) && Accepts(other, one);

    /// <summary>The phase after this one; null where the rotation ends with it.</summary>
    public static RotationPhase? After(RotationPhase phase) => phase switch
    {
        RotationPhase.Stable => RotationPhase.Trust,
        RotationPhase.Trust => RotationPhase.Reissue,
        RotationPhase.Reissue => RotationPhase.Withdraw,
        _ => null,
    };

    /// <summary>The phase that an undo leads to; null where there is nothing to undo.</summary>
    public static RotationPhase? Before(RotationPhase phase) => phase switch
    {
        RotationPhase.Trust => RotationPhase.Return,
        RotationPhase.Reissue => RotationPhase.Trust,
        RotationPhase.Withdraw => RotationPhase.Reissue,
        _ => null,
    };

    /// <summary>The phase's name on the command line and in state files.</summary>
    public static string NameOf(RotationPhase phase) => phase switch
    {
        RotationPhase.Stable => "stable",
        RotationPhase.Trust => "trust",
        RotationPhase.Reissue => "reissue",
        RotationPhase.Withdraw => "withdraw",
        _ => "return",
    };

    /// <summary>The phase of a name; null where there is none.</summary>
    public static RotationPhase? Find(string name)
    {
        foreach (var phase in All)
        {
            if (NameOf(phase) == name)
                return phase;
        }

        return null;
    }

    private static bool Accepts(RotationPhase verifier, RotationPhase presenter) =>
        NewSigns(presenter) ? TrustsNew(verifier) : TrustsOld(verifier);
}
