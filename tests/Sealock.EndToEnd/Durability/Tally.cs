// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.EndToEnd.Durability;

/// <summary>What happened over all rounds.</summary>
internal sealed class Tally
{
    private long _creates, _updates, _deletes, _certificates, _made, _notMade, _events, _relists, _revision;

    /// <summary>The highest revision that any answer or event named.</summary>
    public long Revision => Interlocked.Read(ref _revision);

    public long Acknowledged => _creates + _updates + _deletes;

    public long Certificates => _certificates;

    public void Created(long revision) => Count(ref _creates, revision);

    public void Updated(long revision) => Count(ref _updates, revision);

    public void Deleted() => Interlocked.Increment(ref _deletes);

    public void Issued() => Interlocked.Increment(ref _certificates);

    public void Event(long revision) => Count(ref _events, revision);

    public void Relisted() => Interlocked.Increment(ref _relists);

    public void Settled(bool made) => Interlocked.Increment(ref made ? ref _made : ref _notMade);

    /// <summary>Notes a revision that a client has seen.</summary>
    public void See(long revision)
    {
        for (var seen = Revision; revision > seen; seen = Revision)
            Interlocked.CompareExchange(ref _revision, revision, seen);
    }

    public string Describe(int kills, int whileStarting) => string.Create(
        CultureInfo.InvariantCulture,
        $"{kills} kills ({whileStarting} while starting): {Acknowledged} writes acknowledged ({_creates} creates, {_updates} updates, "
        + $"{_deletes} deletes), 0 lost; {_made + _notMade} unanswered ({_made} made whole, {_notMade} not made, 0 in part); "
        + $"{_certificates} certificates; {_events} watch events without gap or repetition, {_relists} relists; revision {_revision}");

    private void Count(ref long counter, long revision)
    {
        Interlocked.Increment(ref counter);
        See(revision);
    }
}
