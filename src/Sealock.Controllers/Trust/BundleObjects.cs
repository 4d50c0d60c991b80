// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Trust;

/// <summary>What the loop of Bundles knows of the cluster.</summary>
internal sealed record BundleObjects
{
    public required Func<string, BundleView?> Bundle { get; init; }

    public required Func<IEnumerable<NamespaceView>> Namespaces { get; init; }

    /// <summary>An object of a kind by namespace and name, where it carries <see cref="TargetKind.Label"/>.</summary>
    public required Func<TargetKind, string, string, TargetFacts?> Target { get; init; }

    /// <summary>Objects of a kind that are labelled for a Bundle.</summary>
    public required Func<TargetKind, string, IEnumerable<TargetFacts>> TargetsOf { get; init; }

    /// <summary>Takes note of what the server answered to a write.</summary>
    public Action<TargetKind, TargetFacts> Wrote { get; init; } = (_, _) => { };

    /// <summary>Takes note of a deletion, with the object as it was.</summary>
    public Action<TargetKind, TargetFacts> Deleted { get; init; } = (_, _) => { };
}
