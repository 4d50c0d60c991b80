// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.Api.Schemas;

/// <summary>
/// Standard base64 as Go's encoding/base64 reads it: padding required, line ends skipped, offsets in errors.
/// </summary>
internal static class GoBase64
{
    /// <summary>The value in its normal form: without line ends, unused bits zero.</summary>
    /// <exception cref="MalformedObjectException">
    /// It is not base64; the message has Go's words and Go's offset.
    /// </exception>
    public static JsonValue Normalize(JsonValue value)
    {
        var text = value.GetValue<string>();
        if (FindError(text, out var tidy) is { } offset)
            throw new MalformedObjectException($"illegal base64 data at input byte {offset}");
        return tidy ? value : JsonValue.Create(Convert.ToBase64String(Convert.FromBase64String(text)))!;
    }

    private static int? FindError(string text, out bool tidy)
    {
        tidy = true;
        var position = 0;
        while (true)
        {
            for (var j = 0; j < 4; j++)
            {
                SkipLineEnds(text, ref position, ref tidy);
                if (position == text.Length)
                    return j == 0 ? null : position - j;
                var c = text[position++];
                if (c == '=')
                    return AfterPadding(text, position, j, ref tidy);
                var digit = Digit(c);
                if (digit < 0)
                    return position - 1;
                // Bits of the last digit that no byte takes up; only padding or the end tell that it was the last.
                if ((j == 1 && (digit & 0x0f) != 0 && Next(text, position) == '=')
                    || (j == 2 && (digit & 0x03) != 0 && Next(text, position) == '='))
                    tidy = false;
            }
        }
    }

    private static int? AfterPadding(string text, int position, int j, ref bool tidy)
    {
        if (j < 2)
            return position - 1;
        if (j == 2)
        {
            SkipLineEnds(text, ref position, ref tidy);
            if (position == text.Length)
                return text.Length;
            if (text[position] != '=')
                return position - 1;
            position++;
        }

        SkipLineEnds(text, ref position, ref tidy);
        return position < text.Length ? position : null;
    }

    private static char Next(string text, int position)
    {
        while (position < text.Length && text[position] is '\r' or '\n')
            position++;
        return position < text.Length ? text[position] : '\0';
    }

    private static void SkipLineEnds(string text, ref int position, ref bool tidy)
    {
        while (position < text.Length && text[position] is '\r' or '\n')
        {
            position++;
            tidy = false;
        }
    }

    private static int Digit(char c) => c switch
    {
        >= 'A' and <= 'Z' => c - 'A',
        >= 'a' and <= 'z' => c - 'a' + 26,
        >= '0' and <= '9' => c - '0' + 52,
        '+' => 62,
        '/' => 63,
        _ => -1,
    };
}
