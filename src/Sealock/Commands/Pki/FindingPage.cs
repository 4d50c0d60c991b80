// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Verifying;

namespace Sealock.Commands.Pki;

/// <summary>Prints findings for people: grouped by what they are about, each with its reason and what to do.</summary>
internal static class FindingPage
{
    private const int Indent = 4;
    private const int Widest = 140;

    /// <summary>Prints findings.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="findings">What to print, in order.</param>
    /// <param name="terminal">Lines are broken at words to fit it.</param>
    /// <param name="withReasons">Whether to say why each matters.</param>
    public static void Write(TextWriter output, IReadOnlyList<Finding> findings, Terminal terminal, bool withReasons = true)
    {
        var (first, width) = (true, Math.Min(terminal.Width, Widest));
        foreach (var group in findings.GroupBy(finding => (finding.Subject, finding.Path)))
        {
            if (!first)
                output.WriteLine();
            first = false;
            output.WriteLine(Printable.Of($"{group.Key.Subject}  {group.Key.Path}"));
            foreach (var finding in group)
            {
                output.Write("  " + Word(finding.Severity, terminal) + " ");
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
        return $"{Count(Severity.Error, "error", "errors")}, {Count(Severity.Warning, "warning", "warnings")}, {Count(Severity.Info, "note", "notes")}";
    }

    private static string Word(Severity severity, Terminal terminal) => severity switch
    {
        Severity.Error => terminal.Paint("error  ", Terminal.Red),
        Severity.Warning => terminal.Paint("warning", Terminal.Yellow),
        _ => terminal.Paint("note   ", Terminal.Dim),
    };

    private static void Labelled(TextWriter output, string label, string text, int width)
    {
        output.Write(new string(' ', 2 + 8) + label);
        Wrap(output, text, width, 2 + 8 + label.Length, 2 + 8 + Indent);
    }

    /// <summary>Breaks between words; a word longer than the line stays whole, so that commands can be copied.</summary>
    private static void Wrap(TextWriter output, string text, int width, int column, int indent)
    {
        var empty = true;
        foreach (var word in Printable.Of(text).Split(' '))
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
}
