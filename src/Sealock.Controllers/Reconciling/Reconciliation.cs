// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Controllers.Reconciling;

/// <summary>The name of an object that a loop looks after; the namespace is empty for cluster-scoped ones.</summary>
public readonly record struct ObjectKey(string Namespace, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}

/// <summary>What a look at an object came to.</summary>
public readonly record struct Reconciliation
{
    /// <summary>Look again after this time even if nothing changes; null: only when something changes.</summary>
    public TimeSpan? LookAgainAfter { get; private init; }

    /// <summary>Why it has to be tried again with growing delays; null where all is well.</summary>
    public string? Retry { get; private init; }

    /// <summary>All is well.</summary>
    public static Reconciliation Done { get; }

    /// <summary>All is well until some time has passed.</summary>
    public static Reconciliation After(TimeSpan delay) => new() { LookAgainAfter = delay };

    /// <summary>Something expected stands in the way (no CA yet, say): try again, later each time.</summary>
    public static Reconciliation TryAgain(string why) => new() { Retry = why };
}
