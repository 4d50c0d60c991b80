// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Gateway.Authentication;

/// <summary>
/// CSV as RFC 4180 and Go's encoding/csv have it: quoted fields, doubled quotes, blank lines skipped.
/// </summary>
internal static class CsvRecords
{
    /// <summary>The records, each with the number of the line on which it starts.</summary>
    /// <exception cref="FormatException">A quote is misplaced or not closed.</exception>
    public static IEnumerable<(int Line, List<string> Fields)> Read(string text)
    {
        var position = 0;
        var line = 1;
        while (position < text.Length)
        {
            if (text[position] is '\n' or '\r')
            {
                line += text[position++] == '\n' ? 1 : 0;
                continue;
            }

            var start = line;
            var fields = new List<string>();
            do
            {
                fields.Add(text.AsSpan(position).StartsWith("\"")
                    ? Quoted(text, ref position, ref line)
                    : Bare(text, ref position, line));
            }
            while (position < text.Length && text[position++] == ',');

            line++;
            yield return (start, fields);
        }
    }

    /// <summary>Reads up to a comma or the end of the line, and stands on it (behind a carriage return).</summary>
    private static string Bare(string text, ref int position, int line)
    {
        var rest = text.AsSpan(position);
        var length = rest.IndexOfAny(',', '\n');
        var field = length < 0 ? rest : rest[..length];
        position += field.Length;
        if (field.Contains('"'))
            throw new FormatException($"line {line}: a quote stands inside a field that is not quoted");
        return field.TrimEnd('\r').ToString();
    }

    private static string Quoted(string text, ref int position, ref int line)
    {
        var opened = line;
        var field = new StringBuilder();
        for (position++; position < text.Length; position++)
        {
            var character = text[position];
            if (character == '\n')
                line++;
            if (character != '"')
            {
                field.Append(character);
                continue;
            }

            position++;
            if (position < text.Length && text[position] == '"')
            {
                field.Append('"');
                continue;
            }

            if (text.AsSpan(position).StartsWith("\r"))
                position++;
            if (position < text.Length && text[position] is not (',' or '\n'))
                throw new FormatException($"line {line}: something follows a closing quote");
            return field.ToString();
        }

        throw new FormatException($"line {opened}: a quoted field is not closed");
    }
}
