// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Caching;

/// <summary>
/// Entries sorted by key, immutable. A change copies one chunk of at most <see cref="ChunkSize"/> references and the
/// list of chunks; everything else is shared, so that a snapshot per change costs a kilobyte and walking one is as
/// fast as walking arrays.
/// </summary>
internal sealed class SortedEntries
{
    private const int ChunkSize = 128;

    private readonly CacheEntry[][] chunks;

    private SortedEntries(CacheEntry[][] chunks, int count)
    {
        this.chunks = chunks;
        Count = count;
    }

    /// <summary>No entries.</summary>
    public static SortedEntries Empty { get; } = new([], 0);

    /// <summary>How many entries there are.</summary>
    public int Count { get; }

    /// <summary>Entries that are sorted already.</summary>
    public static SortedEntries FromSorted(IReadOnlyList<CacheEntry> entries)
    {
        const int fill = ChunkSize * 3 / 4;
        var chunks = new CacheEntry[(entries.Count + fill - 1) / fill][];
        for (var i = 0; i < chunks.Length; i++)
        {
            var chunk = new CacheEntry[Math.Min(fill, entries.Count - (i * fill))];
            for (var j = 0; j < chunk.Length; j++)
                chunk[j] = entries[(i * fill) + j];
            chunks[i] = chunk;
        }

        return new SortedEntries(chunks, entries.Count);
    }

    /// <summary>The entry with a key, or null.</summary>
    public CacheEntry? Find(string key)
    {
        if (chunks.Length == 0)
            return null;
        var chunk = chunks[ChunkFor(key)];
        var index = IndexIn(chunk, key);
        return index >= 0 ? chunk[index] : null;
    }

    /// <summary>With an entry added, or replaced where its key is present.</summary>
    public SortedEntries Set(CacheEntry entry)
    {
        if (chunks.Length == 0)
            return new SortedEntries([[entry]], 1);
        var at = ChunkFor(entry.Key);
        var chunk = chunks[at];
        var index = IndexIn(chunk, entry.Key);
        if (index >= 0)
        {
            var replaced = (CacheEntry[])chunk.Clone();
            replaced[index] = entry;
            return new SortedEntries(WithChunk(at, replaced), Count);
        }

        CacheEntry[] grown = [.. chunk.AsSpan(0, ~index), entry, .. chunk.AsSpan(~index)];
        if (grown.Length <= ChunkSize)
            return new SortedEntries(WithChunk(at, grown), Count + 1);

        // Keys often come in ascending order: then the left half is left nearly full.
        var split = ~index == chunk.Length && at == chunks.Length - 1 ? ChunkSize : grown.Length / 2;
        CacheEntry[][] more = [.. chunks.AsSpan(0, at), grown[..split], grown[split..], .. chunks.AsSpan(at + 1)];
        return new SortedEntries(more, Count + 1);
    }

    /// <summary>Without the entry of a key.</summary>
    public SortedEntries Remove(string key)
    {
        if (chunks.Length == 0)
            return this;
        var at = ChunkFor(key);
        var chunk = chunks[at];
        var index = IndexIn(chunk, key);
        if (index < 0)
            return this;
        if (chunk.Length == 1)
            return new SortedEntries([.. chunks.AsSpan(0, at), .. chunks.AsSpan(at + 1)], Count - 1);
        return new SortedEntries(WithChunk(at, [.. chunk.AsSpan(0, index), .. chunk.AsSpan(index + 1)]), Count - 1);
    }

    /// <summary>A walk that begins at the first key that is not less than <paramref name="key"/>.</summary>
    public Cursor From(string key)
    {
        if (chunks.Length == 0)
            return new Cursor(chunks, 0, -1);
        var at = ChunkFor(key);
        var index = IndexIn(chunks[at], key);
        return new Cursor(chunks, at, (index >= 0 ? index : ~index) - 1);
    }

    /// <summary>How many entries have keys in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public int CountBetween(string from, string? to) => (to is null ? Count : Rank(to)) - Rank(from);

    private int Rank(string key)
    {
        if (chunks.Length == 0)
            return 0;
        var at = ChunkFor(key);
        var index = IndexIn(chunks[at], key);
        var rank = index >= 0 ? index : ~index;
        for (var i = 0; i < at; i++)
            rank += chunks[i].Length;
        return rank;
    }

    private CacheEntry[][] WithChunk(int at, CacheEntry[] chunk)
    {
        var copy = (CacheEntry[][])chunks.Clone();
        copy[at] = chunk;
        return copy;
    }

    /// <summary>
    /// The last chunk whose first key is not greater than <paramref name="key"/>, or the first chunk.
    /// </summary>
    private int ChunkFor(string key)
    {
        var low = 0;
        var high = chunks.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (string.CompareOrdinal(chunks[middle][0].Key, key) <= 0)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }

    private static int IndexIn(CacheEntry[] chunk, string key)
    {
        var low = 0;
        var high = chunk.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(chunk[middle].Key, key);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }

    /// <summary>A position in the entries.</summary>
    public struct Cursor
    {
        private readonly CacheEntry[][] chunks;
        private int chunk;
        private int index;

        internal Cursor(CacheEntry[][] chunks, int chunk, int index)
        {
            this.chunks = chunks;
            this.chunk = chunk;
            this.index = index;
        }

        /// <summary>The entry at the position.</summary>
        public readonly CacheEntry Current => chunks[chunk][index];

        /// <summary>Moves to the next entry; false at the end.</summary>
        public bool MoveNext()
        {
            if (chunk >= chunks.Length)
                return false;
            if (++index < chunks[chunk].Length)
                return true;
            index = 0;
            return ++chunk < chunks.Length;
        }
    }
}
