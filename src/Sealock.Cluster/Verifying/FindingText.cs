// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Verifying;

/// <summary>Prints findings for people: grouped by what they are about, each with its reason and what to do.</summary>
public static class FindingText
{
    private const int Indent = 4;

    /// <summary>Prints findings.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="findings">What to print, in order.</param>
    /// <param name="width">Columns of the terminal; lines are broken at words.</param>
    /// <param name="colours">Whether severities are coloured.</param>
    /// <param name="withReasons">Whether to say why each matters.</param>
    public static void Write(TextWriter output, IReadOnlyList<Finding> findings, int width, bool colours, bool withReasons = true)
    {
        var first = true;
        foreach (var group in findings.GroupBy(finding => (finding.Subject, finding.Path)))
        {
            if (!first)
                output.WriteLine();
            first = false;
            output.WriteLine(Printable($"{group.Key.Subject}  {group.Key.Path}"));
            foreach (var finding in group)
            {
                output.Write("  " + Severity(finding.Severity, colours) + " ");
                Wrap(output, $"{finding.What} [{finding.Rule}]", width, 2 + 8, 2 + 8);
                if (withReasons)
                    Labelled(output, "why: ", finding.Why, width);
                Labelled(output, "fix: ", finding.Fix, width);
            }
        }
    }

    /// <summary>How many there are of each severity, in words.</summary>
    public static string Summary(IReadOnlyList<Finding> findings)
    {
        string Count(Severity severity, string one, string many) =>
            findings.Count(finding => finding.Severity == severity) is var count && count == 1 ? $"1 {one}" : $"{count} {many}";
        return $"{Count(Verifying.Severity.Error, "error", "errors")}, {Count(Verifying.Severity.Warning, "warning", "warnings")}, {Count(Verifying.Severity.Info, "note", "notes")}";
    }

    private static string Severity(Severity severity, bool colours)
    {
        var (word, colour) = severity switch
        {
            Verifying.Severity.Error => ("error  ", "31"),
            Verifying.Severity.Warning => ("warning", "33"),
            _ => ("note   ", "36"),
        };
        return colours ? $"\e[{colour}m{word}\e[0m" : word;
    }

    private static void Labelled(TextWriter output, string label, string text, int width)
    {
        output.Write(new string(' ', 2 + 8) + label);
        Wrap(output, text, width, 2 + 8 + label.Length, 2 + 8 + Indent);
    }

    /// <summary>Breaks between words; a word longer than the line stays whole, so that commands can be copied.</summary>
    private static void Wrap(TextWriter output, string text, int width, int column, int indent)
    {
        var empty = true;
        foreach (var word in Printable(text).Split(' '))
        {
            if (!empty && column + 1 + word.Length > width)
            {
                output.WriteLine();
                output.Write(new string(' ', indent));
                (column, empty) = (indent, true);
            }

            output.Write(empty ? word : " " + word);
            column += word.Length + (empty ? 0 : 1);
            empty = false;
        }

        output.WriteLine();
    }

    /// <summary>Names come from files that anyone may have made: no control character reaches the terminal.</summary>
    private static string Printable(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)) : text;
}
