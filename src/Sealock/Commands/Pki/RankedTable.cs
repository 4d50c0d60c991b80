// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Commands.Pki;

/// <summary>Aligned columns, of which the less important give way where there is no room for all.</summary>
internal static class RankedTable
{
    private const string Gap = "   ";

    /// <summary>
    /// Writes headings and rows, columns aligned, without trailing spaces. Columns that are empty in every row are left out;
    /// so are those of the highest ranks while the table is wider than <paramref name="width"/>.
    /// </summary>
    public static void Write(TextWriter output, IReadOnlyList<(string Title, int Rank)> columns, IReadOnlyList<string[]> cells, int width)
    {
        List<string[]> rows = [.. cells.Select(row => row.Select(Printable.Of).ToArray())];
        List<int> shown = [.. Enumerable.Range(0, columns.Count).Where(column => rows.Any(row => row[column].Length > 0))];
        int Width(int column) => rows.Select(row => row[column].Length).Append(columns[column].Title.Length).Max();
        var widths = shown.ToDictionary(column => column, Width);
        while (shown.Count > 2 && shown.Sum(column => widths[column] + Gap.Length) - Gap.Length > width && shown.MaxBy(column => columns[column].Rank) is var least && columns[least].Rank > 0)
            shown.Remove(least);
        WriteLine(output, shown, widths, [.. columns.Select(column => column.Title)]);
        foreach (var row in rows)
            WriteLine(output, shown, widths, row);
    }

    private static void WriteLine(TextWriter output, List<int> shown, Dictionary<int, int> widths, string[] cells)
    {
        var line = new StringBuilder();
        foreach (var column in shown)
            line.Append(cells[column].PadRight(widths[column])).Append(Gap);
        output.WriteLine(line.ToString().TrimEnd());
    }
}
