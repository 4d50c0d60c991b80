// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Bench.Measuring;

/// <summary>The readings of one target over all rounds.</summary>
internal sealed record Column(IReadOnlyList<Reading> Readings)
{
    public double? Value => Median(Readings.Select(reading => reading.Value));

    public double? PerCpuSecond => Median(Readings.Select(reading => reading.PerCpuSecond).OfType<double>());

    public double? Smallest => Readings.Count == 0 ? null : Readings.Min(reading => reading.Value);

    public double? Largest => Readings.Count == 0 ? null : Readings.Max(reading => reading.Value);

    public string Note => Readings.Count == 0 ? "" : Readings[^1].Note;

    private static double? Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length == 0 ? null : sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

/// <summary>One metric, both targets.</summary>
internal sealed record Row(string Scenario, Metric Metric, Column Own, Column Peer)
{
    public double? Ratio => Own.Value / Peer.Value;

    public double? CpuRatio => Own.PerCpuSecond / Peer.PerCpuSecond;

    public bool? AimMet => Own.Value is { } own ? Metric.Aim?.IsMet(own, Peer.Value) : null;
}
