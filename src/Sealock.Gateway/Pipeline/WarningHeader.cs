// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Gateway.Pipeline;

/// <summary>RFC 7234 warning headers, which kubectl prints: <c>299 - "text"</c>. Their text is UTF-8.</summary>
internal static class WarningHeader
{
    /// <summary>The header's name.</summary>
    public const string Name = "Warning";

    private const int TotalLimit = 4 * 1024;
    private const int ItemLimit = 256;

    /// <summary>
    /// The values for some warnings. Where they are longer than 4 Ki characters together, each is cut to 256, and what
    /// is still beyond is left out, as kube-apiserver does.
    /// </summary>
    public static IEnumerable<string> Values(IReadOnlyCollection<string> warnings)
    {
        var cut = warnings.Sum(warning => (long)warning.Length) > TotalLimit;
        var left = TotalLimit;
        foreach (var warning in warnings)
        {
            var text = cut ? Cut(warning) : warning;
            left -= text.Length;
            if (left < 0)
                yield break;
            yield return Format(text);
        }
    }

    /// <summary>The header's value; control characters become spaces, quotes and backslashes are escaped.</summary>
    public static string Format(string text)
    {
        var value = new StringBuilder("299 - \"", text.Length + 10);
        foreach (var character in text)
        {
            if (character is '"' or '\\')
                value.Append('\\');
            value.Append(char.IsControl(character) ? ' ' : character);
        }

        return value.Append('"').ToString();
    }

    private static string Cut(string text)
    {
        if (text.Length <= ItemLimit)
            return text;
        return text[..(char.IsHighSurrogate(text[ItemLimit - 1]) ? ItemLimit - 1 : ItemLimit)];
    }
}
