// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client.Views;

namespace Sealock.Controllers.GarbageCollection;

/// <summary>How an owner that an object names is found.</summary>
internal enum OwnerState
{
    /// <summary>It is there and stays.</summary>
    Solid,

    /// <summary>It goes as soon as what it owns has gone.</summary>
    WaitingForDependents,

    /// <summary>It is gone.</summary>
    Absent,
}

/// <summary>What becomes of an object that names owners.</summary>
internal abstract record OwnershipVerdict
{
    private OwnershipVerdict()
    {
    }

    /// <summary>It stays as it is.</summary>
    public sealed record Keep : OwnershipVerdict;

    /// <summary>It stays, but names only these owners from now on.</summary>
    public sealed record KeepWith(IReadOnlyList<OwnerReferenceView> Owners) : OwnershipVerdict;

    /// <summary>It goes; <paramref name="Unblock"/>: first it stops blocking its owners, since they block each other.</summary>
    public sealed record Delete(string PropagationPolicy, bool Unblock = false) : OwnershipVerdict;
}

/// <summary>The decisions of the garbage collector, without effects.</summary>
internal static class OwnershipRules
{
    /// <summary>What becomes of an object, given its owners' states and the objects it owns itself.</summary>
    public static OwnershipVerdict Judge(
        OwnedObject item, IReadOnlyList<OwnerState> states, IReadOnlyList<OwnedObject> dependents)
    {
        var owners = item.Metadata.OwnerReferences;
        if (owners.Count == 0 || item.IsBeingDeleted)
            return new OwnershipVerdict.Keep();
        if (states.Contains(OwnerState.Solid))
        {
            return states.All(state => state == OwnerState.Solid)
                ? new OwnershipVerdict.Keep()
                : new OwnershipVerdict.KeepWith([.. owners.Where((_, index) => states[index] == OwnerState.Solid)]);
        }

        if (states.Contains(OwnerState.WaitingForDependents) && dependents.Count > 0)
            return new OwnershipVerdict.Delete("Foreground", Unblock: dependents.Any(dependent => dependent.WaitsForDependents));
        return new OwnershipVerdict.Delete(
            item.Metadata.Finalizers.Contains(OwnedObject.OrphanFinalizer) ? "Orphan"
            : item.Metadata.Finalizers.Contains(OwnedObject.ForegroundFinalizer) ? "Foreground"
            : "Background");
    }

    /// <summary>Whether an owner that waits for its dependents may go now.</summary>
    public static bool MayGo(OwnedObject owner, IReadOnlyList<OwnedObject> dependents) =>
        !dependents.Any(dependent => dependent.Metadata.OwnerReferences.Any(
            reference => reference.Uid == owner.Uid && reference.BlockOwnerDeletion));
}
