// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client.Views;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.GarbageCollection;

/// <summary>An object as the graph knows it.</summary>
internal sealed record OwnedObject(ServedResource Resource, ObjectMetaView Metadata)
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";

    public string Uid => Metadata.Uid;

    public bool IsBeingDeleted => Metadata.DeletionTimestamp is not null;

    /// <summary>Whether it goes only after the objects it owns.</summary>
    public bool WaitsForDependents => IsBeingDeleted && Metadata.Finalizers.Contains(ForegroundFinalizer);
}

/// <summary>Who owns whom, by uid, over all resources. Safe for concurrent use.</summary>
internal sealed class OwnershipGraph
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, OwnedObject> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _dependents = new(StringComparer.Ordinal);

    public OwnedObject? Find(string uid)
    {
        lock (_gate)
            return _objects.GetValueOrDefault(uid);
    }

    /// <summary>The objects that name this one as an owner.</summary>
    public IReadOnlyList<OwnedObject> DependentsOf(string uid)
    {
        lock (_gate)
        {
            return _dependents.TryGetValue(uid, out var dependents)
                ? [.. dependents.Select(dependent => _objects[dependent])] : [];
        }
    }

    /// <summary>Takes in an object's present state.</summary>
    public void Put(OwnedObject current)
    {
        lock (_gate)
        {
            Unlink(current.Uid);
            _objects[current.Uid] = current;
            foreach (var owner in current.Metadata.OwnerReferences)
            {
                if (!_dependents.TryGetValue(owner.Uid, out var dependents))
                    _dependents[owner.Uid] = dependents = new(StringComparer.Ordinal);
                dependents.Add(current.Uid);
            }
        }
    }

    /// <summary>An object is gone.</summary>
    public void Remove(string uid)
    {
        lock (_gate)
        {
            Unlink(uid);
            _objects.Remove(uid);
        }
    }

    private void Unlink(string uid)
    {
        if (!_objects.TryGetValue(uid, out var before))
            return;
        foreach (var owner in before.Metadata.OwnerReferences)
        {
            if (_dependents.TryGetValue(owner.Uid, out var dependents) && dependents.Remove(uid) && dependents.Count == 0)
                _dependents.Remove(owner.Uid);
        }
    }
}
