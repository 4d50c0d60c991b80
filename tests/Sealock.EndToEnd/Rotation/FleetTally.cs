// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Globalization;

namespace Sealock.EndToEnd.Rotation;

/// <summary>What clients have counted.</summary>
internal sealed class FleetTally
{
    private const int MostTold = 20;

    private readonly ConcurrentQueue<string> _failures = [];
    private int _failed;
    private int _kept;
    private int _fresh;
    private int _writes;
    private int _keptConnections;
    private int _keptMoves;
    private int _watchConnections;
    private int _watchMoves;
    private int _events;
    private int _droppedWatches;
    private int _stale;

    public int Kept => Volatile.Read(ref _kept);

    public int Fresh => Volatile.Read(ref _fresh);

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

    public void AnsweredKept() => Interlocked.Increment(ref _kept);

    public void AnsweredFresh() => Interlocked.Increment(ref _fresh);

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
