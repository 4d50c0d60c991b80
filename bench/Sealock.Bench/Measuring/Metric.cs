// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Bench.Measuring;

/// <summary>What is aimed at: a bound on Sealock's own figure, a multiple of the peer's, or both.</summary>
/// <param name="AtMost">Largest value of our own; null where it does not matter.</param>
/// <param name="AtLeast">Smallest value of our own; null where it does not matter.</param>
/// <param name="Times">Smallest ratio to the peer's value; null where it does not matter.</param>
internal sealed record Aim(double? AtMost = null, double? AtLeast = null, double? Times = null)
{
    /// <summary>Whether it is reached; null where that needs a peer and there is none.</summary>
    public bool? IsMet(double own, double? peer)
    {
        if (own > AtMost || own < AtLeast)
            return false;
        return Times is null ? true : peer is null ? null : own / peer >= Times;
    }

    public override string ToString() => string.Join(
        ", ",
        new[]
        {
            AtMost is { } most ? $"<= {most:#,0.##}" : "",
            AtLeast is { } least ? $">= {least:#,0.##}" : "",
            Times is { } times ? $">= {times:0.#}x" : "",
        }.Where(part => part.Length > 0));
}

/// <summary>Something that is measured.</summary>
/// <param name="Title">What the table calls it.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Aim">What is aimed at, or null.</param>
internal sealed record Metric(string Title, string Unit, Aim? Aim = null);

/// <summary>One measurement of one target.</summary>
/// <param name="Metric">What was measured.</param>
/// <param name="Value">The figure, in the metric's unit.</param>
/// <param name="PerCpuSecond">Work done in one processor second of the server; null where that says nothing.</param>
/// <param name="Note">Parts that the figure is made of, or empty.</param>
internal sealed record Reading(Metric Metric, double Value, double? PerCpuSecond = null, string Note = "");
