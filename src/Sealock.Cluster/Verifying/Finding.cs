// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Verifying;

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>Worth knowing; nothing has to be done.</summary>
    Info,

    /// <summary>It works, but should not be so.</summary>
    Warning,

    /// <summary>It does not work, or is a hole.</summary>
    Error,
}

/// <summary>One thing that is wrong, and what to do about it.</summary>
public sealed record Finding
{
    /// <summary>The rule's name: <c>key-mismatch</c>.</summary>
    public required string Rule { get; init; }

    /// <summary>How bad it is.</summary>
    public required Severity Severity { get; init; }

    /// <summary>The node; empty where it is not known, or where it concerns the whole cluster.</summary>
    public required string Node { get; init; }

    /// <summary>Which certificate, file or component: <c>master1/apiserver</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>The file, as a path on this machine.</summary>
    public required string Path { get; init; }

    /// <summary>What is wrong.</summary>
    public required string What { get; init; }

    /// <summary>Why that matters.</summary>
    public required string Why { get; init; }

    /// <summary>What to do: a command or an edit.</summary>
    public required string Fix { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Severity.ToString().ToLowerInvariant()} {Rule}: {Subject}: {What}";
}
