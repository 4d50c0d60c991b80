// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Controllers.Approval;

/// <summary>Patterns in which <c>*</c> stands for any text, also none. Letters count as they are.</summary>
internal static class WildcardPattern
{
    /// <summary>Whether the whole text fits the pattern. Takes time in the order of the product of their lengths.</summary>
    public static bool Matches(string pattern, string text)
    {
        var (p, t, star, resume) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
                (star, resume) = (p++, t);
            else if (p < pattern.Length && pattern[p] == text[t])
                (p, t) = (p + 1, t + 1);
            else if (star >= 0)
                (p, t) = (star + 1, ++resume);
            else
                return false;
        }

        return pattern.AsSpan(p).IndexOfAnyExcept('*') < 0;
    }

    /// <summary>Whether the text fits one of the patterns.</summary>
    public static bool MatchesAny(IEnumerable<string> patterns, string text) =>
        patterns.Any(pattern => Matches(pattern, text));
}
