// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Caching;

/// <summary>How a change looks to one watcher.</summary>
internal enum ChangeType
{
    /// <summary>The object is new, in the store or in the selection.</summary>
    Added,

    /// <summary>The object changed.</summary>
    Modified,

    /// <summary>The object went, from the store or from the selection.</summary>
    Deleted,
}

/// <summary>One change of one object, shared by all watchers that see it.</summary>
internal sealed class CacheEvent(CacheEntry? current, CacheEntry? previous, long revision, long timestamp)
{
    private CacheEntry? farewell;

    /// <summary>The object after the change; null when it was deleted.</summary>
    public CacheEntry? Current { get; } = current;

    /// <summary>The object before the change; null when it was created.</summary>
    public CacheEntry? Previous { get; } = previous;

    /// <summary>The change's revision.</summary>
    public long Revision { get; } = revision;

    /// <summary>When the cache took it in (<see cref="TimeProvider.GetTimestamp"/>).</summary>
    public long Timestamp { get; } = timestamp;

    /// <summary>How many bytes of JSON it keeps alive.</summary>
    public int Size => (Current?.Item.Length ?? 0) + (Previous?.Item.Length ?? 0);

    /// <summary>
    /// What a watcher with a selection is told: an object that leaves the selection is deleted for it, in its last
    /// selected state and at the revision of the change; one that enters is added. Null: nothing.
    /// </summary>
    public Change? SeenBy(ObjectFilter filter)
    {
        var before = Previous is not null && filter.Matches(Previous);
        var after = Current is not null && filter.Matches(Current);
        return (before, after) switch
        {
            (false, true) => new Change(ChangeType.Added, Current!), // matched, so it is there
            (true, true) => new Change(ChangeType.Modified, Current!), // matched, so it is there
            (true, false) => new Change(ChangeType.Deleted, Farewell()),
            _ => null,
        };
    }

    private CacheEntry Farewell()
    {
        if (farewell is { } made)
            return made;

        // Only asked for where the previous state was selected. Two watchers may both make it; either will do.
        made = Previous!.At(Revision);
        farewell = made;
        return made;
    }
}

/// <summary>A change as one watcher is told of it.</summary>
internal readonly record struct Change(ChangeType Type, CacheEntry Entry);
