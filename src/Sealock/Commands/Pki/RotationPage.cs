// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Rotating;
using Sealock.Pki.Rotation;

namespace Sealock.Commands.Pki;

/// <summary>Tells how a run of a rotation ended, and how to go on.</summary>
internal static class RotationPage
{
    private const int MostLines = 50;

    /// <summary>Writes the end of a run.</summary>
    /// <returns>The exit code.</returns>
    public static int Write(TextWriter output, RotationOutcome outcome, string subject, RotationPhase? only)
    {
        WriteWarnings(output, outcome);
        if (only == RotationPhase.Stable)
        {
            output.WriteLine($"{subject}: forgotten, the old key is deleted");
            return 0;
        }

        foreach (var rotation in outcome.Rotations)
            output.WriteLine(Line(rotation));
        if (!WriteOpen(output, outcome))
        {
            output.WriteLine($"  then: sealock pki rotate {subject}{(only is { } phase ? $" --phase {PhaseRules.NameOf(phase)}" : "")} (the same command again)");
            return 1;
        }

        foreach (var rotation in outcome.Rotations.Where(rotation => rotation.State.IsClosed))
        {
            if (PhaseRules.After(rotation.Phase) is { } next)
                output.WriteLine($"  next: sealock pki rotate {rotation.Subject} --phase {PhaseRules.NameOf(next)}");
            else
                output.WriteLine($"  the old one is kept for sealock pki rotate undo {rotation.Subject}; --phase stable deletes it");
        }

        return 0;
    }

    /// <summary>Writes the end of an undo.</summary>
    /// <returns>The exit code.</returns>
    public static int WriteUndone(TextWriter output, RotationOutcome outcome)
    {
        WriteWarnings(output, outcome);
        foreach (var rotation in outcome.Rotations)
            output.WriteLine(rotation.Phase == RotationPhase.Return && rotation.State.IsClosed ? $"{rotation.Subject}: undone, all is as it was before" : Line(rotation));
        if (WriteOpen(output, outcome))
            return 0;
        output.WriteLine("  then: sealock pki rotate "
            + (outcome.Rotations.Any(rotation => rotation.Phase == RotationPhase.Return)
                ? "undo (the same command again)"
                : $"{outcome.Rotations[0].Subject} --phase {PhaseRules.NameOf(outcome.Rotations[0].Phase)}"));
        return 1;
    }

    /// <summary>A rotation in one line.</summary>
    public static string Line(ClusterRotation rotation)
    {
        var nodes = rotation.State.Members.Count;
        var left = rotation.State.Left.ToList();
        var where = left.Count == 0
            ? $"on all {nodes} node{(nodes == 1 ? "" : "s")}"
            : $"on {nodes - left.Count} of {nodes} nodes; left: {string.Join(", ", left.Take(10))}{(left.Count > 10 ? ", …" : "")}";
        return $"{rotation.Subject}: {Text(rotation.Phase)}, {where}";
    }

    private static string Text(RotationPhase phase) => phase switch
    {
        RotationPhase.Stable => "stable (nothing changed yet)",
        RotationPhase.Trust => "trust (old and new are trusted, the old one signs)",
        RotationPhase.Reissue => "reissue (old and new are trusted, the new one signs)",
        RotationPhase.Withdraw => "withdraw (the new one alone)",
        _ => "return (the old one alone again)",
    };

    private static void WriteWarnings(TextWriter output, RotationOutcome outcome)
    {
        foreach (var warning in outcome.Warnings)
            output.WriteLine($"warning: {warning}");
    }

    private static bool WriteOpen(TextWriter output, RotationOutcome outcome)
    {
        WriteLines(output, "stopped by:", outcome.Blockers);
        WriteLines(output, "to be done by hand (or by --reload-command):", outcome.ToDo);
        return outcome.Done;
    }

    private static void WriteLines(TextWriter output, string heading, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
            return;
        output.WriteLine($"  {heading}");
        foreach (var line in lines.Take(MostLines))
            output.WriteLine($"    {line}");
        if (lines.Count > MostLines)
            output.WriteLine($"    … and {lines.Count - MostLines} more");
    }
}
