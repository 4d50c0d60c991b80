// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;

namespace Sealock.Commands;

/// <summary>The <c>-o table|json|yaml</c> of commands that print data.</summary>
internal static class OutputFormat
{
    public static Option<string> Option()
    {
        var option = new Option<string>("--output", "-o") { Description = "table, json or yaml", DefaultValueFactory = _ => "table" };
        option.AcceptOnlyFromAmong("table", "json", "yaml");
        return option;
    }

    /// <summary>Prints a document as JSON or YAML.</summary>
    public static void Write(TextWriter output, string? format, JsonObject document)
    {
        if (format == "yaml")
        {
            output.Write(YamlWriter.WriteInOrder(document));
            return;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            document.WriteTo(writer);
        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    /// <summary>Prints named facts.</summary>
    public static void Write(TextWriter output, string? format, IReadOnlyList<(string Name, string Value)> facts)
    {
        if (format == "json")
        {
            var buffer = new ArrayBufferWriter<byte>();
            using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            writer.WriteStartObject();
            foreach (var (name, value) in facts)
                writer.WriteString(name, value);
            writer.WriteEndObject();
            writer.Flush();
            output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
            return;
        }

        var width = facts.Max(fact => fact.Name.Length);
        foreach (var (name, value) in facts)
            output.WriteLine(format == "yaml" ? $"{name}: \"{value.Replace("\"", "\\\"", StringComparison.Ordinal)}\"" : $"{name.PadRight(width)}  {value}");
    }
}
