// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Caching;
using Sealock.Api.Objects;
using Sealock.Api.Storage;

namespace Sealock.Api.Serving;

/// <summary>What a step of a guaranteed update decides: the new object, or that the object goes.</summary>
internal readonly record struct Decision(JsonObject? Object, bool Deletes = false);

/// <summary>What became of an object: its state, and whether it is gone.</summary>
internal readonly record struct WriteOutcome(CacheEntry Entry, bool Deleted);

/// <summary>Writes objects to the store, one conditional write at a time.</summary>
internal sealed class ObjectWriter(ServerCore core)
{
    /// <summary>The largest object, in bytes of its stored form.</summary>
    public const int MaxObjectBytes = 1536 * 1024;

    private const int MaxAttempts = 64;

    /// <summary>Creates an object; null where one of this name exists.</summary>
    public async ValueTask<CacheEntry?> CreateAsync(
        RequestScope scope, string name, JsonObject @object, bool dryRun, CancellationToken cancellationToken)
    {
        var key = scope.Resource.Cache.KeyOf(scope.Namespace, name);
        var stored = Encode(@object);
        if (dryRun)
            return await FindLiveAsync(key, cancellationToken) is null ? CacheEntry.From(key, stored, 0) : null;
        var result = await core.Store.PutAsync(key, stored, 0, scope.Definition.TimeToLive, cancellationToken);
        if (!result.Succeeded)
            return null;
        await SettleAsync(scope, result.Revision, cancellationToken);
        return CacheEntry.From(key, stored, result.Revision);
    }

    /// <summary>
    /// Changes an object by a function of its present state, again and again until nobody came in between. It starts
    /// from memory; what fails on a state from memory is tried on the stored state before it counts.
    /// </summary>
    /// <param name="scope">The request.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="decide">May throw <see cref="ApiException"/>.</param>
    /// <param name="dryRun">Whether nothing is written.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The outcome; null where there is no such object.</returns>
    public async ValueTask<WriteOutcome?> UpdateAsync(
        RequestScope scope,
        string name,
        Func<CacheEntry, Decision> decide,
        bool dryRun,
        CancellationToken cancellationToken)
    {
        var key = scope.Resource.Cache.KeyOf(scope.Namespace, name);
        var state = scope.Resource.Cache.Find(scope.Namespace, name);
        var live = false;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (state is null)
            {
                state = live ? null : await FindLiveAsync(key, cancellationToken);
                live = true;
                if (state is null)
                    return null;
            }

            Decision decision;
            try
            {
                decision = decide(state);
            }
            catch (ApiException) when (!live)
            {
                (state, live) = (await FindLiveAsync(key, cancellationToken), true);
                continue;
            }

            var stored = decision.Deletes || decision.Object is null ? null : Encode(decision.Object);
            if (!decision.Deletes && (stored is null || IsSame(state, stored)))
            {
                if (live)
                    return new WriteOutcome(state, false);

                // Nothing to do, but on what may be an old state.
                var current = await FindLiveAsync(key, cancellationToken);
                if (current?.Revision == state.Revision)
                    return new WriteOutcome(state, false);
                (state, live) = (current, true);
                continue;
            }

            if (dryRun)
            {
                var answer = stored is null
                    ? Last(key, decision, state, state.Revision)
                    : CacheEntry.From(key, stored, state.Revision);
                return new WriteOutcome(answer, decision.Deletes);
            }

            var result = decision.Deletes
                ? await core.Store.DeleteAsync(key, state.Revision, cancellationToken)
                : await core.Store.PutAsync(
                    key, stored, state.Revision, scope.Definition.TimeToLive, cancellationToken);
            if (result.Succeeded)
            {
                await SettleAsync(scope, result.Revision, cancellationToken);
                return decision.Deletes
                    ? new WriteOutcome(Last(key, decision, state, result.Revision), true)
                    : new WriteOutcome(CacheEntry.From(key, stored, result.Revision), false);
            }

            (state, live) = (result.Current is null ? null : CacheEntry.From(result.Current), true);
        }

        throw ApiException.Conflict(
            scope.Definition.Group,
            scope.Definition.Plural,
            name,
            "it was changed too often meanwhile; please try again");
    }

    /// <summary>Whoever observes a resource has seen a change before it is acknowledged.</summary>
    private ValueTask SettleAsync(RequestScope scope, long revision, CancellationToken cancellationToken) =>
        scope.Definition.Observe is null
            ? ValueTask.CompletedTask
            : core.Feed.WaitForAsync(revision, cancellationToken);

    /// <summary>What is answered of an object that goes: as it was wanted, or else as it was.</summary>
    private static CacheEntry Last(string key, in Decision decision, CacheEntry state, long revision) =>
        decision.Object is null ? state.At(revision) : CacheEntry.From(key, Encode(decision.Object), revision);

    private async ValueTask<CacheEntry?> FindLiveAsync(string key, CancellationToken cancellationToken) =>
        StoreKey.Fits(key) && await core.Store.GetAsync(key, 0, cancellationToken) is { } entry
            ? CacheEntry.From(entry)
            : null;

    private static byte[] Encode(JsonObject @object)
    {
        var stored = ObjectBytes.Encode(@object);
        return stored.Length <= MaxObjectBytes
            ? stored
            : throw ApiException.TooLarge("Request entity too large: etcdserver: request is too large");
    }

    private static bool IsSame(CacheEntry state, byte[] stored) =>
        state.Item.AsSpan().SequenceEqual(ObjectBytes.WithVersion(stored, state.Revision));
}
