// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Rotating;

/// <summary>What a command may do with a rotation as it stands. Pure.</summary>
public static class RotationEntry
{
    /// <summary>Why a phase cannot be asked for now, in plain words; null where it can.</summary>
    /// <param name="subject">What is rotated.</param>
    /// <param name="state">How far it is; null: not begun.</param>
    /// <param name="only">The phase; null for all that can be reached.</param>
    public static string? Refuse(string subject, RotationState? state, RotationPhase? only)
    {
        if (state is { Phase: RotationPhase.Return })
            return $"the rotation of {subject} is being undone: finish that with sealock pki rotate undo {subject}";
        if (only is not { } wanted)
            return null;
        if (wanted == RotationPhase.Stable)
        {
            return state is null or { IsOver: true } ? null
                : $"the rotation of {subject} is in the phase {PhaseRules.NameOf(state.Phase)}: go on with sealock pki rotate {subject}, or back with sealock pki rotate undo {subject}";
        }

        var phase = state?.Phase ?? RotationPhase.Stable;
        if (wanted == phase || wanted == PhaseRules.After(phase) || (wanted == RotationPhase.Trust && state is { IsOver: true }))
            return null;
        return wanted > phase
            ? $"the rotation of {subject} is in the phase {PhaseRules.NameOf(phase)}: {PhaseRules.NameOf(PhaseRules.After(phase) ?? phase)} comes first"
            : $"the rotation of {subject} is past the phase {PhaseRules.NameOf(wanted)}: sealock pki rotate undo {subject} returns to it";
    }

    /// <summary>Whether a rotation that is over is forgotten, since another begins or the user says so.</summary>
    public static bool EndsFormer(RotationPhase phase, RotationPhase? only, bool again) =>
        phase is RotationPhase.Stable or RotationPhase.Return || again || only is RotationPhase.Trust or RotationPhase.Stable;
}
