// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Api.Objects;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.GarbageCollection;

/// <summary>
/// Deletes objects whose owners are all gone, and carries out the finalizers <c>foregroundDeletion</c> and
/// <c>orphan</c>. Follows every resource that discovery names. That an owner is gone is always asked of the server,
/// never concluded from memory.
/// </summary>
internal sealed partial class GarbageCollector(ApiClient client, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan DiscoveryInterval = TimeSpan.FromSeconds(30);

    private readonly OwnershipGraph _graph = new();
    private readonly ConcurrentDictionary<(string Group, string Plural), Followed> _followed = new();
    private volatile Discovery _discovery = new([], []);

    private sealed record Followed(Informer<MetadataView> Informer, CancellationTokenSource Stop, Task Running);

    /// <summary>Follows what is served until cancelled, queueing on the loop what needs a look.</summary>
    public async Task FollowAsync(ControlLoop loop, CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    _discovery = await Discovery.ReadAsync(client, cancellationToken);
                    await FollowServedAsync(loop, cancellationToken);
                }
                catch (Exception fault) when (fault is ApiException or HttpRequestException or IOException)
                {
                    LogDiscovery(logger, fault.Message);
                }

                await Task.Delay(DiscoveryInterval, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }

        await Task.WhenAll(_followed.Values.Select(followed => followed.Running));
    }

    /// <summary>A look at one object; the key's name is its uid.</summary>
    public async ValueTask<Reconciliation> ReconcileAsync(ControlLoop loop, ObjectKey key, CancellationToken cancellationToken)
    {
        if (_graph.Find(key.Name) is not { } item)
            return Reconciliation.Done;
        try
        {
            return item.IsBeingDeleted
                ? await EndAsync(loop, item, cancellationToken)
                : await JudgeAsync(item, cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
            return Reconciliation.Done;
        }
    }

    private async Task FollowServedAsync(ControlLoop loop, CancellationToken cancellationToken)
    {
        var served = _discovery.Resources
            .Where(resource => resource.Serves("list", "watch", "delete") && resource.Plural != "events")
            .ToDictionary(resource => (resource.Group, resource.Plural));
        foreach (var (name, resource) in served)
        {
            if (_followed.ContainsKey(name))
                continue;
            var informer = new Informer<MetadataView>(client, resource.Type, new InformerScope(), time, logger);
            informer.OnChange(change => Take(loop, resource, change));
            var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _followed[name] = new Followed(informer, stop, informer.RunAsync(stop.Token));
        }

        if (_discovery.Failures.Length > 0)
            return;
        foreach (var name in _followed.Keys.Where(name => !served.ContainsKey(name)))
        {
            if (!_followed.TryRemove(name, out var followed))
                continue;
            await followed.Stop.CancelAsync();
            await followed.Running;
            followed.Stop.Dispose();
            foreach (var item in followed.Informer.Objects.Values)
                _graph.Remove(item.Metadata.Uid);
        }
    }

    private void Take(ControlLoop loop, ServedResource resource, ObjectChange<MetadataView> change)
    {
        if (change.New is { } current)
        {
            _graph.Put(new OwnedObject(resource, current.Metadata));
            loop.Look(new ObjectKey("", current.Metadata.Uid));
            return;
        }

        if (change.Old is not { } gone)
            return;
        _graph.Remove(gone.Metadata.Uid);
        foreach (var dependent in _graph.DependentsOf(gone.Metadata.Uid))
            loop.Look(new ObjectKey("", dependent.Uid));
        foreach (var owner in gone.Metadata.OwnerReferences)
            loop.Look(new ObjectKey("", owner.Uid));
    }

    /// <summary>An object that is being deleted waits for its dependents to go, or to be let go.</summary>
    private async ValueTask<Reconciliation> EndAsync(ControlLoop loop, OwnedObject item, CancellationToken cancellationToken)
    {
        var orphan = item.Metadata.Finalizers.Contains(OwnedObject.OrphanFinalizer);
        if (!orphan && !item.WaitsForDependents)
            return Reconciliation.Done;
        if (_followed.Values.Any(followed => !followed.Informer.IsSynced) || _followed.IsEmpty)
            return Reconciliation.TryAgain("not all resources are known yet");
        var dependents = _graph.DependentsOf(item.Uid);
        if (orphan)
        {
            foreach (var dependent in dependents)
            {
                var others = dependent.Metadata.OwnerReferences.Where(owner => owner.Uid != item.Uid);
                await PatchAsync(dependent, "ownerReferences", Owners(others), cancellationToken);
            }

            await RemoveFinalizerAsync(item, OwnedObject.OrphanFinalizer, cancellationToken);
        }
        else if (OwnershipRules.MayGo(item, dependents))
        {
            await RemoveFinalizerAsync(item, OwnedObject.ForegroundFinalizer, cancellationToken);
        }
        else
        {
            foreach (var dependent in dependents)
                loop.Look(new ObjectKey("", dependent.Uid));
        }

        return Reconciliation.Done;
    }

    private async ValueTask<Reconciliation> JudgeAsync(OwnedObject item, CancellationToken cancellationToken)
    {
        var states = new List<OwnerState>();
        foreach (var owner in item.Metadata.OwnerReferences)
        {
            if (await FindAsync(item, owner, cancellationToken) is not { } state)
                return Reconciliation.TryAgain($"the owner {owner.Kind} {owner.Name} ({owner.ApiVersion}) cannot be looked up");
            states.Add(state);
        }

        switch (OwnershipRules.Judge(item, states, _graph.DependentsOf(item.Uid)))
        {
            case OwnershipVerdict.KeepWith keep:
                await PatchAsync(item, "ownerReferences", Owners(keep.Owners), cancellationToken);
                break;
            case OwnershipVerdict.Delete delete:
                if (delete.Unblock)
                {
                    var unblocked = item.Metadata.OwnerReferences.Select(owner => owner with { BlockOwnerDeletion = false });
                    await PatchAsync(item, "ownerReferences", Owners(unblocked), cancellationToken);
                }

                var conditions = new DeletePreconditions
                {
                    Uid = item.Uid,
                    ResourceVersion = delete.Unblock ? "" : item.Metadata.ResourceVersion,
                    PropagationPolicy = delete.PropagationPolicy,
                };
                await client.DeleteAsync(
                    item.Resource.Type, item.Metadata.Namespace, item.Metadata.Name, conditions, cancellationToken);
                LogDeleted(logger, item.Resource.QualifiedName, item.Metadata.Key);
                break;
        }

        return Reconciliation.Done;
    }

    /// <summary>Asks for an owner; null where its kind is not served, or it cannot own this object.</summary>
    private async ValueTask<OwnerState?> FindAsync(
        OwnedObject item, OwnerReferenceView owner, CancellationToken cancellationToken)
    {
        if (_graph.Find(owner.Uid) is { } known && known.Metadata.Namespace is var place &&
            (place.Length == 0 || place == item.Metadata.Namespace))
            return known.WaitsForDependents ? OwnerState.WaitingForDependents : OwnerState.Solid;
        if (_discovery.FindKind(owner.ApiVersion, owner.Kind) is not { } resource ||
            (resource.Namespaced && item.Metadata.Namespace.Length == 0))
            return null;
        var found = await client.FindAsync(
            resource.Type, resource.Namespaced ? item.Metadata.Namespace : "", owner.Name, cancellationToken);
        if (found is null || found.Metadata.Uid != owner.Uid)
            return OwnerState.Absent;
        return new OwnedObject(resource, found.Metadata).WaitsForDependents
            ? OwnerState.WaitingForDependents : OwnerState.Solid;
    }

    private Task RemoveFinalizerAsync(OwnedObject item, string finalizer, CancellationToken cancellationToken) => PatchAsync(
        item, "finalizers",
        new JsonArray([.. item.Metadata.Finalizers.Where(other => other != finalizer).Select(other => (JsonNode)other)]),
        cancellationToken);

    private async Task PatchAsync(OwnedObject item, string field, JsonArray value, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = item.Uid,
                ["resourceVersion"] = item.Metadata.ResourceVersion,
                [field] = value,
            },
        };
        try
        {
            await client.PatchAsync(
                item.Resource.Type, item.Metadata.Namespace, item.Metadata.Name, patch, cancellationToken: cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
        }
    }

    private static JsonArray Owners(IEnumerable<OwnerReferenceView> owners) => [.. owners.Select(Owner)];

    private static JsonNode Owner(OwnerReferenceView owner)
    {
        var json = new JsonObject
        {
            ["apiVersion"] = owner.ApiVersion,
            ["kind"] = owner.Kind,
            ["name"] = owner.Name,
            ["uid"] = owner.Uid,
        };
        if (owner.Controller)
            json["controller"] = true;
        if (owner.BlockOwnerDeletion)
            json["blockOwnerDeletion"] = true;
        return json;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "garbage collector: deleted {Resource} {Key}, whose owners are gone")]
    private static partial void LogDeleted(ILogger logger, string resource, string key);

    [LoggerMessage(Level = LogLevel.Warning, Message = "garbage collector: cannot learn what is served: {Problem}")]
    private static partial void LogDiscovery(ILogger logger, string problem);
}
