// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Commands;

/// <summary>
/// Columns side by side, as wide as their longest cell; the last takes the rest of the line. On a narrow terminal the widest columns
/// give way first, so that something of each is seen.
/// </summary>
internal sealed class TextTable(params string[] headings)
{
    private const string Gap = "  ";
    private const int LeastOfTheLast = 12;

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

        Narrow(widths, terminal.Width);
        output.WriteLine(terminal.Paint(Line(headings, widths, terminal.Width), Terminal.Bold));
        foreach (var row in _rows)
            output.WriteLine(Line(row, widths, terminal.Width));
    }

    private void Narrow(int[] widths, int width)
    {
        if (width == int.MaxValue)
            return;
        var fixedColumns = widths.AsSpan(0, widths.Length - 1);
        var room = width - Gap.Length * fixedColumns.Length - Math.Min(widths[^1], LeastOfTheLast);
        for (var used = widths[..^1].Sum(); used > room; used--)
        {
            var widest = 0;
            for (var i = 1; i < fixedColumns.Length; i++)
            {
                if (fixedColumns[i] > fixedColumns[widest])
                    widest = i;
            }

            if (fixedColumns[widest] <= headings[widest].Length)
                return;
            fixedColumns[widest]--;
        }
    }

    private static string Line(string[] cells, int[] widths, int width) => Cut(
        string.Join(Gap, cells.Select((cell, i) => i == cells.Length - 1 ? cell : Cut(cell, widths[i]).PadRight(widths[i]))).TrimEnd(), width);

    private static string Cut(string text, int width) => text.Length <= width ? text : text[..(width - 1)] + "…";
}
