// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Files;

namespace Sealock.Cluster.Staging;

/// <summary>What stands under a path, as far as a change set can tell one state from another.</summary>
public sealed record EntryState
{
    /// <summary>What it is; null where there is nothing.</summary>
    public FileKind? Kind { get; init; }

    /// <summary>Mode of a file or folder.</summary>
    public UnixFileMode Mode { get; init; }

    /// <summary>Owner; null where it does not matter.</summary>
    public FileOwner? Owner { get; init; }

    /// <summary>SHA-256 of a file's content, in lower-case hex; null for a file too long to have been read.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Where a symbolic link leads.</summary>
    public string? LinkTarget { get; init; }

    internal static EntryState Absent { get; } = new();

    /// <summary>Whether what is found is what this state asks for.</summary>
    internal bool IsMetBy(EntryState found) =>
        Kind == found.Kind
        && (Owner is null || Owner == found.Owner)
        && (Kind is null or FileKind.Link || Mode == found.Mode)
        && (Kind is not FileKind.File || (Sha256 is not null && Sha256 == found.Sha256))
        && (Kind is not FileKind.Link || LinkTarget == found.LinkTarget);
}
