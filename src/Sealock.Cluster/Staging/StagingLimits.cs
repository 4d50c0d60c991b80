// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Staging;

/// <summary>How much a change set may hold, and how much of what is there already is read.</summary>
public sealed record StagingLimits
{
    /// <summary>Files and folders in one change set.</summary>
    public int Entries { get; init; } = 200_000;

    /// <summary>Bytes of one file, wanted or found.</summary>
    public int FileBytes { get; init; } = 16 << 20;

    /// <summary>Bytes of all wanted files together.</summary>
    public long TotalBytes { get; init; } = 1L << 30;

    /// <summary>Bytes of a journal.</summary>
    internal int JournalBytes { get; init; } = 256 << 20;
}

/// <summary>The kinds of effects that an apply has; the first four leave the wanted files as they were.</summary>
public enum StagingEffect
{
    /// <summary>A new content is written into the staging folder.</summary>
    Stage,

    /// <summary>A staged file is read back and its hash compared.</summary>
    Check,

    /// <summary>An old file is copied, for a rollback.</summary>
    Keep,

    /// <summary>The journal is written: from here on an interrupted change is completed, not dropped.</summary>
    Journal,

    /// <summary>A folder is made, removed, or given another mode.</summary>
    Folder,

    /// <summary>A file is replaced or deleted.</summary>
    Switch,

    /// <summary>Renames are made durable.</summary>
    Sync,

    /// <summary>The journal becomes the record of the former set: the change is done.</summary>
    Commit,

    /// <summary>Leftovers are deleted.</summary>
    Clean,
}

/// <summary>An effect that is about to happen.</summary>
/// <param name="Effect">Its kind.</param>
/// <param name="Path">The path it concerns; empty where it concerns all.</param>
public readonly record struct StagingStep(StagingEffect Effect, string Path);

/// <summary>How a <see cref="StagingArea"/> works.</summary>
public sealed record StagingOptions
{
    /// <summary>
    /// Where staged files, the journal, the former set and the lock are kept: a path below the root. It is created with
    /// mode 0700; readers of the tree skip it.
    /// </summary>
    public string StateFolder { get; init; } = ".sealock";

    /// <summary>Limits.</summary>
    public StagingLimits Limits { get; init; } = new();

    /// <summary>Called before every effect: progress, and the places where a test interrupts.</summary>
    public Action<StagingStep>? Before { get; init; }
}

/// <summary>
/// A change set could not be applied, or the state folder is in use or damaged; the message names the remedy. Unless it
/// says otherwise, all wanted files are as they were.
/// </summary>
public sealed class StagingException(string message, Exception? inner = null) : Exception(message, inner);
