// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;

namespace Sealock.Pki.Rotation;

/// <summary>
/// Where a rotation is: the phase it has entered, and for every member (a node, an endpoint, a controller) the phases it
/// may be in. A member whose files are being changed, or were when the process died, may be in several; when it has been
/// seen to hold what the phase asks for, it is in one. Immutable; every move gives a new state or says why not.
/// </summary>
public sealed record RotationState
{
    /// <summary>The phase that was entered last.</summary>
    public required RotationPhase Phase { get; init; }

    /// <summary>The phases that each member may be in, at least one.</summary>
    public required ImmutableSortedDictionary<string, ImmutableSortedSet<RotationPhase>> Members { get; init; }

    /// <summary>True where every member has been seen to hold what the phase asks for.</summary>
    public bool IsClosed => Members.Values.All(phases => phases.Count == 1 && phases[0] == Phase);

    /// <summary>True where nothing is left of the rotation: it ends, and its state can go.</summary>
    public bool IsOver => IsClosed && Phase is RotationPhase.Stable or RotationPhase.Withdraw or RotationPhase.Return;

    /// <summary>The members that are not known to be in the phase yet, in order.</summary>
    public IEnumerable<string> Left => Members.Where(pair => pair.Value.Count > 1 || pair.Value[0] != Phase).Select(pair => pair.Key);

    /// <summary>Before a rotation.</summary>
    public static RotationState Start(IEnumerable<string> members) => new()
    {
        Phase = RotationPhase.Stable,
        Members = members.ToImmutableSortedDictionary(
            member => member, _ => ImmutableSortedSet.Create(RotationPhase.Stable), StringComparer.Ordinal),
    };

    /// <summary>
    /// The members that stand in the way of a phase: they may be in one that cannot live beside it, since somebody would
    /// refuse somebody's certificate.
    /// </summary>
    public IReadOnlyList<string> InTheWayOf(RotationPhase phase) =>
        [.. Members.Where(pair => !pair.Value.All(possible => PhaseRules.AcceptEachOther(possible, phase))).Select(pair => pair.Key)];

    /// <summary>Enters the next phase.</summary>
    /// <param name="force">Although members stand in the way.</param>
    public RotationMove Advance(bool force = false) => Enter(PhaseRules.After(Phase), force, "there is no phase after");

    /// <summary>Returns to the phase before.</summary>
    /// <param name="force">Although members stand in the way.</param>
    public RotationMove Undo(bool force = false) => Enter(PhaseRules.Before(Phase), force, "there is nothing to undo in the phase");

    /// <summary>To be stored before anything of a member is changed: from now on it may be in the phase.</summary>
    public RotationState Begin(string member) => With(member, Members[member].Add(Phase));

    /// <summary>The member has been seen to be in the phase.</summary>
    public RotationState Confirm(string member) => With(member, [Phase]);

    /// <summary>
    /// Takes members in and out, as a cluster grows and shrinks meanwhile. A new member is made from the files of the
    /// phase that was entered last or, where that is under way, of the one before.
    /// </summary>
    public RotationState WithMembers(IEnumerable<string> members)
    {
        var wanted = members.ToHashSet(StringComparer.Ordinal);
        ImmutableSortedSet<RotationPhase> fresh = [.. Members.Values.SelectMany(phases => phases), Phase];
        return this with
        {
            Members = Members.RemoveRange(Members.Keys.Where(member => !wanted.Contains(member)))
                .AddRange(wanted.Where(member => !Members.ContainsKey(member)).Select(member => KeyValuePair.Create(member, fresh))),
        };
    }

    private RotationMove Enter(RotationPhase? phase, bool force, string otherwise)
    {
        if (phase is not { } next)
            return RotationMove.Refused($"{otherwise} {PhaseRules.NameOf(Phase)}", []);
        var blockers = InTheWayOf(next);
        return blockers.Count == 0 || force
            ? new() { State = this with { Phase = next } }
            : RotationMove.Refused($"the phase {PhaseRules.NameOf(next)} cannot begin before {PhaseRules.NameOf(Phase)} has reached everyone", blockers);
    }

    private RotationState With(string member, ImmutableSortedSet<RotationPhase> phases) =>
        this with { Members = Members.SetItem(member, phases) };
}

/// <summary>The outcome of a move: a state, or why it was refused.</summary>
public sealed record RotationMove
{
    /// <summary>The state after the move; null where it was refused.</summary>
    public RotationState? State { get; init; }

    /// <summary>Why not, in plain words; null where it was not refused.</summary>
    public string? Refusal { get; init; }

    /// <summary>The members that stand in the way.</summary>
    public IReadOnlyList<string> Blockers { get; init; } = [];

    internal static RotationMove Refused(string why, IReadOnlyList<string> blockers) => new() { Refusal = why, Blockers = blockers };
}
