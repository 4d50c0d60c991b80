// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Bench.Hostile;

/// <summary>What users do that is told apart.</summary>
internal enum Asked
{
    /// <summary>The cheapest there is, on a kept connection.</summary>
    Cheap,

    /// <summary>An object of the API, on a kept connection.</summary>
    Object,

    /// <summary>A new connection, with a full handshake, and the cheapest request on it.</summary>
    Connection,
}

/// <summary>How long users waited, in milliseconds, and how often in vain.</summary>
internal sealed class Latencies
{
    private readonly List<double>[] _waits = [[], [], []];

    public int Failures { get; private set; }

    /// <summary>One that failed, in the server's words or the platform's.</summary>
    public string Failure { get; private set; } = "";

    public int Count => _waits.Sum(waits => waits.Count);

    public void Add(Asked asked, TimeSpan wait)
    {
        lock (_waits)
            _waits[(int)asked].Add(wait.TotalMilliseconds);
    }

    public void AddFailure(string why)
    {
        lock (_waits)
            (Failures, Failure) = (Failures + 1, why);
    }

    public void Add(Latencies others)
    {
        foreach (var asked in Enum.GetValues<Asked>())
            _waits[(int)asked].AddRange(others._waits[(int)asked]);
        (Failures, Failure) = (Failures + others.Failures, others.Failure.Length > 0 ? others.Failure : Failure);
    }

    /// <summary>The wait that such a share of all was no longer than; infinite where nothing was answered.</summary>
    public double At(double share, params ReadOnlySpan<Asked> asked)
    {
        var waits = new List<double>();
        foreach (var one in asked)
            waits.AddRange(_waits[(int)one]);
        var sorted = waits.Order().ToArray();
        return sorted.Length == 0 ? double.PositiveInfinity : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
    }
}
