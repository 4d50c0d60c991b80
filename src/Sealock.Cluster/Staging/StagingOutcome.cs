// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Staging;

/// <summary>What an apply or rollback did.</summary>
/// <param name="Changes">Every file and folder that was asked for, also those that were as wanted already.</param>
public sealed record StagingOutcome(IReadOnlyList<PlannedChange> Changes)
{
    /// <summary>Whether anything was done.</summary>
    public bool Changed => Changes.Any(change => change.Kind != ChangeKind.Unchanged);

    /// <summary>How many files (not folders) had a kind of change.</summary>
    public int Count(ChangeKind kind) => Changes.Count(change => change.Kind == kind && !change.IsFolder);
}

/// <summary>What was found when a staging area was opened.</summary>
public enum StagingRecovery
{
    /// <summary>No change had been interrupted after its journal was written.</summary>
    None,

    /// <summary>An interrupted change was completed.</summary>
    Completed,

    /// <summary>An interrupted change was undone.</summary>
    Undone,
}
