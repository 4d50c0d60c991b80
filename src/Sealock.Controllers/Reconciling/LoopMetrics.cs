// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.Metrics;

namespace Sealock.Controllers.Reconciling;

/// <summary>
/// What a loop has done since it was made. The numbers are kept per loop and also published through the meter
/// <c>Sealock.Controllers</c>.
/// </summary>
public sealed class LoopMetrics(string loop)
{
    /// <summary>Name of the meter that all loops publish through.</summary>
    public const string MeterName = "Sealock.Controllers";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Counter<long> Looks = Meter.CreateCounter<long>(
        "sealock_controller_reconciles_total", description: "Looks at objects by loop and result.");

    private static readonly Histogram<double> Seconds = Meter.CreateHistogram<double>(
        "sealock_controller_reconcile_duration_seconds", "s", "Duration of looks at objects by loop.");

    private long _succeeded;
    private long _retried;
    private long _failed;

    /// <summary>Name of the loop.</summary>
    public string Loop { get; } = loop;

    /// <summary>Objects that wait for a look now.</summary>
    public int Waiting => Depth?.Invoke() ?? 0;

    /// <summary>Looks that went well.</summary>
    public long Succeeded => Interlocked.Read(ref _succeeded);

    /// <summary>Looks that have to be repeated for an expected reason, such as a conflict.</summary>
    public long Retried => Interlocked.Read(ref _retried);

    /// <summary>Looks that failed.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    internal Func<int>? Depth { get; init; }

    internal void Success(TimeSpan duration) => Count(ref _succeeded, "success", duration);

    internal void Retry(TimeSpan duration) => Count(ref _retried, "retry", duration);

    internal void Failure(TimeSpan duration) => Count(ref _failed, "error", duration);

    private void Count(ref long counter, string result, TimeSpan duration)
    {
        Interlocked.Increment(ref counter);
        Looks.Add(1, new("controller", Loop), new KeyValuePair<string, object?>("result", result));
        Seconds.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("controller", Loop));
    }
}
