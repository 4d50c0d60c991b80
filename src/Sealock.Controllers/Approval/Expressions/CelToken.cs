// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Sealock.Controllers.Approval.Expressions;

/// <summary>What a token of an expression is.</summary>
internal enum CelTokenKind
{
    /// <summary>The end of the text.</summary>
    End,

    /// <summary>A name.</summary>
    Name,

    /// <summary>A string literal, its escapes resolved.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>An operator or a bracket.</summary>
    Sign,
}

/// <summary>A token of an expression.</summary>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, long Number = 0)
{
    private static readonly string[] Signs =
        ["||", "&&", "==", "!=", "<=", ">=", "<", ">", "+", "-", "!", "?", ":", "(", ")", "[", "]", ",", "."];

    /// <summary>The tokens of a text.</summary>
    /// <exception cref="FormatException">Something is no token that is understood here.</exception>
    public static IReadOnlyList<CelToken> Read(string text)
    {
        var tokens = new List<CelToken>();
        var at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
                at++;
            if (at == text.Length)
            {
                tokens.Add(new(CelTokenKind.End, "the end"));
                return tokens;
            }

            tokens.Add(Next(text, ref at));
        }
    }

    private static CelToken Next(string text, ref int at)
    {
        var first = text[at];
        if (first is '\'' or '"')
            return ReadText(text, ref at, raw: false);
        if (first is 'r' or 'R' && at + 1 < text.Length && text[at + 1] is '\'' or '"')
        {
            at++;
            return ReadText(text, ref at, raw: true);
        }

        if (char.IsAsciiLetter(first) || first == '_')
        {
            var start = at;
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
                at++;
            return new(CelTokenKind.Name, text[start..at]);
        }

        if (char.IsAsciiDigit(first))
        {
            var start = at;
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '.'))
                at++;
            return long.TryParse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? new(CelTokenKind.Number, text[start..at], number)
                : throw new FormatException($"{text[start..at]} is no whole number");
        }

        foreach (var sign in Signs)
        {
            if (!text.AsSpan(at).StartsWith(sign, StringComparison.Ordinal))
                continue;
            at += sign.Length;
            return new(CelTokenKind.Sign, sign);
        }

        throw new FormatException($"'{first}' is not understood");
    }

    private static CelToken ReadText(string text, ref int at, bool raw)
    {
        var quote = text[at++];
        var value = new StringBuilder();
        while (at < text.Length && text[at] != quote)
        {
            var character = text[at++];
            if (character is '\n' or '\r')
                break;
            if (character == '\\' && !raw && at < text.Length)
                value.Append(Unescape(text, ref at));
            else
                value.Append(character);
        }

        if (at == text.Length || text[at] != quote)
            throw new FormatException("a string does not end");
        at++;
        return at < text.Length && text[at] == quote && value.Length == 0
            ? throw new FormatException("strings in three quotes are not understood")
            : new(CelTokenKind.Text, value.ToString());
    }

    private static char Unescape(string text, ref int at)
    {
        var escaped = text[at++];
        switch (escaped)
        {
            case 'n': return '\n';
            case 't': return '\t';
            case 'r': return '\r';
            case '\\' or '\'' or '"' or '`' or '?': return escaped;
            case 'u' when at + 4 <= text.Length && ushort.TryParse(
                text.AsSpan(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code):
                at += 4;
                return (char)code;
            default: throw new FormatException($"the escape \\{escaped} is not understood");
        }
    }
}
