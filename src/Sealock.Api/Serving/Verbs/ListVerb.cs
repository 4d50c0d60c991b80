// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Caching;
using Sealock.Api.Objects;
using Sealock.Api.Storage;

namespace Sealock.Api.Serving.Verbs;

/// <summary>Reads the objects of a collection, all at one revision, in pages if asked.</summary>
internal sealed class ListVerb(ServerCore core)
{
    private const string ContinueExpired =
        "The provided continue parameter is too old to display a consistent list result. You can start a new list "
        + "without the continue parameter, or use the continue token in this response to retrieve the remainder of "
        + "the results. Continuing with the provided token results in an inconsistent list - objects that were "
        + "created, modified, or deleted between the time the first chunk was returned and now may show up in the "
        + "list.";

    /// <summary>Answers.</summary>
    public async ValueTask<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        var format = Negotiation.Choose(scope.Request);
        var options = ListOptions.Read(scope, watch: false);
        var page = await SelectAsync(scope, options, cancellationToken);
        return Answers.List(scope, page, format, core.Clock);
    }

    /// <summary>The page that the options ask for.</summary>
    public async ValueTask<ListPage> SelectAsync(
        RequestScope scope, ListOptions options, CancellationToken cancellationToken)
    {
        var cache = scope.Resource.Cache;
        var prefix = options.Filter.Namespace.Length == 0 ? cache.KeyPrefix : cache.KeyOf(options.Filter.Namespace, "");
        if (options.Continue.Length > 0)
            return await GoOnAsync(cache, prefix, options, cancellationToken);

        // A limit without a resource version match reads that very version, as it always did in Kubernetes.
        var exact = options.VersionMatch == "Exact"
            || (options.VersionMatch.Length == 0 && options.Version > 0 && options.Limit > 0);
        if (exact)
        {
            try
            {
                var snapshot = await core.AtAsync(cache, options.Version, cancellationToken);
                return Page(snapshot.Entries, options.Version, prefix, prefix, options);
            }
            catch (CompactedException)
            {
                throw ApiException.Expired("The resourceVersion for the provided list is too old.");
            }
        }

        if (options.VersionText.Length == 0)
            await core.Feed.WaitUntilCurrentAsync(cancellationToken);
        else
            await core.Feed.WaitForAsync(options.Version, cancellationToken);
        var (present, revision) = core.Present(cache);
        return Page(present.Entries, revision, prefix, prefix, options);
    }

    private async ValueTask<ListPage> GoOnAsync(
        ResourceCache cache, string prefix, ListOptions options, CancellationToken cancellationToken)
    {
        if (options.Version > 0)
            throw ApiException.BadRequest("specifying resource version is not allowed when using continue");
        var token = ContinueToken.Parse(options.Continue);
        var from = prefix + token.After + "\0";
        if (token.Revision < 0)
        {
            await core.Feed.WaitUntilCurrentAsync(cancellationToken);
            var (present, revision) = core.Present(cache);
            return Page(present.Entries, revision, prefix, from, options);
        }

        try
        {
            var snapshot = await core.AtAsync(cache, token.Revision, cancellationToken);
            return Page(snapshot.Entries, token.Revision, prefix, from, options);
        }
        catch (CompactedException)
        {
            throw new ApiException(410, "Expired", ContinueExpired)
            {
                ContinueToken = (token with { Revision = -1 }).ToString(),
            };
        }
    }

    private static ListPage Page(
        SortedEntries entries, long revision, string prefix, string from, ListOptions options)
    {
        var filter = options.Filter;
        if (filter.IsSingle)
            return One(entries, revision, prefix + filter.ExactName, filter);

        // kube-apiserver ignores a limit where any version will do.
        var limit = options.Limit > 0 && options.VersionText != "0" ? options.Limit : long.MaxValue;
        var items = new List<CacheEntry>((int)Math.Min(limit, filter.HasNoSelector ? entries.Count : 16));
        var cursor = entries.From(from);
        while (cursor.MoveNext() && cursor.Current.Key.StartsWith(prefix, StringComparison.Ordinal))
        {
            if (!filter.Matches(cursor.Current))
                continue;
            if (items.Count < limit)
            {
                items.Add(cursor.Current);
                continue;
            }

            var last = items[^1].Key;
            long? remaining = filter.HasNoSelector ? entries.CountBetween(last + "\0", EndOf(prefix)) : null;
            return new ListPage(
                items, revision, new ContinueToken(revision, last[prefix.Length..]).ToString(), remaining);
        }

        return new ListPage(items, revision);
    }

    private static ListPage One(SortedEntries entries, long revision, string key, ObjectFilter filter) =>
        new(entries.Find(key) is { } only && filter.Matches(only) ? [only] : [], revision);

    /// <summary>The first key after all that start with a prefix, which ends in a slash.</summary>
    private static string EndOf(string prefix) => prefix[..^1] + (char)(prefix[^1] + 1);
}
