// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Controllers.Issuance;

/// <summary>Lists in one text: comma separated, quoted where needed (RFC 4180), as annotations have them.</summary>
internal static class CsvText
{
    public static string Join(IEnumerable<string> values) => string.Join(',', values.Select(Quote));

    /// <summary>The values; null where quotes are not closed.</summary>
    public static IReadOnlyList<string>? Split(string text)
    {
        var values = new List<string>();
        var value = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"')
            {
                value.Append('"');
                i++;
            }
            else if (c == '"' && (quoted || value.Length == 0))
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                values.Add(value.ToString());
                value.Clear();
            }
            else
            {
                value.Append(c);
            }
        }

        values.Add(value.ToString());
        return quoted ? null : values;
    }

    private static string Quote(string value) =>
        value.Length > 0 && value[0] != ' ' && value.IndexOfAny([',', '"', '\n', '\r']) < 0
            ? value : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
