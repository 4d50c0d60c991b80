// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sealock.Acme.Messages;

/// <summary>
/// Reads problem documents whatever they contain: they come from proxies and odd servers too, and are all there is to tell a
/// user. Texts are cut at a length, subproblems at a count and one level.
/// </summary>
internal sealed class ProblemConverter : JsonConverter<AcmeProblem>
{
    private const int LongestText = 4096;
    private const int MostSubproblems = 100;

    public override AcmeProblem? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.ValueKind == JsonValueKind.Object ? Read(document.RootElement, withParts: true) : null;
    }

    public override void Write(Utf8JsonWriter writer, AcmeProblem value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("type", value.Type);
        Optional("title", value.Title);
        Optional("detail", value.Detail);
        Optional("instance", value.Instance);
        if (value.Status > 0)
            writer.WriteNumber("status", value.Status);
        if (value.Identifier is { } identifier)
        {
            writer.WriteStartObject("identifier");
            writer.WriteString("type", identifier.Type);
            writer.WriteString("value", identifier.Value);
            writer.WriteEndObject();
        }

        if (value.Subproblems.Count > 0)
        {
            writer.WriteStartArray("subproblems");
            foreach (var part in value.Subproblems)
                Write(writer, part, options);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();

        void Optional(string name, string text)
        {
            if (text.Length > 0)
                writer.WriteString(name, text);
        }
    }

    /// <summary>A problem from any object.</summary>
    private static AcmeProblem Read(JsonElement element, bool withParts) => new()
    {
        Type = Text(element, "type") is { Length: > 0 } type ? type : "about:blank",
        Title = Text(element, "title"),
        Detail = Text(element, "detail"),
        Instance = Text(element, "instance"),
        Status = element.TryGetProperty("status", out var status) && status.ValueKind == JsonValueKind.Number
            && status.TryGetInt32(out var number) && number is > 0 and < 1000 ? number : 0,
        Identifier = element.TryGetProperty("identifier", out var who) && who.ValueKind == JsonValueKind.Object
            ? new(Text(who, "type"), Text(who, "value")) : null,
        Subproblems = withParts && element.TryGetProperty("subproblems", out var parts) && parts.ValueKind == JsonValueKind.Array
            ? [.. parts.EnumerateArray().Where(part => part.ValueKind == JsonValueKind.Object).Take(MostSubproblems).Select(part => Read(part, false))]
            : [],
    };

    private static string Text(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String)
            return "";
        try
        {
            var text = value.GetString() ?? "";
            return text.Length <= LongestText ? text : text[..LongestText];
        }
        catch (InvalidOperationException)
        {
            // Lone surrogates, or bytes that are no UTF-8: System.Text.Json finds them only now.
            return "";
        }
    }
}
