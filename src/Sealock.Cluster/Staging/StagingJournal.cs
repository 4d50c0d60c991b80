// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sealock.Cluster.Staging;

/// <summary>
/// What an apply is about to do, enough to complete it or to undo it. While it stands as <c>journal.json</c>, the change
/// is under way; renamed to <c>former.json</c>, it is done, and tells what a rollback returns to.
/// </summary>
internal sealed record StagingJournal
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>Names the folder of the kept files.</summary>
    public required string Id { get; init; }

    /// <summary>Whether the change is being undone, since it could not be completed.</summary>
    public bool Back { get; init; }

    public required IReadOnlyList<JournalEntry> Entries { get; init; }

    public static StagingJournal Read(byte[] content) =>
        JsonSerializer.Deserialize(content, StagingJson.Default.StagingJournal) is { Version: CurrentVersion } journal
            ? journal
            : throw new JsonException("the journal has another version");

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, StagingJson.Default.StagingJournal);
}

/// <summary>One file or folder of a change; folders that appear come first, those that go last.</summary>
internal sealed record JournalEntry
{
    public required string Path { get; init; }

    public required bool IsFolder { get; init; }

    public required EntryState Before { get; init; }

    public required EntryState After { get; init; }

    /// <summary>The folder with the new file, on the file system of the target; null where none is needed.</summary>
    public string? StagedIn { get; init; }

    /// <summary>The new file's name there.</summary>
    public string? StagedAs { get; init; }

    /// <summary>The old file's name in the folder of the kept files; null where there was none.</summary>
    public string? KeptAs { get; init; }
}

[JsonSourceGenerationOptions(
    UseStringEnumConverter = true,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StagingJournal))]
internal sealed partial class StagingJson : JsonSerializerContext;
