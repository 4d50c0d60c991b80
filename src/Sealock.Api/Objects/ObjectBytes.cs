// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Schemas;

namespace Sealock.Api.Objects;

/// <summary>
/// The two byte forms of an object. Stored: JSON without kind, apiVersion and resourceVersion, metadata first
/// (<c>{"metadata":{…},…}</c>). Item: the same with the resource version as the first field of metadata, which is what
/// a list of a built-in kind consists of.
/// </summary>
internal static class ObjectBytes
{
    /// <summary>With what every stored object begins.</summary>
    public static ReadOnlySpan<byte> Start => "{\"metadata\":{"u8;

    private static ReadOnlySpan<byte> VersionStart => "\"resourceVersion\":\""u8;

    /// <summary>The stored form of an object, which loses what is not stored.</summary>
    /// <exception cref="MalformedObjectException">It is nested too deeply.</exception>
    public static byte[] Encode(JsonObject @object)
    {
        @object.Remove("kind");
        @object.Remove("apiVersion");
        if (@object["metadata"] is JsonObject metadata)
            metadata.Remove("resourceVersion");
        else
            @object["metadata"] = new JsonObject();
        return CanonicalJson.Serialize(@object);
    }

    /// <summary>The item form of a stored object at a revision; 0: of one that was not stored and has none.</summary>
    /// <exception cref="JsonException">The bytes are no stored object.</exception>
    public static byte[] WithVersion(ReadOnlySpan<byte> stored, long revision)
    {
        if (!stored.StartsWith(Start))
        {
            stored = Encode(JsonNode.Parse(stored, documentOptions: new() { MaxDepth = 1000 }) as JsonObject
                ?? throw new JsonException("a stored object is no JSON object"));
        }

        return revision == 0 ? stored.ToArray() : Splice(stored[Start.Length..], revision);
    }

    /// <summary>An item as it is, but at another revision.</summary>
    public static byte[] Revised(ReadOnlySpan<byte> item, long revision)
    {
        var rest = item[(Start.Length + VersionStart.Length)..];
        rest = rest[(rest.IndexOf((byte)'"') + 1)..];
        return Splice(rest[0] == (byte)',' ? rest[1..] : rest, revision);
    }

    /// <summary>The object in an item, as JSON without kind and apiVersion.</summary>
    public static JsonObject Parse(ReadOnlySpan<byte> item) =>
        JsonNode.Parse(item, documentOptions: new() { MaxDepth = 1000 }) as JsonObject
            ?? throw new JsonException("a stored object is no JSON object");

    private static byte[] Splice(ReadOnlySpan<byte> afterStart, long revision)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(revision, digits, out var length);
        var alone = afterStart[0] == (byte)'}';
        var item = new byte[Start.Length + VersionStart.Length + length + (alone ? 1 : 2) + afterStart.Length];
        var rest = item.AsSpan();
        Append(ref rest, Start);
        Append(ref rest, VersionStart);
        Append(ref rest, digits[..length]);
        Append(ref rest, alone ? "\""u8 : "\","u8);
        Append(ref rest, afterStart);
        return item;
    }

    private static void Append(ref Span<byte> rest, scoped ReadOnlySpan<byte> part)
    {
        part.CopyTo(rest);
        rest = rest[part.Length..];
    }
}
