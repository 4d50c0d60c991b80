// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Selectors;

internal enum LabelTokenKind
{
    Error, End, Identifier, Close, Open, Comma, Not, DoubleEqual, Equal, NotEqual, Greater, Less, In, NotIn,
}

/// <summary>A word or an operator of a label selector.</summary>
internal readonly record struct LabelToken(LabelTokenKind Kind, string Text)
{
    private const string Special = "=!(),><";

    /// <summary>All tokens of a text; the last one is <see cref="LabelTokenKind.End"/>.</summary>
    public static List<LabelToken> Scan(string text)
    {
        List<LabelToken> tokens = [];
        var position = 0;
        do
        {
            tokens.Add(ScanOne(text, ref position));
        }
        while (tokens[^1].Kind is not LabelTokenKind.End);
        return tokens;
    }

    private static LabelToken ScanOne(string text, ref int position)
    {
        while (position < text.Length && IsSpace(text[position]))
        {
            position++;
        }

        if (position >= text.Length || text[position] == '\0')
        {
            return new(LabelTokenKind.End, "");
        }

        return Special.Contains(text[position]) ? ScanOperator(text, ref position) : ScanWord(text, ref position);
    }

    private static LabelToken ScanWord(string text, ref int position)
    {
        var start = position;
        while (position < text.Length && !IsSpace(text[position]) && !Special.Contains(text[position]) && text[position] != '\0')
        {
            position++;
        }

        var word = text[start..position];
        return new(word switch { "in" => LabelTokenKind.In, "notin" => LabelTokenKind.NotIn, _ => LabelTokenKind.Identifier }, word);
    }

    private static LabelToken ScanOperator(string text, ref int position)
    {
        var start = position;
        LabelToken? last = null;
        while (position < text.Length && Special.Contains(text[position]))
        {
            var length = position + 1 - start;
            if (OperatorKind(text.AsSpan(start, length)) is { } kind)
            {
                last = new(kind, text.Substring(start, length));
            }
            else if (last is not null)
            {
                break;
            }

            position++;
        }

        return last ?? new(LabelTokenKind.Error, $"error expected: keyword found '{text[start..position]}'");
    }

    private static LabelTokenKind? OperatorKind(ReadOnlySpan<char> text) => text switch
    {
        ")" => LabelTokenKind.Close,
        "(" => LabelTokenKind.Open,
        "," => LabelTokenKind.Comma,
        "!" => LabelTokenKind.Not,
        "==" => LabelTokenKind.DoubleEqual,
        "=" => LabelTokenKind.Equal,
        "!=" => LabelTokenKind.NotEqual,
        ">" => LabelTokenKind.Greater,
        "<" => LabelTokenKind.Less,
        _ => null,
    };

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';
}
