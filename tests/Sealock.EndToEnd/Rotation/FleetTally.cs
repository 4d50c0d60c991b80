// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Globalization;

namespace Sealock.EndToEnd.Rotation;

/// <summary>What clients have counted.</summary>
internal sealed class FleetTally
{
    private const int MostTold = 20;

    private readonly ConcurrentQueue<string> _failures = [];
    private readonly ConcurrentQueue<double> _keptMilliseconds = [];
    private readonly ConcurrentQueue<double> _freshMilliseconds = [];
    private int _failed;
    private int _writes;
    private int _keptConnections;
    private int _keptMoves;
    private int _watchConnections;
    private int _watchMoves;
    private int _events;
    private int _droppedWatches;
    private int _stale;

    public int Kept => _keptMilliseconds.Count;

    public int Fresh => _freshMilliseconds.Count;

    public int Writes => Volatile.Read(ref _writes);

    public int Requests => Kept + Fresh + Writes;

    public int Events => Volatile.Read(ref _events);

    public int Failed => Volatile.Read(ref _failed);

    public int DroppedWatches => Volatile.Read(ref _droppedWatches);

    /// <summary>Handshakes that showed an older certificate than an earlier one had shown.</summary>
    public int Stale => Volatile.Read(ref _stale);

    /// <summary>Connections of clients that keep theirs, beside one for each and one for each change of its certificate.</summary>
    public int Reconnects(int keptClients, int watchClients) =>
        _keptConnections - _keptMoves - keptClients + _watchConnections - _watchMoves - watchClients;

    /// <summary>The first failures.</summary>
    public IEnumerable<string> Failures => _failures.Take(MostTold);

    /// <summary>How long requests took on kept connections, and how long on new ones with their handshakes: p50, p99 and longest.</summary>
    public string Durations => $"{Describe(_keptMilliseconds)} on kept connections, {Describe(_freshMilliseconds)} on new ones";

    /// <summary>Some durations in milliseconds: median, 99th of a hundred, and longest.</summary>
    public static string Describe(IEnumerable<double> milliseconds) => milliseconds.Order().ToList() is { Count: > 0 } sorted
        ? string.Create(CultureInfo.InvariantCulture, $"p50 {sorted[sorted.Count / 2]:0} ms, p99 {sorted[sorted.Count * 99 / 100]:0} ms, longest {sorted[^1]:0} ms")
        : "none";

    public void AnsweredKept(TimeSpan after) => _keptMilliseconds.Enqueue(after.TotalMilliseconds);

    public void AnsweredFresh(TimeSpan after) => _freshMilliseconds.Enqueue(after.TotalMilliseconds);

    public void Wrote() => Interlocked.Increment(ref _writes);

    public void OpenedKept() => Interlocked.Increment(ref _keptConnections);

    public void MovedKept() => Interlocked.Increment(ref _keptMoves);

    public void OpenedWatch() => Interlocked.Increment(ref _watchConnections);

    public void MovedWatch() => Interlocked.Increment(ref _watchMoves);

    public void SawEvent() => Interlocked.Increment(ref _events);

    public void ShownStale() => Interlocked.Increment(ref _stale);

    public void DroppedWatch(string why)
    {
        Interlocked.Increment(ref _droppedWatches);
        Tell(why);
    }

    public void HasFailed(string why)
    {
        Interlocked.Increment(ref _failed);
        Tell(why);
    }

    private void Tell(string why)
    {
        if (_failures.Count < MostTold)
            _failures.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.UtcNow:HH:mm:ss.fff} {why}"));
    }
}
