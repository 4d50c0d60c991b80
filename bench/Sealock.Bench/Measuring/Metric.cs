// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Bench.Measuring;

/// <summary>What is aimed at: bounds on Sealock's own figure, on its ratios to others' figures, or both.</summary>
/// <param name="AtMost">Largest value of our own; null where it does not matter.</param>
/// <param name="AtLeast">Smallest value of our own; null where it does not matter.</param>
/// <param name="Ratios">What ratios are aimed at.</param>
internal sealed record Aim(double? AtMost = null, double? AtLeast = null, params IReadOnlyList<RatioAim> Ratios)
{
    /// <summary>So many times of what Kubernetes does.</summary>
    public static Aim Times(double times) => new(Ratios: new RatioAim("kubernetes", AtLeast: times));

    /// <summary>Whether it is reached; null where that needs a peer that is not there.</summary>
    /// <param name="own">Our own figure.</param>
    /// <param name="ratioTo">The ratio to the figure of a peer; null where there is none.</param>
    public bool? IsMet(double own, Func<string, double?> ratioTo)
    {
        if (own > AtMost || own < AtLeast)
            return false;
        var verdicts = Ratios.Select(aim => ratioTo(aim.Peer) is { } ratio ? !(ratio < aim.AtLeast || ratio > aim.AtMost) : (bool?)null).ToArray();
        return verdicts.Contains(false) ? false : verdicts.Contains(null) ? null : true;
    }

    public override string ToString() => string.Join(
        ", ",
        (string[])
        [
            .. AtMost is { } most ? [$"<= {most:#,0.##}"] : Array.Empty<string>(),
            .. AtLeast is { } least ? [$">= {least:#,0.##}"] : Array.Empty<string>(),
            .. Ratios.Select(ratio => ratio.ToString()),
        ]);
}

/// <summary>A ratio of our own figure to a peer's that is aimed at.</summary>
internal sealed record RatioAim(string Peer, double? AtLeast = null, double? AtMost = null)
{
    public override string ToString() => AtLeast is { } least ? $">= {least:0.##}x {Peer}" : $"<= {AtMost:0.##}x {Peer}";
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
