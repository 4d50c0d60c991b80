// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Sealock.Controllers.Approval.Expressions;

/// <summary>
/// Regular expressions of RE2, as far as they mean the same here. What is not on the short list is refused: a pattern that
/// let more through than its author meant would be a hole.
/// </summary>
internal static class CelPattern
{
    private const int Longest = 1024;
    private const int MostRepeats = 1000;
    private const string Escapable = @"\.+*?()|[]{}^$-/:@_#&%=,;!~'""<> ";

    /// <summary>The expression; it takes time in the order of the text's length.</summary>
    /// <exception cref="FormatException">Something in it is not understood.</exception>
    public static Regex Read(string pattern)
    {
        if (pattern.Length > Longest)
            throw new FormatException($"a pattern is longer than {Longest} characters");
        var result = new StringBuilder();
        for (var at = 0; at < pattern.Length; at++)
        {
            switch (pattern[at])
            {
                case '^':
                    result.Append(@"\A");
                    break;
                case '$':
                    result.Append(@"\z");
                    break;
                case '\\':
                    result.Append(Escape(pattern, ref at));
                    break;
                case '[':
                    AppendClass(result, pattern, ref at);
                    break;
                case '(' when at + 1 < pattern.Length && pattern[at + 1] == '?':
                    if (!pattern.AsSpan(at).StartsWith("(?:", StringComparison.Ordinal))
                        throw new FormatException("of groups, (…) and (?:…) are understood");
                    result.Append("(?:");
                    at += 2;
                    break;
                case ']' or '}' or ' ' or '#':
                    result.Append('\\').Append(pattern[at]);
                    break;
                case '{':
                    var end = pattern.IndexOf('}', at);
                    if (end < 0 || !IsCount(pattern[(at + 1)..end]))
                        throw new FormatException("of braces, {m}, {m,} and {m,n} up to 1000 are understood");
                    result.Append(pattern, at, end - at + 1);
                    at = end;
                    break;
                default:
                    result.Append(pattern[at]);
                    break;
            }
        }

        try
        {
            return new Regex(result.ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"the pattern {pattern} is malformed, or too large");
        }
    }

    private static string Escape(string pattern, ref int at) => Escaped(pattern, ref at) switch
    {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        's' => @"[\t\n\f\r\ ]",
        'S' => @"[^\t\n\f\r\ ]",
        var plain when Escapable.Contains(plain, StringComparison.Ordinal) => Literal(plain),
        var other => throw new FormatException($"the escape \\{other} is not understood in patterns"),
    };

    private static void AppendClass(StringBuilder result, string pattern, ref int at)
    {
        result.Append('[');
        at++;
        if (at < pattern.Length && pattern[at] == '^')
        {
            result.Append('^');
            at++;
        }

        var isEmpty = true;
        for (; at < pattern.Length && pattern[at] != ']'; at++)
        {
            result.Append(pattern[at] switch
            {
                '\\' => Escaped(pattern, ref at) switch
                {
                    'd' => "0-9",
                    'w' => "0-9A-Za-z_",
                    's' => @"\t\n\f\r\ ",
                    var plain when Escapable.Contains(plain, StringComparison.Ordinal) => Literal(plain),
                    var other => throw new FormatException($"the escape \\{other} is not understood in a class of a pattern"),
                },
                '[' => throw new FormatException("named and nested classes of patterns are not understood"),
                '-' when !isEmpty && at + 1 < pattern.Length && pattern[at + 1] != ']' => "-",
                var plain => Literal(plain),
            });
            isEmpty = false;
        }

        if (at == pattern.Length || isEmpty)
            throw new FormatException("a class of a pattern does not end, or is empty");
        result.Append(']');
    }

    private static char Escaped(string pattern, ref int at) =>
        ++at < pattern.Length ? pattern[at] : throw new FormatException("a pattern ends with a backslash");

    private static string Literal(char character) => char.IsAsciiLetterOrDigit(character) || character > '\x7f'
        ? character.ToString() : $"\\x{(int)character:x2}";

    private static bool IsCount(string text) => text.Split(',') switch
    {
        [var exact] => Count(exact) is not null,
        [var least, ""] => Count(least) is not null,
        [var least, var most] => Count(least) <= Count(most),
        _ => false,
    };

    private static int? Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= MostRepeats ? count : null;
}
