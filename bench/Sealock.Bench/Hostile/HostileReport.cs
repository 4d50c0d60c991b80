// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Bench.Hostile.Attacks;

namespace Sealock.Bench.Hostile;

/// <summary>All rounds of one attack on one server.</summary>
internal sealed class Rounds
{
    public Rounds(IReadOnlyList<Round> rounds)
    {
        foreach (var round in rounds)
        {
            Quiet.Add(round.Quiet);
            Under.Add(round.Under);
        }

        var seconds = rounds.Sum(round => round.Window.TotalSeconds);
        DonePerSecond = rounds.Sum(round => round.Done.Done) / seconds;
        ClosedPerSecond = rounds.Sum(round => round.Done.Closed) / seconds;
        Processors = rounds.Sum(round => round.CpuSeconds) / seconds;
        (Before, Peak, After) = (rounds[0].Before, rounds.Max(round => round.Peak), rounds[^1].After);
        Growth = rounds.Max(round => Math.Max(0, round.Peak - round.Before));
    }

    public Latencies Quiet { get; } = new();

    public Latencies Under { get; } = new();

    public double DonePerSecond { get; }

    public double ClosedPerSecond { get; }

    /// <summary>How many processors the server kept busy.</summary>
    public double Processors { get; }

    public long Before { get; }

    public long Peak { get; }

    /// <summary>By how much one round was above what it began with.</summary>
    public long Growth { get; }

    public long After { get; }
}

/// <summary>One attack on all servers.</summary>
/// <param name="Attack">It.</param>
/// <param name="Own">Sealock.</param>
/// <param name="Peer">nginx, which answers from files.</param>
/// <param name="Behind">Sealock behind nginx.</param>
internal sealed record HostileRow(Attack Attack, Rounds Own, Rounds Peer, Rounds Behind)
{
    private const double Tenth = 1.1;
    private const double Millisecond = 1;

    /// <summary>What tables call each server, and how it did.</summary>
    public IReadOnlyList<(string Name, Rounds Rounds)> Servers { get; } = [("sealock", Own), ("nginx", Peer), ("nginx before it", Behind)];

    /// <summary>In what users are worse off with us, by more than a tenth and a millisecond; empty where in nothing.</summary>
    public string Worse => string.Join(", ", new[]
    {
        IsWorse(rounds => rounds.Under.At(0.99, Asked.Cheap, Asked.Object)) ? "requests" : "",
        IsWorse(rounds => rounds.Under.At(0.95, Asked.Connection)) ? "connections" : "",
        Own.Under.Failures > Peer.Under.Failures ? "failures" : "",
    }.Where(word => word.Length > 0));

    private bool IsWorse(Func<Rounds, double> wait) => wait(Own) is var own && wait(Peer) is var peer && own > peer * Tenth && own > peer + Millisecond;
}

/// <summary>What users noticed, as an aligned table, as Markdown, or as JSON.</summary>
internal static class HostileReport
{
    private static readonly string[] Heads =
    [
        "attack", "server", "held to", "did /s", "closed /s", "quiet p99 ms", "p50 ms", "p99 ms", "/livez p99", "object p99", "connection p95", "failed",
        "MB before", "peak", "after", "processors", "verdict",
    ];

    private static bool IsNumber(int column) => column is >= 3 and <= 15;

    public static string Table(IReadOnlyList<HostileRow> rows)
    {
        string[][] cells = [Heads, .. rows.SelectMany(Cells)];
        var widths = Enumerable.Range(0, Heads.Length).Select(column => cells.Max(line => line[column].Length)).ToArray();
        var lines = cells.Select(line => string.Join("  ", line.Select((cell, column) =>
            IsNumber(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd());
        var failures = rows.SelectMany(row => row.Servers.Select(server => (row.Attack, server.Name, server.Rounds.Under)))
            .Where(entry => entry.Under.Failures > 0)
            .Select(entry => $"  {entry.Attack.Name}, {entry.Name}: {entry.Under.Failures} of {entry.Under.Count} failed, for one: {entry.Under.Failure}");
        return string.Join('\n', [.. lines, .. failures]);
    }

    /// <summary>
    /// The table as <c>docs/performance.md</c> shows it: a line for each attack, in each cell Sealock, nginx, and nginx before Sealock.
    /// </summary>
    public static string Markdown(IReadOnlyList<HostileRow> rows)
    {
        string[] heads = ["Attack", "held to", "before, p99 ms", "requests, p99 ms", "of an object", "connections, p95 ms", "failed", "memory grew, MB", "processors", ""];
        string[] rule = [.. heads.Select((_, column) => column is >= 2 and <= 8 ? "---:" : "---")];
        return string.Join('\n', rows.Select(Line).Prepend(rule).Prepend(heads).Select(line => $"| {string.Join(" | ", line)} |"));

        static string[] Line(HostileRow row) =>
        [
            row.Attack.Title, HeldTo(row.Attack),
            Each(row, rounds => Number(rounds.Quiet.At(0.99, Asked.Cheap, Asked.Object))),
            Each(row, rounds => Number(rounds.Under.At(0.99, Asked.Cheap, Asked.Object))),
            Each(row, rounds => Number(rounds.Under.At(0.99, Asked.Object))),
            Each(row, rounds => Number(rounds.Under.At(0.95, Asked.Connection))),
            Each(row, rounds => rounds.Under.Failures.ToString(CultureInfo.InvariantCulture)),
            Each(row, rounds => Megabytes(rounds.Growth)),
            Each(row, rounds => rounds.Processors.ToString("0.00", CultureInfo.InvariantCulture)),
            Verdict(row),
        ];

        static string Each(HostileRow row, Func<Rounds, string> cell) => string.Join(" / ", row.Servers.Select(server => cell(server.Rounds)));
    }

    public static string Json(IReadOnlyList<HostileRow> rows) => new JsonArray([.. rows.SelectMany(Cells).Select(cells =>
        (JsonNode)new JsonObject(Heads.Select((head, column) => KeyValuePair.Create(head, (JsonNode?)cells[column]))))]).ToString();

    private static string[][] Cells(HostileRow row)
    {
        return
        [
            .. row.Servers.Select((server, number) => number == 0
                ? Line(row.Attack.Title, server.Name, server.Rounds, Verdict(row))
                : Line("", server.Name, server.Rounds, "")),
        ];

        string[] Line(string title, string server, Rounds rounds, string verdict) =>
        [
            title, server, title.Length == 0 ? "" : HeldTo(row.Attack), Number(rounds.DonePerSecond), Number(rounds.ClosedPerSecond),
            Number(rounds.Quiet.At(0.99, Asked.Cheap, Asked.Object)), Number(rounds.Under.At(0.5, Asked.Cheap, Asked.Object)),
            Number(rounds.Under.At(0.99, Asked.Cheap, Asked.Object)), Number(rounds.Under.At(0.99, Asked.Cheap)),
            Number(rounds.Under.At(0.99, Asked.Object)), Number(rounds.Under.At(0.95, Asked.Connection)),
            rounds.Under.Failures.ToString(CultureInfo.InvariantCulture),
            Megabytes(rounds.Before), Megabytes(rounds.Peak), Megabytes(rounds.After), rounds.Processors.ToString("0.00", CultureInfo.InvariantCulture),
            verdict,
        ];
    }

    private static string Verdict(HostileRow row) => row.Worse.Length == 0 ? "no worse" : "worse: " + row.Worse;

    private static string HeldTo(Attack attack) => string.Create(
        CultureInfo.InvariantCulture, $"{attack.Strength.Connections:#,0} connections, {attack.Strength.PerSecond:#,0} {attack.Unit}/s");

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString(value >= 100 ? "#,0" : value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
