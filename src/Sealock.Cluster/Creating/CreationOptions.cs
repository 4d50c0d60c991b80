// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Creating;

/// <summary>How a set is created.</summary>
public sealed record CreationOptions
{
    /// <summary>The passphrase of CA keys, of those that stand and those that are made; null for none.</summary>
    public string? Passphrase { get; init; }

    /// <summary>Whether a CA whose certificate is missing is somebody else's, so that none is made.</summary>
    public bool ExternalAuthorities { get; init; }

    /// <summary>Whether only decisions are wanted: nothing is written, nothing locked.</summary>
    public bool DryRun { get; init; }

    /// <summary>Told how many certificates of how many are done.</summary>
    public IProgress<(int Done, int All)>? Progress { get; init; }

    /// <summary>Called before each change of the file system, in tests that end there.</summary>
    internal Action<string>? Before { get; init; }
}

/// <summary>What was done about a set, or would be.</summary>
public sealed record CreationReport
{
    /// <summary>Authorities and keys first, then node by node.</summary>
    public required IReadOnlyList<CreationItem> Items { get; init; }

    /// <summary>How many files were written.</summary>
    public required int FilesWritten { get; init; }

    /// <summary>What else the user should know, in plain words.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>How many parts got a verdict.</summary>
    public int Count(CreationVerdict verdict) => Items.Count(item => item.Decision.Verdict == verdict);

    /// <summary>True where nothing had to be done and nothing is wrong.</summary>
    public bool IsComplete => Items.All(item => item.Decision.Verdict == CreationVerdict.Keep);
}

/// <summary>A set cannot be created; the message says why and what to do.</summary>
public sealed class CreationException(string message) : Exception(message);
