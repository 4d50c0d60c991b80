// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json;

namespace Sealock.Api.Tables;

/// <summary>How much of its object a row carries (the <c>includeObject</c> parameter).</summary>
public enum TableObject
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Its metadata, as a PartialObjectMetadata; the default.</summary>
    Metadata,

    /// <summary>All of it.</summary>
    Object,
}

/// <summary>How a table is to be written.</summary>
public sealed record TableOptions
{
    /// <summary>Columns in order; none: name and creation time.</summary>
    public required ImmutableArray<Column> Columns { get; init; }

    /// <summary>Version of the meta.k8s.io group, <c>v1</c> or <c>v1beta1</c>.</summary>
    public string Version { get; init; } = "v1";

    /// <summary>What a row carries of its object.</summary>
    public TableObject Include { get; init; } = TableObject.Metadata;

    /// <summary>Whether the column definitions are written; in a watch only the first event has them.</summary>
    public bool WithColumns { get; init; } = true;

    /// <summary>Revision of the list or object.</summary>
    public string ResourceVersion { get; init; } = "";

    /// <summary>Token for the next page; empty: none follows.</summary>
    public string Continue { get; init; } = "";

    /// <summary>Objects after this page, where known.</summary>
    public long? RemainingItemCount { get; init; }

    /// <summary>The time from which ages are counted.</summary>
    public required DateTimeOffset Now { get; init; }
}

/// <summary>Writes meta.k8s.io Tables, for lists as well as for single objects and the events of a watch.</summary>
public static class TableWriter
{
    private static readonly ImmutableArray<Column> DefaultColumns = [Cells.Name, Cells.CreatedAt];

    /// <summary>
    /// Writes one table whose rows are made of whole objects (UTF-8 JSON with kind, apiVersion and resourceVersion).
    /// Each object is parsed only while its row is written.
    /// </summary>
    /// <exception cref="JsonException">An object is not JSON.</exception>
    public static void Write(Utf8JsonWriter writer, TableOptions options, IEnumerable<ReadOnlyMemory<byte>> objects)
    {
        var columns = options.Columns.IsDefaultOrEmpty ? DefaultColumns : options.Columns;
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "Table"u8);
        writer.WriteString("apiVersion"u8, "meta.k8s.io/" + options.Version);
        WriteMetadata(writer, options);
        WriteColumns(writer, options.WithColumns ? columns : []);
        writer.WriteStartArray("rows"u8);
        foreach (var bytes in objects)
        {
            using var document = JsonDocument.Parse(bytes);
            WriteRow(writer, options, columns, document.RootElement, bytes);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter writer, TableOptions options)
    {
        writer.WriteStartObject("metadata"u8);
        if (options.ResourceVersion.Length > 0)
        {
            writer.WriteString("resourceVersion"u8, options.ResourceVersion);
        }

        if (options.Continue.Length > 0)
        {
            writer.WriteString("continue"u8, options.Continue);
        }

        if (options.RemainingItemCount is { } remaining)
        {
            writer.WriteNumber("remainingItemCount"u8, remaining);
        }

        writer.WriteEndObject();
    }

    private static void WriteColumns(Utf8JsonWriter writer, ImmutableArray<Column> columns)
    {
        // Without headers Kubernetes sends null, since the field is always there.
        if (columns.IsEmpty)
        {
            writer.WriteNull("columnDefinitions"u8);
            return;
        }

        writer.WriteStartArray("columnDefinitions"u8);
        foreach (var column in columns)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, column.Name);
            writer.WriteString("type"u8, column.Type);
            writer.WriteString("format"u8, column.Format);
            writer.WriteString("description"u8, column.Description);
            writer.WriteNumber("priority"u8, column.Priority);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteRow(
        Utf8JsonWriter writer, TableOptions options, ImmutableArray<Column> columns, JsonElement item, ReadOnlyMemory<byte> bytes)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("cells"u8);
        foreach (var column in columns)
        {
            column.Cell(writer, item, options.Now);
        }

        writer.WriteEndArray();
        switch (options.Include)
        {
            case TableObject.Object:
                writer.WritePropertyName("object"u8);
                writer.WriteRawValue(bytes.Span, skipInputValidation: true);
                break;
            case TableObject.Metadata:
                writer.WriteStartObject("object"u8);
                writer.WriteString("kind"u8, "PartialObjectMetadata"u8);
                writer.WriteString("apiVersion"u8, "meta.k8s.io/" + options.Version);
                if (item.TryGetProperty("metadata"u8, out var metadata))
                {
                    writer.WritePropertyName("metadata"u8);
                    metadata.WriteTo(writer);
                }

                writer.WriteEndObject();
                break;
            default:
                writer.WriteNull("object"u8);
                break;
        }

        writer.WriteEndObject();
    }
}
