// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Api.Caching;
using Sealock.Api.Objects;

namespace Sealock.Api.Serving.Verbs;

/// <summary>
/// Follows a collection: from a resource version, or beginning with the present state where none is given (current),
/// with 0 (any) or with sendInitialEvents.
/// </summary>
internal sealed class WatchVerb(ServerCore core)
{
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
        {
            var watcher = cache.Watch(options.Filter, options.Version, out var backlog, out var oldest);
            return watcher is null
                ? WatchStream.ErrorOnly(TooOld(options.Version, oldest))
                : new WatchResponse(core, watcher, stream, backlog, options.AllowBookmarks, time);
        }

        // sendInitialEvents=false without a version starts at the most recent state, and does not send it.
        if (options.VersionText.Length == 0 || (options.SendInitialEvents is not null && options.Version == 0 && options.VersionText != "0"))
            await core.Feed.WaitUntilCurrentAsync(cancellationToken);
        else
            await core.Feed.WaitForAsync(options.Version, cancellationToken);
        var initial = new List<Change>();
        var live = cache.WatchFromNow(options.Filter, out var present);
        if (withState)
            AddState(initial, present, cache, options.Filter);
        return new WatchResponse(core, live, stream, initial, options.AllowBookmarks, time)
        {
            MarksInitialEnd = options.SendInitialEvents == true && options.AllowBookmarks,
        };
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
