// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Reconciling;

namespace Sealock.Controllers.Acme.Orders;

/// <summary>
/// Bounds how much is under way at once with one ACME server, so that a slow one does not take all workers. What finds no place
/// is told so at once and is named again when its turn comes, first come first served: nobody waits in a worker.
/// </summary>
internal sealed class Lanes(int limit)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);

    /// <summary>Takes a place; false where there is none now.</summary>
    public bool TryEnter(string lane, ObjectKey key)
    {
        lock (_gate)
        {
            if (!_lanes.TryGetValue(lane, out var places))
                _lanes[lane] = places = new();
            if (places.Taken < limit)
            {
                places.Taken++;
                places.Waiting.Remove(key);
                return true;
            }

            if (places.Waiting.Add(key))
                places.Queue.Enqueue(key);
            return false;
        }
    }

    /// <summary>Gives the place back; those that are to be looked at now: the next, or all who wait where nobody is left who would name them later.</summary>
    public IReadOnlyList<ObjectKey> Leave(string lane)
    {
        lock (_gate)
        {
            var places = _lanes[lane];
            places.Taken--;
            if (places.Taken == 0)
            {
                // The first may be gone, and would take its place from nobody.
                _lanes.Remove(lane);
                return [.. places.Queue.Where(places.Waiting.Contains)];
            }

            while (places.Queue.TryDequeue(out var next))
            {
                if (places.Waiting.Remove(next))
                    return [next];
            }

            return [];
        }
    }

    private sealed class Lane
    {
        public int Taken { get; set; }

        public Queue<ObjectKey> Queue { get; } = [];

        public HashSet<ObjectKey> Waiting { get; } = [];
    }
}
