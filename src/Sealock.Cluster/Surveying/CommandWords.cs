// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Cluster.Surveying;

/// <summary>
/// Splits texts as shells and systemd do: words with quotes and backslashes, assignments, lines that go on. Nothing is
/// expanded. Total over any text.
/// </summary>
internal static class CommandWords
{
    /// <summary>The words of a command line.</summary>
    public static IReadOnlyList<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (inside, quote) = (false, '\0');
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '\\' && quote != '\'' && i + 1 < line.Length)
            {
                if (line[++i] is var next && next is '\n' or '\r')
                    continue;
                word.Append(next);
                inside = true;
            }
            else if (quote != '\0')
            {
                if (c == quote)
                    quote = '\0';
                else
                    word.Append(c);
            }
            else if (c is '"' or '\'')
            {
                (quote, inside) = (c, true);
            }
            else if (char.IsWhiteSpace(c))
            {
                if (inside)
                    words.Add(word.ToString());
                word.Clear();
                inside = false;
            }
            else
            {
                word.Append(c);
                inside = true;
            }
        }

        if (inside)
            words.Add(word.ToString());
        return words;
    }

    /// <summary>
    /// The assignments of a file of variables (<c>NAME=value</c>, <c>NAME="…"</c> over several lines, <c>export NAME=…</c>).
    /// Comments and other lines are passed over.
    /// </summary>
    public static IReadOnlyList<(string Name, string Value)> Assignments(string text)
    {
        var found = new List<(string, string)>();
        var at = 0;
        while (at < text.Length)
        {
            var end = text.IndexOf('\n', at);
            end = end < 0 ? text.Length : end;
            var line = text[at..end].TrimStart();
            if (line.StartsWith("export ", StringComparison.Ordinal))
                line = line[7..].TrimStart();
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !line.AsSpan(0, equals).ContainsOnlyNameCharacters())
            {
                at = end + 1;
                continue;
            }

            var start = end - line.Length + equals + 1;
            end = EndOfValue(text, start);
            found.Add((line[..equals], string.Join(' ', Split(text[start..end]))));
            at = end + 1;
        }

        return found;
    }

    /// <summary>Lines joined where they end in a backslash; comments and empty lines left out.</summary>
    public static IEnumerable<string> LogicalLines(string text)
    {
        var joined = new StringBuilder();
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.TrimEnd();
            if (joined.Length == 0 && line.TrimStart() is "" or ['#' or ';', ..])
                continue;
            if (line.EndsWith('\\'))
            {
                joined.Append(line.AsSpan(0, line.Length - 1)).Append(' ');
                continue;
            }

            yield return joined.Append(line).ToString();
            joined.Clear();
        }

        if (joined.Length > 0)
            yield return joined.ToString();
    }

    /// <summary>The end of the line that a value's quotes close on; without closing quotes the end of its first line.</summary>
    private static int EndOfValue(string text, int start)
    {
        var quote = '\0';
        for (var i = start; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && quote != '\'')
                i++;
            else if (quote != '\0' && c == quote)
                quote = '\0';
            else if (quote == '\0' && c is '"' or '\'')
                quote = c;
            else if (quote == '\0' && c == '\n')
                return i;
        }

        var lineEnd = text.IndexOf('\n', start);
        return quote == '\0' || lineEnd < 0 ? text.Length : lineEnd;
    }

    private static bool ContainsOnlyNameCharacters(this ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
                return false;
        }

        return true;
    }
}
