// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Sealock.Commands;

/// <summary>Text from outside, made safe for a terminal.</summary>
internal static class Printable
{
    /// <summary>
    /// The text with control characters, line breaks and those that turn the direction of writing as <c>\u{1b}</c>: a name in a
    /// certificate must not colour, move or hide what is printed.
    /// </summary>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text;
        var safe = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsUnsafe(rune))
                safe.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            else
                safe.Append(rune.ToString());
        }

        return safe.ToString();
    }

    private static bool IsUnsafe(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
