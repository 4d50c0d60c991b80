// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;

namespace Sealock.Controllers.Reconciling;

/// <summary>
/// Loops and the informers that feed them, which run, sync and end together. Each room adds its own. With a namespace,
/// informers that name none of their own see that one only.
/// </summary>
internal sealed class LoopSet(TimeProvider time, ILogger logger, string @namespace = "") : IDisposable
{
    private readonly List<ControlLoop> _loops = [];
    private readonly List<Func<CancellationToken, Task>> _feeds = [];
    private readonly List<Func<CancellationToken, Task>> _syncs = [];
    private readonly List<Func<bool>> _synced = [];

    /// <summary>What each loop has done so far.</summary>
    public ImmutableArray<LoopMetrics> Metrics => [.. _loops.Select(loop => loop.Metrics)];

    /// <summary>Follows the objects of a resource from <see cref="RunAsync"/> on.</summary>
    public Informer<T> Follow<T>(ApiClient client, ResourceType<T> type, InformerScope? scope = null)
        where T : class, IObjectView
    {
        scope ??= new InformerScope();
        if (type.Namespaced && scope.Namespace.Length == 0)
            scope = scope with { Namespace = @namespace };
        var informer = new Informer<T>(client, type, scope, time, logger);
        _feeds.Add(informer.RunAsync);
        _syncs.Add(informer.WaitForSyncAsync);
        _synced.Add(() => informer.IsSynced);
        return informer;
    }

    /// <summary>Adds a loop that looks at each object when it appears and whenever it changes.</summary>
    public ControlLoop AddLoop<T>(
        string name, Informer<T> objects, Func<T, CancellationToken, ValueTask<Reconciliation>> reconcile, int workers = 2)
        where T : class, IObjectView
    {
        var loop = Add(new ControlLoop(
            name,
            (key, stop) => objects.Find(key.Namespace, key.Name) is { } current
                ? reconcile(current, stop) : ValueTask.FromResult(Reconciliation.Done),
            time, logger)
        { Workers = workers });
        objects.OnChange(change =>
        {
            if (change.New is { } current)
                loop.Look(new ObjectKey(current.Metadata.Namespace, current.Metadata.Name));
        });
        return loop;
    }

    /// <summary>Adds a loop that is told from elsewhere what to look at.</summary>
    public ControlLoop Add(ControlLoop loop)
    {
        _loops.Add(loop);
        return loop;
    }

    /// <summary>Adds something that runs beside the loops until they end.</summary>
    public void AddFeed(Func<CancellationToken, Task> feed) => _feeds.Add(feed);

    /// <summary>Whether every informer knows its objects.</summary>
    public bool IsSynced => _synced.TrueForAll(isSynced => isSynced());

    /// <summary>Completes when every informer knows its objects.</summary>
    public Task WaitForSyncAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_syncs.Select(sync => sync(cancellationToken)));

    /// <summary>Runs all until cancelled, and waits for the looks that have begun.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
    [
        .. _feeds.Select(feed => feed(cancellationToken)),
        .. _loops.Select(loop => loop.RunAsync(cancellationToken)),
    ]);

    /// <inheritdoc/>
    public void Dispose() => _loops.ForEach(loop => loop.Dispose());
}
