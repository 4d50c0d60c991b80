// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sealock.Api.Caching;
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Api.Serving;

/// <summary>Objects, lists and events as server-side tables.</summary>
internal static class TableAnswers
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A table of one object.</summary>
    public static ReadOnlyMemory<byte> Object(
        ServedResource resource, CacheEntry entry, TableObject include, TimeProvider clock) =>
        Write(resource, Options(resource, include, clock) with { ResourceVersion = Text(entry.Revision) }, [entry]);

    /// <summary>A table of a list.</summary>
    public static ReadOnlyMemory<byte> List(
        ServedResource resource, ListPage page, TableObject include, TimeProvider clock) =>
        Write(
            resource,
            Options(resource, include, clock) with
            {
                ResourceVersion = Text(page.Revision),
                Continue = page.Continue,
                RemainingItemCount = page.Remaining,
            },
            page.Items);

    /// <summary>The object of a watch event: a table with one row; only the first has the columns.</summary>
    public static ReadOnlySpan<byte> Event(
        ServedResource resource, CacheEntry entry, TableObject include, TimeProvider clock, bool withColumns) =>
        Write(
            resource,
            Options(resource, include, clock) with
            {
                ResourceVersion = Text(entry.Revision),
                WithColumns = withColumns,
            },
            [entry]).Span;

    /// <summary>What rows carry of their objects (<c>includeObject</c>).</summary>
    /// <exception cref="ApiException">400: the parameter has an unknown value.</exception>
    public static TableObject ReadInclude(QueryParameters query) => query["includeObject"] switch
    {
        "" or "Metadata" => TableObject.Metadata,
        "None" => TableObject.None,
        "Object" => TableObject.Object,
        var other => throw ApiException.BadRequest(
            $"Unable to convert to Table as requested: includeObject: Invalid value: {GoText.Quote(other)}: must be "
                + "'Metadata', 'Object', 'None', or empty"),
    };

    private static TableOptions Options(ServedResource resource, TableObject include, TimeProvider clock) => new()
    {
        Columns = resource.Definition.Columns,
        Include = include,
        Now = clock.GetUtcNow(),
    };

    private static ReadOnlyMemory<byte> Write(ServedResource resource, TableOptions options, List<CacheEntry> entries)
    {
        var output = new ArrayBufferWriter<byte>(1024 + (entries.Count * 256));
        using (var writer = new Utf8JsonWriter(output, Writing))
            TableWriter.Write(writer, options, entries.Select(entry => Whole(resource, entry)));
        return output.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Whole(ServedResource resource, CacheEntry entry) =>
        (byte[])[.. resource.ObjectStart, .. entry.Item.AsSpan(1)];

    private static string Text(long revision) => revision.ToString(CultureInfo.InvariantCulture);
}
