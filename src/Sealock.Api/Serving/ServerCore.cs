// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Caching;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Api.Storage;

namespace Sealock.Api.Serving;

/// <summary>What the verbs share.</summary>
internal sealed class ServerCore(
    IStore store, DefinitionRegistry registry, CacheFeed feed, IAuthorizer authorizer, TimeProvider clock)
{
    /// <summary>The store; reads go there only for what memory does not have.</summary>
    public IStore Store => store;

    /// <summary>What is served.</summary>
    public DefinitionRegistry Registry => registry;

    /// <summary>Keeps the caches current.</summary>
    public CacheFeed Feed => feed;

    /// <summary>For rules that ask for further rights.</summary>
    public IAuthorizer Authorizer => authorizer;

    /// <summary>The clock.</summary>
    public TimeProvider Clock => clock;

    /// <summary>The objects of a cache as of now, in memory, and the revision at which that is complete.</summary>
    public (CacheSnapshot Snapshot, long Revision) Present(ResourceCache cache)
    {
        // In this order: whatever the feed had completed is in the snapshot, which may be newer still.
        var complete = feed.Revision;
        var snapshot = cache.Snapshot;
        return (snapshot, Math.Max(complete, snapshot.Revision));
    }

    /// <summary>The objects of a cache at an exact revision, from the store where memory no longer has them.</summary>
    /// <exception cref="CompactedException">Nobody has them.</exception>
    /// <exception cref="ApiException">504: the revision has not been reached.</exception>
    public async ValueTask<CacheSnapshot> AtAsync(
        ResourceCache cache, long revision, CancellationToken cancellationToken)
    {
        await feed.WaitForAsync(revision, cancellationToken);
        if (cache.At(revision) is { } known)
            return known;
        var page = await store.ListAsync(cache.KeyPrefix, null, 0, revision, cancellationToken);
        return new CacheSnapshot(
            SortedEntries.FromSorted([.. page.Entries.Select(CacheEntry.From)]), revision, revision);
    }
}
