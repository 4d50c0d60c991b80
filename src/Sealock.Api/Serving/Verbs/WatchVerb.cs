// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Api.Caching;
using Sealock.Api.Objects;
using Sealock.Api.Storage;

namespace Sealock.Api.Serving.Verbs;

/// <summary>
/// Follows a collection: from a resource version, or beginning with the present state where none is given (current),
/// with 0 (any) or with sendInitialEvents.
/// </summary>
internal sealed class WatchVerb(ServerCore core)
{
    private const int MaxHistory = 10_000;

    private static readonly TimeSpan ShortestTime = TimeSpan.FromMinutes(30);

    /// <summary>Answers.</summary>
    public async ValueTask<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        var format = Negotiation.Choose(scope.Request) with { Pretty = false, Yaml = false };
        var options = ListOptions.Read(scope, watch: true);
        var cache = scope.Resource.Cache;
        var stream = new WatchStream(
            scope.Resource, format.Shape, TableAnswers.ReadInclude(scope.Request.Query), core.Clock);
        var time = options.Timeout ?? ShortestTime * (1 + Random.Shared.NextDouble());
        var withState = options.SendInitialEvents ?? options.Version == 0;
        if (!withState && options.Version > 0)
            return await FromVersionAsync(cache, options, stream, time, cancellationToken);
        if (options.VersionText.Length == 0)
            await core.Feed.WaitUntilCurrentAsync(cancellationToken);
        else
            await core.Feed.WaitForAsync(options.Version, cancellationToken);
        var complete = core.Feed.Revision;
        var initial = new List<Change>();
        var watcher = cache.WatchFromNow(options.Filter, out var present);
        if (withState)
            AddState(initial, present, cache, options.Filter);
        return new WatchResponse(core, watcher, stream, initial, options.AllowBookmarks, time)
        {
            InitialRevision = Math.Max(complete, present.Revision),
            MarksInitialEnd = options.SendInitialEvents == true && options.AllowBookmarks,
        };
    }

    /// <summary>
    /// From a version on: out of memory, or what is older out of the store's history, so that clients go on without a
    /// gap also after a restart.
    /// </summary>
    private async ValueTask<ApiResponse> FromVersionAsync(
        ResourceCache cache,
        ListOptions options,
        WatchStream stream,
        TimeSpan time,
        CancellationToken cancellationToken)
    {
        var watcher = cache.Watch(options.Filter, options.Version, out var backlog, out var oldest);
        if (watcher is null)
        {
            watcher = cache.WatchFromNow(options.Filter, out var present);
            if (await HistoryAsync(cache, options, present.Revision, cancellationToken) is not { } history)
            {
                watcher.Dispose();
                return WatchStream.ErrorOnly(TooOld(options.Version, oldest));
            }

            backlog = history;
        }

        return new WatchResponse(core, watcher, stream, backlog, options.AllowBookmarks, time)
        {
            InitialRevision = watcher.AfterRevision,
        };
    }

    /// <summary>
    /// The changes up to a revision, from the store; null where it no longer has them or they are too many.
    /// </summary>
    private async ValueTask<List<Change>?> HistoryAsync(
        ResourceCache cache, ListOptions options, long until, CancellationToken cancellationToken)
    {
        var changes = new List<Change>();
        var seen = 0;
        try
        {
            await core.Store.GetRevisionAsync(cancellationToken);
            await foreach (var batch in core.Store.WatchAsync(cache.KeyPrefix, options.Version, cancellationToken))
            {
                foreach (var change in batch.Events)
                {
                    if (change.Revision > until)
                        return changes;
                    if (++seen > MaxHistory)
                        return null;
                    var current = change.Entry is null ? null : CacheEntry.From(change.Entry);
                    var previous = change.Previous is null ? null : CacheEntry.From(change.Previous);
                    if (new CacheEvent(current, previous, change.Revision, 0).SeenBy(options.Filter) is { } visible)
                        changes.Add(visible);
                }

                if (batch.Revision >= until)
                    return changes;
            }
        }
        catch (Exception fault) when (fault is CompactedException or SlowWatcherException)
        {
            // The client lists again.
        }

        return null;
    }

    private static void AddState(List<Change> initial, CacheSnapshot present, ResourceCache cache, ObjectFilter filter)
    {
        var prefix = filter.Namespace.Length == 0 ? cache.KeyPrefix : cache.KeyOf(filter.Namespace, "");
        var cursor = present.Entries.From(prefix);
        while (cursor.MoveNext() && cursor.Current.Key.StartsWith(prefix, StringComparison.Ordinal))
        {
            if (filter.Matches(cursor.Current))
                initial.Add(new Change(ChangeType.Added, cursor.Current));
        }
    }

    private static ApiException TooOld(long version, long oldest) => ApiException.Expired(
        string.Create(CultureInfo.InvariantCulture, $"too old resource version: {version} ({oldest})"));
}
