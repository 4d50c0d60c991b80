// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Cluster.Staging;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Rotating;

/// <summary>
/// Rotates authorities and the service account key of a set, phase by phase. Every step is stored before it is taken, so
/// that a run that was killed anywhere is gone on with by the next. The order within a phase: the folder of authorities,
/// then node by node, control plane first: files, then programs, then the proof by handshake, and only then the next node.
/// </summary>
public sealed class Rotator(ClusterPlan plan, SetFolder folder, RotationOptions options, TimeProvider clock)
{
    /// <summary>Everything that can be rotated in a cluster, in the order in which it is.</summary>
    public static IReadOnlyList<string> SubjectsOf(ClusterPlan plan) =>
        [.. plan.Authorities.Select(authority => authority.Name), ClusterRotation.ServiceAccounts];

    /// <summary>Begins, goes on with, or finishes rotations.</summary>
    /// <param name="subjects">What is rotated.</param>
    /// <param name="only">The one phase to go to; null for all that can be reached. <see cref="RotationPhase.Stable"/> forgets what is over.</param>
    /// <param name="again">Begins anew where a rotation is over.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <exception cref="RotationException">Nothing could be done; the message names the remedy.</exception>
    /// <exception cref="StagingException">Files could not be changed; the message names the remedy.</exception>
    public async Task<RotationOutcome> RunAsync(
        IReadOnlyList<string> subjects, RotationPhase? only, bool again, CancellationToken cancellationToken)
    {
        using var run = PhaseRun.Open(plan, folder, options, clock);
        var entries = subjects.Select(subject => (Subject: subject, Rotation: RotationFile.Read(folder, subject))).ToList();
        foreach (var (subject, rotation) in entries)
        {
            if (RotationEntry.Refuse(subject, rotation?.State, only) is { } refusal)
                throw new RotationException(refusal);
        }

        foreach (var (subject, stored) in entries)
        {
            var rotation = stored;
            if (rotation is { State.IsOver: true } && RotationEntry.EndsFormer(rotation.Phase, only, again))
            {
                run.End(rotation);
                rotation = null;
            }

            if (rotation is null && only is null or RotationPhase.Trust)
                run.Begin(subject);
            else if (rotation is not null)
                run.Add(rotation);
        }

        if (only == RotationPhase.Stable)
            return new();
        while (true)
        {
            var outcome = await run.ReachAsync(cancellationToken);
            if (!outcome.Done)
                return run.Conclude(outcome);
            var (advanced, blockers) = await run.AdvanceAsync(only, cancellationToken);
            if (!advanced)
                return run.Conclude(new() { Blockers = blockers });
        }
    }

    /// <summary>Returns each rotation to the phase before, everywhere.</summary>
    /// <exception cref="RotationException">There is none, or a node has to reach the phase first.</exception>
    /// <exception cref="StagingException">Files could not be changed; the message names the remedy.</exception>
    public async Task<RotationOutcome> UndoAsync(IReadOnlyList<string> subjects, CancellationToken cancellationToken)
    {
        using var run = PhaseRun.Open(plan, folder, options, clock);
        foreach (var subject in subjects)
        {
            if (RotationFile.Read(folder, subject) is { } rotation)
                run.Add(rotation);
        }

        run.Undo();
        var outcome = await run.ReachAsync(cancellationToken);
        if (outcome.Done)
            run.EndReturned();
        return run.Conclude(outcome);
    }
}
