// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;

namespace Sealock.Api.Caching;

/// <summary>What the cache keeps of an object's metadata, read in one pass.</summary>
internal struct MetadataReader()
{
    public string Namespace { get; private set; } = "";

    public string Name { get; private set; } = "";

    public string Uid { get; private set; } = "";

    public string? DeletionTimestamp { get; private set; }

    public KeyValuePair<string, string>[] Labels { get; private set; } = [];

    public string[] Finalizers { get; private set; } = [];

    public OwnerReference[] Owners { get; private set; } = [];

    /// <summary>How many bytes the metadata object has.</summary>
    public int Length { get; private set; }

    /// <summary>Reads the metadata object that <paramref name="json"/> begins with; more may follow it.</summary>
    /// <exception cref="JsonException">It is no such object.</exception>
    public static MetadataReader Read(ReadOnlySpan<byte> json)
    {
        var result = new MetadataReader();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8))
                result.Name = Text(ref reader);
            else if (reader.ValueTextEquals("namespace"u8))
                result.Namespace = Text(ref reader);
            else if (reader.ValueTextEquals("uid"u8))
                result.Uid = Text(ref reader);
            else if (reader.ValueTextEquals("deletionTimestamp"u8))
                result.DeletionTimestamp = Text(ref reader) is { Length: > 0 } time ? time : null;
            else if (reader.ValueTextEquals("labels"u8))
                result.Labels = ReadLabels(ref reader);
            else if (reader.ValueTextEquals("finalizers"u8))
                result.Finalizers = ReadTexts(ref reader);
            else if (reader.ValueTextEquals("ownerReferences"u8))
                result.Owners = ReadOwners(ref reader);
            else
                SkipValue(ref reader);
        }

        result.Length = (int)reader.BytesConsumed;
        return result;
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString() ?? "";
        reader.Skip();
        return "";
    }

    private static void SkipValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    private static KeyValuePair<string, string>[] ReadLabels(ref Utf8JsonReader reader)
    {
        if (!Enters(ref reader, JsonTokenType.StartObject))
            return [];
        var labels = new List<KeyValuePair<string, string>>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString() ?? "";
            labels.Add(new(key, Text(ref reader)));
        }

        return [.. labels];
    }

    private static string[] ReadTexts(ref Utf8JsonReader reader)
    {
        if (!Enters(ref reader, JsonTokenType.StartArray))
            return [];
        var texts = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
                texts.Add(reader.GetString() ?? "");
            else
                reader.Skip();
        }

        return [.. texts];
    }

    private static OwnerReference[] ReadOwners(ref Utf8JsonReader reader)
    {
        if (!Enters(ref reader, JsonTokenType.StartArray))
            return [];
        var owners = new List<OwnerReference>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            var uid = "";
            var blocks = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("uid"u8))
                {
                    uid = Text(ref reader);
                }
                else if (reader.ValueTextEquals("blockOwnerDeletion"u8))
                {
                    reader.Read();
                    blocks = reader.TokenType == JsonTokenType.True;
                }
                else
                {
                    SkipValue(ref reader);
                }
            }

            owners.Add(new OwnerReference(uid, blocks));
        }

        return [.. owners];
    }

    private static bool Enters(ref Utf8JsonReader reader, JsonTokenType type)
    {
        reader.Read();
        if (reader.TokenType == type)
            return true;
        reader.Skip();
        return false;
    }
}
