// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealock.Api.Objects;

/// <summary>Values as Go's fmt package prints them, since kube-apiserver's messages are made of it.</summary>
public static class GoText
{
    private const int LongestValue = 10_000;

    /// <summary><c>%q</c>: a double-quoted Go string literal.</summary>
    public static string Quote(string text)
    {
        var builder = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '"': builder.Append("\\\""); break;
                case '\\': builder.Append("\\\\"); break;
                case 7: builder.Append("\\a"); break;
                case '\b': builder.Append("\\b"); break;
                case '\f': builder.Append("\\f"); break;
                case '\n': builder.Append("\\n"); break;
                case '\r': builder.Append("\\r"); break;
                case '\t': builder.Append("\\t"); break;
                case 11: builder.Append("\\v"); break;
                case < ' ' or 0x7f: builder.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"); break;
                case < 0x7f: builder.Append((char)rune.Value); break;
                default: AppendWide(builder, rune); break;
            }
        }

        return builder.Append('"').ToString();
    }

    /// <summary>
    /// A JSON value as a field error shows it: strings quoted, numbers and booleans plain, the rest as JSON
    /// (cut after 10,000 characters).
    /// </summary>
    public static string Value(JsonNode? value)
    {
        if (value is null)
        {
            return "null";
        }

        var text = value is JsonValue scalar && scalar.GetValueKind() == JsonValueKind.String
            ? Quote(scalar.GetValue<string>())
            : value.ToJsonString(Relaxed);
        return text.Length <= LongestValue ? text : text[..LongestValue] + "…";
    }

    /// <summary><c>%v</c> of decoded JSON: <c>map[a:b c:[1 2]]</c>, keys sorted, null as <c>&lt;nil&gt;</c>.</summary>
    public static string Plain(JsonNode? value)
    {
        var builder = new StringBuilder();
        AppendPlain(builder, value);
        return builder.ToString();
    }

    private static readonly JsonSerializerOptions Relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = System.Text.Json.Serialization.Metadata.JsonTypeInfoResolver.Combine(),
    };

    private static void AppendWide(StringBuilder builder, Rune rune)
    {
        var printable = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
        if (printable)
        {
            builder.Append(rune.ToString());
        }
        else
        {
            var digits = rune.Value.ToString(rune.Value < 0x10000 ? "x4" : "x8", CultureInfo.InvariantCulture);
            builder.Append(rune.Value < 0x10000 ? "\\u" : "\\U").Append(digits);
        }
    }

    private static void AppendPlain(StringBuilder builder, JsonNode? value)
    {
        if (builder.Length > LongestValue)
        {
            return;
        }

        switch (value)
        {
            case null:
                builder.Append("<nil>");
                break;
            case JsonObject map:
                builder.Append("map[");
                var first = true;
                foreach (var (key, item) in map.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    builder.Append(first ? "" : " ").Append(key).Append(':');
                    AppendPlain(builder, item);
                    first = false;
                }

                builder.Append(']');
                break;
            case JsonArray list:
                builder.Append('[');
                for (var i = 0; i < list.Count; i++)
                {
                    builder.Append(i == 0 ? "" : " ");
                    AppendPlain(builder, list[i]);
                }

                builder.Append(']');
                break;
            default:
                builder.Append(value.ToString());
                break;
        }
    }
}
