// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sealock.Api.Objects;

namespace Sealock.Api.Client;

/// <summary>Reads one line of a watch.</summary>
internal static class EventReader
{
    /// <summary>The event in a line.</summary>
    /// <exception cref="ApiException">It is an error event.</exception>
    /// <exception cref="HttpRequestException">It is no event.</exception>
    public static WatchEvent<T> Read<T>(ReadOnlySequence<byte> line, JsonTypeInfo<T> view)
        where T : class => ApiClient.ReadOrFault(() =>
        {
            var reader = new Utf8JsonReader(line);
            using var document = JsonDocument.ParseValue(ref reader);
            var type = document.RootElement.GetProperty("type"u8).GetString();
            var @object = document.RootElement.GetProperty("object"u8);
            if (type == "ERROR")
                throw StatusReader.FromStatus(500, @object);
            var version = VersionOf(@object);
            return type switch
            {
                "ADDED" => new WatchEvent<T>(WatchEventType.Added, @object.Deserialize(view), version),
                "MODIFIED" => new WatchEvent<T>(WatchEventType.Modified, @object.Deserialize(view), version),
                "DELETED" => new WatchEvent<T>(WatchEventType.Deleted, @object.Deserialize(view), version),
                "BOOKMARK" => new WatchEvent<T>(WatchEventType.Bookmark, null, version),
                _ => throw new JsonException($"unknown event type {type}"),
            };
        });

    private static string VersionOf(JsonElement @object) =>
        @object.TryGetProperty("metadata"u8, out var metadata)
            && metadata.TryGetProperty("resourceVersion"u8, out var version)
            ? version.GetString() ?? ""
            : "";
}

/// <summary>Reads a page of a list.</summary>
internal static class ListReader
{
    /// <summary>Adds the page's items and returns its metadata.</summary>
    /// <exception cref="HttpRequestException">The body is no list.</exception>
    public static (string ResourceVersion, string Continue) Read<T>(
        ReadOnlyMemory<byte> body, JsonTypeInfo<T> view, List<T> items)
        where T : class => ApiClient.ReadOrFault(() =>
        {
            var version = "";
            var token = "";
            var reader = new Utf8JsonReader(body.Span);
            Expect(ref reader, JsonTokenType.StartObject);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("items"u8))
                {
                    reader.Read();
                    ReadItems(ref reader, view, items);
                }
                else if (reader.ValueTextEquals("metadata"u8))
                {
                    reader.Read();
                    using var metadata = JsonDocument.ParseValue(ref reader);
                    version = Text(metadata.RootElement, "resourceVersion");
                    token = Text(metadata.RootElement, "continue");
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            return version.Length > 0
                ? (version, token)
                : throw new JsonException("the body is no list: it has no metadata.resourceVersion");
        });

    private static void ReadItems<T>(ref Utf8JsonReader reader, JsonTypeInfo<T> view, List<T> items)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("items is no array");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(JsonSerializer.Deserialize(ref reader, view) ?? throw new JsonException("an item is null"));
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (!reader.Read() || reader.TokenType != type)
            throw new JsonException("the body is no object");
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
