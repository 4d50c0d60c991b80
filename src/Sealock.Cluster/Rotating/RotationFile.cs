// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sealock.Cluster.Sets;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Files;
using Sealock.Pki.Keys;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Rotating;

/// <summary>A rotation's state on disk: certificates, phases, times; no private key. Replaced whole, durably.</summary>
public static class RotationFile
{
    private const int Version = 1;
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Where the state of a subject stands.</summary>
    public static string PathOf(SetFolder folder, string subject) => Path.Combine(folder.State, $"rotate-{subject}.json");

    /// <summary>The rotation that is under way, or has ended and can still be undone; null where there is none.</summary>
    /// <exception cref="RotationException">The file is damaged.</exception>
    public static ClusterRotation? Read(SetFolder folder, string subject)
    {
        var path = PathOf(folder, subject);
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                return null;
            if (file.Length > MaxBytes)
                throw new RotationException($"{path} is larger than {MaxBytes} bytes: restore it from a backup");
            var content = JsonSerializer.Deserialize(File.ReadAllBytes(path), RotationJson.Default.StoredRotation);
            return content is { Version: Version }
                ? FromStored(content)
                : throw new RotationException($"{path} was written by another version of sealock: use that one");
        }
        catch (Exception fault) when (fault is JsonException or PkiFormatException or KeyNotFoundException)
        {
            throw new RotationException($"{path} is damaged ({fault.Message}): restore it from a backup", fault);
        }
    }

    /// <summary>Stores a rotation.</summary>
    /// <exception cref="IOException">It could not be written; the former state stands.</exception>
    public static void Write(SetFolder folder, ClusterRotation rotation)
    {
        AtomicFile.CreateFolder(folder.State);
        AtomicFile.Write(
            PathOf(folder, rotation.Subject),
            JsonSerializer.SerializeToUtf8Bytes(ToStored(rotation), RotationJson.Default.StoredRotation),
            AtomicFile.Secret);
    }

    /// <summary>Forgets a rotation.</summary>
    public static void Delete(SetFolder folder, string subject)
    {
        File.Delete(PathOf(folder, subject));
        if (Directory.Exists(folder.State))
            AtomicFile.SyncFolder(folder.State);
    }

    private static StoredRotation ToStored(ClusterRotation rotation) => new()
    {
        Version = Version,
        Subject = rotation.Subject,
        Phase = PhaseRules.NameOf(rotation.Phase),
        Started = rotation.Started,
        Closed = rotation.Closed,
        Nodes = rotation.State.Members.ToDictionary(
            pair => pair.Key, pair => pair.Value.Select(PhaseRules.NameOf).ToArray()),
        Old = rotation.Authority is { } authority ? Roles(authority.Old) : null,
        New = rotation.Authority is { } other ? Roles(other.New) : null,
        Cross = rotation.Authority is { Cross: [_, ..] cross } ? Certificate.ToPem(cross) : null,
        CrossRefusal = rotation.Authority?.CrossRefusal,
        OldKey = rotation.Key?.Old.ToPem(),
        NewKey = rotation.Key?.New.ToPem(),
        TokenLifetimeSeconds = (long)rotation.TokenLifetime.TotalSeconds,
    };

    private static ClusterRotation FromStored(StoredRotation stored) => new()
    {
        Subject = stored.Subject,
        Started = stored.Started,
        Closed = stored.Closed,
        State = new()
        {
            Phase = Phase(stored.Phase),
            Members = stored.Nodes.ToImmutableSortedDictionary(
                pair => pair.Key, pair => pair.Value.Select(Phase).ToImmutableSortedSet(), StringComparer.Ordinal),
        },
        Authority = stored is { Old: { } old, New: { } @new }
            ? new()
            {
                Old = Roles(old),
                New = Roles(@new),
                Cross = stored.Cross is { } cross ? Certificate.ListFromPem(cross) : [],
                CrossRefusal = stored.CrossRefusal,
            }
            : null,
        Key = stored is { OldKey: { } oldKey, NewKey: { } newKey } ? new(PublicKeyInfo.FromPem(oldKey), PublicKeyInfo.FromPem(newKey)) : null,
        TokenLifetime = TimeSpan.FromSeconds(stored.TokenLifetimeSeconds),
    };

    private static RotationPhase Phase(string name) => PhaseRules.Find(name) ?? throw new JsonException($"there is no phase {name}");

    private static StoredRoles Roles(AuthorityRoles roles) => new()
    {
        Signing = Certificate.ToPem(roles.Signing),
        Trusted = Certificate.ToPem(roles.Trusted),
        Presented = roles.Presented.Count > 0 ? Certificate.ToPem(roles.Presented) : null,
    };

    private static AuthorityRoles Roles(StoredRoles stored) => new()
    {
        Signing = Certificate.ListFromPem(stored.Signing),
        Trusted = Certificate.ListFromPem(stored.Trusted),
        Presented = stored.Presented is { } presented ? Certificate.ListFromPem(presented) : [],
    };
}

/// <summary>A rotation cannot go on; the message names the remedy.</summary>
public sealed class RotationException(string message, Exception? inner = null) : Exception(message, inner);

internal sealed record StoredRotation
{
    public required int Version { get; init; }

    public required string Subject { get; init; }

    public required string Phase { get; init; }

    public required DateTimeOffset Started { get; init; }

    public DateTimeOffset? Closed { get; init; }

    public required IReadOnlyDictionary<string, string[]> Nodes { get; init; }

    public StoredRoles? Old { get; init; }

    public StoredRoles? New { get; init; }

    public string? Cross { get; init; }

    public string? CrossRefusal { get; init; }

    public string? OldKey { get; init; }

    public string? NewKey { get; init; }

    public long TokenLifetimeSeconds { get; init; }
}

internal sealed record StoredRoles
{
    public required string Signing { get; init; }

    public required string Trusted { get; init; }

    public string? Presented { get; init; }
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StoredRotation))]
internal sealed partial class RotationJson : JsonSerializerContext;
