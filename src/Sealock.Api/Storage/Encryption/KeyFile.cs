// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sealock.Api.Storage.Encryption;

/// <summary>
/// A key ring as a file (mode 0600), the key for writing first:
/// <c>{"keys":[{"id":"…","created":"2026-03-01T12:00:00Z","secret":"base64 of 32 bytes"}]}</c>.
/// Whoever loses it loses what was sealed under its keys: it belongs in a backup of its own.
/// </summary>
public static class KeyFile
{
    private const int MaxBytes = 64 << 10;

    /// <summary>Reads the file.</summary>
    /// <exception cref="KeyFileException">It is missing, readable by others, or malformed; the message names the
    /// remedy and no secret.</exception>
    public static KeyRing Load(string path)
    {
        try
        {
            if (DurableFile.IsOpenToOthers(path))
                throw new KeyFileException($"the key file {path} is open to others than its owner: chmod 600 {path}");
            if (new FileInfo(path).Length > MaxBytes)
                throw new KeyFileException($"the key file {path} is larger than {MaxBytes} bytes");
            var content = JsonSerializer.Deserialize(File.ReadAllBytes(path), KeyFileJson.Default.KeyFileContent);
            return new KeyRing((content?.Keys ?? []).Select(key => new EncryptionKey(key.Id, key.Created, key.Secret)));
        }
        catch (Exception fault) when (fault is JsonException or ArgumentException)
        {
            // A JsonException's own message may quote the text around the error.
            var reason = fault is JsonException json ? $"malformed JSON in line {json.LineNumber + 1}" : fault.Message;
            throw new KeyFileException($"the key file {path} cannot be used: {reason}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new KeyFileException($"the key file {path} cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>Reads the file, or creates it with one new key where there is none.</summary>
    /// <exception cref="KeyFileException">It cannot be used; see <see cref="Load"/>.</exception>
    public static KeyRing LoadOrCreate(string path, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        if (!File.Exists(path))
            Save(path, new KeyRing([EncryptionKey.Generate(clock.GetUtcNow())]));
        return Load(path);
    }

    /// <summary>Writes the file in one step; after a crash it is the old or the new one.</summary>
    public static void Save(string path, KeyRing ring)
    {
        ArgumentNullException.ThrowIfNull(ring);
        var content = new KeyFileContent
        {
            Keys = [.. ring.Keys.Select(key => new KeyFileEntry { Id = key.Id, Created = key.Created, Secret = key.Secret.ToArray() })],
        };
        DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(content, KeyFileJson.Default.KeyFileContent));
    }
}

/// <summary>A key file cannot be used. The message names the remedy and no secret.</summary>
public sealed class KeyFileException(string message, Exception? inner = null) : Exception(message, inner);

internal sealed record KeyFileContent
{
    public required IReadOnlyList<KeyFileEntry> Keys { get; init; }
}

internal sealed record KeyFileEntry
{
    public required string Id { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required byte[] Secret { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(KeyFileContent))]
internal sealed partial class KeyFileJson : JsonSerializerContext;
