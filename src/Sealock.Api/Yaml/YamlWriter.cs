// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealock.Api.Yaml;

/// <summary>
/// Writes JSON as YAML the way <c>kubectl get -o yaml</c> does: keys sorted, block style, lists at their key's
/// indentation, strings quoted only where they would be read as something else. Lines are never folded.
/// </summary>
public static class YamlWriter
{
    private static readonly SearchValues<char> Indicators = SearchValues.Create("-?:,[]{}#&*!|>'\"%@`");

    /// <summary>One document, ending in a line break.</summary>
    public static string Write(JsonNode? node) => Write(node, sorted: true);

    /// <summary>One document with keys in the order they have.</summary>
    public static string WriteInOrder(JsonNode? node) => Write(node, sorted: false);

    private static string Write(JsonNode? node, bool sorted)
    {
        var builder = new StringBuilder();
        if (node is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            WriteBlock(builder, node, 0, sorted);
        }
        else
        {
            WriteScalar(builder, node, 0);
        }

        return builder.ToString();
    }

    private static void WriteBlock(StringBuilder builder, JsonNode node, int indent, bool sorted)
    {
        var first = true;
        if (node is JsonArray list)
        {
            foreach (var element in list)
            {
                Indent(builder, first, indent);
                first = false;
                builder.Append('-');
                WriteElement(builder, element, indent, sorted);
            }

            return;
        }

        IEnumerable<KeyValuePair<string, JsonNode?>> members = (JsonObject)node;
        foreach (var (key, value) in sorted ? members.OrderBy(m => m.Key, YamlKeyOrder.Instance) : members)
        {
            Indent(builder, first, indent);
            first = false;
            WriteString(builder, key, indent, isKey: true);
            builder.Append(':');
            if (value is JsonArray { Count: > 0 } or JsonObject { Count: > 0 })
            {
                builder.Append('\n').Append(' ', value is JsonArray ? indent : indent + 2);
                WriteBlock(builder, value, value is JsonArray ? indent : indent + 2, sorted);
            }
            else
            {
                builder.Append(' ');
                WriteScalar(builder, value, indent + 2);
            }
        }
    }

    private static void WriteElement(StringBuilder builder, JsonNode? element, int indent, bool sorted)
    {
        builder.Append(' ');
        if (element is JsonArray { Count: > 0 } or JsonObject { Count: > 0 })
        {
            WriteBlock(builder, element, indent + 2, sorted);
        }
        else
        {
            WriteScalar(builder, element, indent + 2);
        }
    }

    private static void Indent(StringBuilder builder, bool first, int indent)
    {
        if (!first)
        {
            builder.Append(' ', indent);
        }
    }

    private static void WriteScalar(StringBuilder builder, JsonNode? node, int indent)
    {
        switch (node?.GetValueKind())
        {
            case null:
                builder.Append("null\n");
                break;
            case JsonValueKind.Object:
                builder.Append("{}\n");
                break;
            case JsonValueKind.Array:
                builder.Append("[]\n");
                break;
            case JsonValueKind.String:
                WriteString(builder, node.GetValue<string>(), indent, isKey: false);
                break;
            default:
                builder.Append(node.ToJsonString()).Append('\n');
                break;
        }
    }

    private static void WriteString(StringBuilder builder, string text, int indent, bool isKey)
    {
        var printable = text.EnumerateRunes().All(IsPrintable);
        if (!isKey && printable && text.Contains('\n', StringComparison.Ordinal) && CanBeLiteral(text))
        {
            WriteLiteral(builder, text, indent);
            return;
        }

        if (!printable || text.Contains('\n', StringComparison.Ordinal) || !ReadsBack(text))
        {
            WriteDoubleQuoted(builder, text);
        }
        else if (CanBePlain(text) && !(isKey && LooksAliased(text)))
        {
            builder.Append(text);
        }
        else
        {
            builder.Append('\'').Append(text.Replace("'", "''", StringComparison.Ordinal)).Append('\'');
        }

        if (!isKey)
        {
            builder.Append('\n');
        }
    }

    // Base-60 numbers and dates are strings to go-yaml, which still quotes them for the sake of other readers.
    private static bool ReadsBack(string text) => YamlScalar.ReadsAsString(text)
        && !(char.IsAsciiDigit(text[0]) && text.AsSpan().IndexOfAny(':', '-') > 0 && text.All(c => char.IsAsciiDigit(c) || ":-.TZ+_ ".Contains(c)));

    private static bool CanBePlain(string text)
    {
        if (text[0] == ' ' || text[^1] == ' ' || text.StartsWith("---", StringComparison.Ordinal)
            || text.StartsWith("...", StringComparison.Ordinal) || text is "<<" or "=")
        {
            return false;
        }

        var startsAsWord = text[0] is '-' or '?' or ':' && text.Length > 1 && text[1] != ' ';
        if (Indicators.Contains(text[0]) && !startsAsWord)
        {
            return false;
        }

        return !text.Contains(": ", StringComparison.Ordinal) && !text.EndsWith(':')
            && !text.Contains(" #", StringComparison.Ordinal);
    }

    // Plain is correct, but YamlDotNet takes the star in such a key for an alias.
    private static bool LooksAliased(string key) => key.Contains(" *", StringComparison.Ordinal);

    private static bool CanBeLiteral(string text) =>
        text[0] is not (' ' or '\n') && !text.Contains(" \n", StringComparison.Ordinal) && !text.EndsWith(' ');

    private static void WriteLiteral(StringBuilder builder, string text, int indent)
    {
        builder.Append('|').Append(!text.EndsWith('\n') ? "-" : text.EndsWith("\n\n", StringComparison.Ordinal) ? "+" : "");
        var lines = text.Split('\n');
        var count = text.EndsWith('\n') ? lines.Length - 1 : lines.Length;
        foreach (var line in lines.AsSpan(0, count))
        {
            builder.Append('\n');
            if (line.Length > 0)
            {
                builder.Append(' ', Math.Max(indent, 2)).Append(line);
            }
        }

        builder.Append('\n');
    }

    private static void WriteDoubleQuoted(StringBuilder builder, string text)
    {
        builder.Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '"': builder.Append("\\\""); break;
                case '\\': builder.Append("\\\\"); break;
                case '\n': builder.Append("\\n"); break;
                case '\r': builder.Append("\\r"); break;
                case '\t': builder.Append("\\t"); break;
                default:
                    if (IsPrintable(rune))
                    {
                        builder.Append(rune.ToString());
                    }
                    else
                    {
                        var digits = rune.Value.ToString(rune.Value < 0x10000 ? "X4" : "X8", CultureInfo.InvariantCulture);
                        builder.Append(rune.Value < 0x10000 ? "\\u" : "\\U").Append(digits);
                    }

                    break;
            }
        }

        builder.Append('"');
    }

    private static bool IsPrintable(Rune rune) => rune.Value is '\n' or (>= 0x20 and <= 0x7e)
        or (>= 0xa0 and <= 0xd7ff and not (0x2028 or 0x2029)) or (>= 0xe000 and <= 0xfffd and not 0xfeff) or >= 0x10000;
}
