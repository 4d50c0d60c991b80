// SPDX-License-Identifier: Apache-2.0
using System.IO.Enumeration;

namespace Sealock.EndToEnd.Differential;

/// <summary>
/// A listed difference: which file and case, the beginning of where it is in the answer, and why. A <c>*</c> stands for
/// any text.
/// </summary>
internal sealed record KnownDifference(string File, string Case, string Where, string Reason)
{
    public bool Covers(string file, string @case, string difference) =>
        Matches(File, file) && Matches(Case, @case) && Matches(Where + "*", difference);

    /// <summary>Reads the table rows of docs/differences.md.</summary>
    public static IReadOnlyList<KnownDifference> Read(string markdown) =>
    [
        .. markdown.Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Trim().Trim('|').Split(" | ").Select(cell => cell.Trim().Trim('`')).ToArray())
            .Select(cells => new KnownDifference(cells[0], cells[1], cells[2], string.Join(" | ", cells[3..]))),
    ];

    private static bool Matches(string pattern, string text) =>
        FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), text, ignoreCase: false);
}
