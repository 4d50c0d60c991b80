// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.Api.Yaml;

/// <summary>go-yaml's order of keys: like a dictionary, but numbers inside by their value and letters after the rest.</summary>
internal sealed class YamlKeyOrder : IComparer<string>
{
    public static YamlKeyOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (a, b) = (x ?? "", y ?? "");
        for (var i = 0; i < a.Length && i < b.Length; i++)
        {
            if (a[i] == b[i])
            {
                continue;
            }

            var (aLetter, bLetter) = (char.IsLetter(a[i]), char.IsLetter(b[i]));
            if (aLetter != bLetter)
            {
                return bLetter ? -1 : 1;
            }

            return aLetter ? a[i].CompareTo(b[i]) : CompareNumbers(a, b, i);
        }

        return a.Length.CompareTo(b.Length);
    }

    private static int CompareNumbers(string a, string b, int at)
    {
        // A zero that continues a number makes it longer, not smaller.
        decimal start = 0;
        if (a[at] == '0' || b[at] == '0')
        {
            for (var j = at - 1; j >= 0 && char.IsAsciiDigit(a[j]); j--)
            {
                if (a[j] != '0')
                {
                    start = 1;
                    break;
                }
            }
        }

        var (aNumber, aEnd) = Number(a, at, start);
        var (bNumber, bEnd) = Number(b, at, start);
        return aNumber != bNumber ? aNumber.CompareTo(bNumber)
            : aEnd != bEnd ? aEnd.CompareTo(bEnd) : a[at].CompareTo(b[at]);
    }

    private static (decimal Number, int End) Number(string text, int at, decimal start)
    {
        var end = at;
        while (end < text.Length && end < at + 18 && char.IsAsciiDigit(text[end]))
        {
            start = (start * 10) + CharUnicodeInfo.GetDecimalDigitValue(text[end]);
            end++;
        }

        return (start, end);
    }
}
