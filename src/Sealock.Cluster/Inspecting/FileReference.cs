// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Inspecting;

/// <summary>A file that another one names.</summary>
/// <param name="Path">The path as it is named.</param>
/// <param name="Field">Where it is named: a flag or a field.</param>
/// <param name="Group">With what it should fit together; empty for its own name's.</param>
internal sealed record FileReference(string Path, string Field, string Group);

/// <summary>What a manifest holds itself, and which files it names.</summary>
internal sealed record ManifestContents
{
    public required string Format { get; init; }

    public required IReadOnlyList<InspectedItem> Items { get; init; }

    public required IReadOnlyList<FileReference> References { get; init; }
}
