// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Differential;

/// <summary>A listed difference: which case, where in the answer (a path prefix, or <c>*</c>), and why.</summary>
internal sealed record KnownDifference(string File, string Case, string Where, string Reason)
{
    public bool Covers(string file, string @case, string difference) =>
        Matches(File, file) && Matches(Case, @case) && (Where == "*" || difference.StartsWith(Where, StringComparison.Ordinal));

    /// <summary>Reads the table rows of docs/differences.md.</summary>
    public static IReadOnlyList<KnownDifference> Read(string markdown) =>
    [
        .. markdown.Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Trim().Trim('|').Split(" | ").Select(cell => cell.Trim().Trim('`')).ToArray())
            .Select(cells => new KnownDifference(cells[0], cells[1], cells[2], string.Join(" | ", cells[3..]))),
    ];

    private static bool Matches(string pattern, string text) =>
        pattern == text || pattern.EndsWith('*') && text.StartsWith(pattern[..^1], StringComparison.Ordinal);
}
