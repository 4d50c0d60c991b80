// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sealock.Api.Serving;

/// <summary>JSON for a person's eyes.</summary>
public static class PrettyJson
{
    private const int MaxDepth = 1000;

    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth,
    };

    /// <summary>Whether JSON is to be indented: asked for (<c>?pretty</c>), or sent to a person's tool.</summary>
    public static bool IsWanted(QueryParameters query, string userAgent)
    {
        if (query.Has("pretty"))
            return query["pretty"] is "1" or "t" or "T" or "true" or "TRUE" or "True";
        return userAgent.StartsWith("curl", StringComparison.Ordinal) || userAgent.StartsWith("Wget", StringComparison.Ordinal)
            || userAgent.StartsWith("Mozilla/5.0", StringComparison.Ordinal);
    }

    /// <summary>The same JSON, indented.</summary>
    public static ReadOnlyMemory<byte> Indent(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, new() { MaxDepth = MaxDepth });
        var output = new ArrayBufferWriter<byte>(json.Length * 2);
        using (var writer = new Utf8JsonWriter(output, Indented))
            document.RootElement.WriteTo(writer);
        return output.WrittenMemory;
    }
}
