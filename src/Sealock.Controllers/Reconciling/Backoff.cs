// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Controllers.Reconciling;

/// <summary>How long a key rests after failures: doubling from a first delay to a longest one, jittered.</summary>
public sealed record Backoff
{
    /// <summary>Delay after the first failure.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest delay.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The part of each delay that is left to chance, 0 to 1, so that keys that failed together spread.</summary>
    public double Jitter { get; init; } = 0.5;

    /// <summary>The delay after the n-th failure in a row (from 1); <paramref name="chance"/> is in [0, 1).</summary>
    public TimeSpan After(int failures, double chance)
    {
        var doubled = First * Math.Pow(2, Math.Min(failures - 1, 40));
        var full = doubled < Longest ? doubled : Longest;
        return full * (1 - Jitter + Jitter * chance);
    }
}
