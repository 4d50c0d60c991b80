// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Staging;

namespace Sealock.Cluster.Distributing;

/// <summary>How a node stands after a distribution.</summary>
public enum NodeStatus
{
    /// <summary>Everything was as wanted already.</summary>
    Unchanged,

    /// <summary>It has been changed and is as wanted.</summary>
    Changed,

    /// <summary>It would be changed (dry run).</summary>
    WouldChange,

    /// <summary>It could not be changed, and is as it was.</summary>
    Untouched,

    /// <summary>Its change was begun, failed, and was undone: it is as it was.</summary>
    Undone,

    /// <summary>Its change was begun; whether it was completed is not known. The next run completes or undoes it.</summary>
    Unfinished,
}

/// <summary>What became of one node.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Changes">What was or would be changed, and what was as wanted; empty where the node told nothing.</param>
/// <param name="Failure">Why it failed, and the remedy; null where it did not.</param>
public sealed record NodeResult(string Node, NodeStatus Status, IReadOnlyList<PlannedChange> Changes, string? Failure = null)
{
    /// <summary>What was done about an earlier, interrupted run.</summary>
    public StagingRecovery Recovery { get; init; }

    /// <summary>Whether it could not be done.</summary>
    public bool HasFailed => Failure is not null;
}

/// <summary>How a distribution is done.</summary>
public sealed record DistributionOptions
{
    /// <summary>Only tell what would change.</summary>
    public bool DryRun { get; init; }

    /// <summary>Return to what was before each node's last change.</summary>
    public bool Rollback { get; init; }

    /// <summary>Roll back also files that others have changed since.</summary>
    public bool Force { get; init; }

    /// <summary>Nodes at a time.</summary>
    public int Parallel { get; init; } = 8;

    /// <summary>How long to wait on a node for another run there to end: one that was broken off may just be completing.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one connection may take.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>What a node is at.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Text">In a few words.</param>
public readonly record struct NodeProgress(string Node, string Text);
