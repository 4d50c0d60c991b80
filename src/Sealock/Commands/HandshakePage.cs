// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Cluster.Handshakes;

namespace Sealock.Commands;

/// <summary>Prints a handshake for people: a line for each thing that happened, then the verdict.</summary>
/// <param name="output">Where to.</param>
/// <param name="terminal">Columns of a line, and whether colours are wanted.</param>
internal sealed class HandshakePage(TextWriter output, Terminal terminal)
{
    public void Write(HandshakeReport report)
    {
        output.WriteLine($"Handshake with {report.Endpoint} at {report.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z");
        output.WriteLine("wire: seen on the wire; library: reported by the TLS library, for TLS encrypts it");
        output.WriteLine();
        if (report.Events.Count > 0)
        {
            output.WriteLine($"{"TIME",10}  {"SOURCE",-7}  STEP");
            foreach (var told in report.Events)
                Write(told);
            output.WriteLine();
        }

        output.WriteLine("VERDICT");
        foreach (var judgement in report.Verdict)
            Write(judgement);
    }

    private void Write(HandshakeEvent told)
    {
        var start = string.Create(CultureInfo.InvariantCulture,
            $"{told.At.TotalMilliseconds,7:0.0} ms  {(told.Source == HandshakeSource.Wire ? "wire" : "library"),-7}  {(int)told.Step}  ");
        var which = told.Connection > 1 ? $"connection {told.Connection}: " : "";
        Wrap(start, [which + told.Text], "");
        foreach (var detail in told.Details)
            Wrap($"{start}  {detail.Name}: ", detail.Values, ", ");
    }

    private void Write(Judgement judgement)
    {
        var (word, colour) = judgement.Outcome switch
        {
            JudgementOutcome.Fine => ("fine", Terminal.Green),
            JudgementOutcome.Failed => ("FAILED", Terminal.Red),
            _ => ("-", null),
        };
        var start = $"  {Name(judgement.Subject),-18}  {word,-6}  ";
        Wrap(start, judgement.Text.Split(' '), " ", colour);
        if (judgement.Remedy is { } remedy)
            Wrap($"{"",30}→ ", remedy.Split(' '), " ");
    }

    /// <summary>Writes values behind a start; what does not fit goes on below them.</summary>
    private void Wrap(string start, IReadOnlyList<string> values, string separator, string? colour = null)
    {
        var indent = start.Length;
        if (indent > terminal.Width / 2)
            indent = terminal.Width / 2;
        var (line, column) = (terminal.Paint(start, colour), start.Length);
        for (var i = 0; i < values.Count; i++)
        {
            var piece = Printable.Of(values[i]) + (i < values.Count - 1 ? separator : "");
            if (i > 0 && column + piece.TrimEnd().Length > terminal.Width)
            {
                output.WriteLine(line.TrimEnd());
                (line, column) = (new string(' ', indent), indent);
            }

            line += piece;
            column += piece.Length;
        }

        output.WriteLine(line.TrimEnd());
    }

    private static string Name(JudgementSubject subject) => subject switch
    {
        JudgementSubject.Handshake => "handshake",
        JudgementSubject.Chain => "chain",
        JudgementSubject.Name => "name",
        JudgementSubject.Validity => "validity",
        JudgementSubject.ClientCertificate => "client certificate",
        _ => "resumption",
    };
}
