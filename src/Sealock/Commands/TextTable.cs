// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Commands;

/// <summary>Columns side by side, as wide as their longest cell; the last takes the rest of the line.</summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes headings and rows; what does not fit a terminal's line is cut from the last column.</summary>
    public void Write(TextWriter output, Terminal terminal)
    {
        var widths = new int[headings.Length];
        foreach (var row in _rows.Prepend(headings))
        {
            for (var i = 0; i < widths.Length; i++)
                widths[i] = Math.Max(widths[i], row[i].Length);
        }

        output.WriteLine(terminal.Paint(Line(headings, widths, terminal.Width), Terminal.Bold));
        foreach (var row in _rows)
            output.WriteLine(Line(row, widths, terminal.Width));
    }

    private static string Line(string[] cells, int[] widths, int width)
    {
        var line = string.Join("  ", cells.Select((cell, i) => i == cells.Length - 1 ? cell : cell.PadRight(widths[i]))).TrimEnd();
        return line.Length <= width ? line : line[..(width - 1)] + "…";
    }
}
