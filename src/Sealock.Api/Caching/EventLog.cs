// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Caching;

/// <summary>
/// The latest changes of a resource, from which watches start in the past. At least <see cref="MinCount"/> are kept;
/// beyond that those younger than <see cref="MaxAge"/>, within bounds of number and bytes. Guarded by its cache.
/// </summary>
internal sealed class EventLog(long floor, TimeProvider clock)
{
    private const int MinCount = 1024;
    private const int MaxCount = 64 * 1024;
    private const long MaxBytes = 32 * 1024 * 1024;

    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(75);

    private CacheEvent[] ring = new CacheEvent[64];
    private int first;
    private int count;
    private long bytes;

    /// <summary>Every change after this revision is in the log.</summary>
    public long Floor { get; private set; } = floor;

    /// <summary>Appends a change; older ones may go.</summary>
    public void Add(CacheEvent change)
    {
        while (count > 0 && MustGo(ring[first]))
        {
            Floor = ring[first].Revision;
            bytes -= ring[first].Size;
            ring[first] = null!; // not read again: it lies outside the window
            first = (first + 1) % ring.Length;
            count--;
        }

        if (count == ring.Length)
            Grow();
        ring[(first + count++) % ring.Length] = change;
        bytes += change.Size;
    }

    /// <summary>The changes after a revision, oldest first. It must not be below <see cref="Floor"/>.</summary>
    public List<CacheEvent> After(long revision)
    {
        var low = 0;
        var high = count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (At(middle).Revision <= revision)
                low = middle + 1;
            else
                high = middle;
        }

        var changes = new List<CacheEvent>(count - low);
        for (; low < count; low++)
            changes.Add(At(low));
        return changes;
    }

    private CacheEvent At(int index) => ring[(first + index) % ring.Length];

    private bool MustGo(CacheEvent oldest) =>
        count >= MaxCount || bytes > MaxBytes
            || (count >= MinCount && clock.GetElapsedTime(oldest.Timestamp) > MaxAge);

    private void Grow()
    {
        var larger = new CacheEvent[ring.Length * 2];
        for (var i = 0; i < count; i++)
            larger[i] = At(i);
        ring = larger;
        first = 0;
    }
}
