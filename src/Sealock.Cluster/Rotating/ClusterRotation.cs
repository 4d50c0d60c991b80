// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Rotating;

/// <summary>
/// The rotation of one of a cluster's authorities, or of its service account key, as its state file has it. Immutable:
/// each step gives another, which is stored before anything else happens.
/// </summary>
public sealed record ClusterRotation
{
    /// <summary>The name of the service account key among what can be rotated.</summary>
    public const string ServiceAccounts = "sa";

    /// <summary>What is rotated: an authority's name, or <see cref="ServiceAccounts"/>.</summary>
    public required string Subject { get; init; }

    /// <summary>How far it is; members are nodes.</summary>
    public required RotationState State { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When the last node was seen in the phase that was entered last; null while it is under way.</summary>
    public DateTimeOffset? Closed { get; init; }

    /// <summary>The certificates, where an authority is rotated.</summary>
    public AuthorityRotation? Authority { get; init; }

    /// <summary>The keys, where the service account key is rotated.</summary>
    public KeyRotation? Key { get; init; }

    /// <summary>How long a token that the old key signed may be in use.</summary>
    public TimeSpan TokenLifetime { get; init; }

    /// <summary>The phase that was entered last.</summary>
    public RotationPhase Phase => State.Phase;

    /// <summary>When no token of the old key is valid any more; null where none is rotated or the new key signs not everywhere yet.</summary>
    public DateTimeOffset? TokensUntil => Key is not null && Phase == RotationPhase.Reissue && Closed is { } closed ? closed + TokenLifetime : null;

    /// <summary>The same in another state; it is closed with the last node.</summary>
    public ClusterRotation With(RotationState state, DateTimeOffset now) => this with
    {
        State = state,
        Closed = !state.IsClosed ? null : state.Phase == Phase && Closed is { } before ? before : now,
    };
}
