// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Bench.Measuring;

/// <summary>The readings of one target over all rounds.</summary>
internal sealed record Column(string Target, IReadOnlyList<Reading> Readings)
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

/// <summary>One metric, Sealock beside its peers.</summary>
internal sealed record Row(string Scenario, Metric Metric, Column Own, IReadOnlyList<Column> Peers)
{
    public bool? AimMet => Own.Value is { } own ? Metric.Aim?.IsMet(own, name => Peers.FirstOrDefault(peer => peer.Target == name) is { } peer ? Ratio(peer) : null) : null;

    /// <summary>Our own figure as a multiple of a peer's.</summary>
    public double? Ratio(Column peer) => Own.Value / peer.Value;

    /// <summary>The same for the work done in a processor second.</summary>
    public double? CpuRatio(Column peer) => Own.PerCpuSecond / peer.PerCpuSecond;
}
