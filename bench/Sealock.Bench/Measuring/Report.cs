// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;

namespace Sealock.Bench.Measuring;

/// <summary>Rows as aligned tables, or as JSON.</summary>
internal static class Report
{
    public static string Table(IReadOnlyList<Row> rows) => string.Join("\n\n", Sections(rows).Select(section =>
    {
        var lines = Lines(section);
        var widths = Enumerable.Range(0, lines[0].Count).Select(column => lines.Max(line => line[column].Text.Length)).ToArray();
        return string.Join('\n', lines
            .Select(line => string.Join("  ", line.Select((cell, column) =>
                cell.IsNumber ? cell.Text.PadLeft(widths[column]) : cell.Text.PadRight(widths[column]))).TrimEnd())
            .Concat(Notes(section)));
    }));

    /// <summary>The tables as <c>docs/performance.md</c> shows them: each figure with its spread and its ratio in one cell.</summary>
    public static string Markdown(IReadOnlyList<Row> rows) => string.Join("\n\n", Sections(rows).Select(section =>
    {
        var byCpu = ByCpu(section);
        string[] peers = [.. section[0].Peers.Select(peer => peer.Target)];
        string[] heads = ["measured", "unit", "sealock", .. peers, .. byCpu ? [.. peers.Select(peer => peer + "/cpu-s").Prepend("sealock/cpu-s")] : (string[])[], "aim", ""];
        var rule = heads.Select((_, column) => column >= 2 && column < heads.Length - 2 ? "---:" : "---");
        var lines = section.Select(row => (IEnumerable<string>)
        [
            row.Metric.Title, row.Metric.Unit, $"{Figure(row.Own.Value)} ±{Spread(row.Own)}",
            .. row.Peers.Select(peer => peer.Value is null ? "-" : $"{Figure(peer.Value)} ±{Spread(peer)} ({Times(row.Ratio(peer))})"),
            .. byCpu ? row.Peers.Select(peer => $"{Figure(peer.PerCpuSecond)} ({Times(row.CpuRatio(peer))})").Prepend(Figure(row.Own.PerCpuSecond)) : [],
            row.Metric.Aim?.ToString() ?? "", Verdict(row, "**"),
        ]);
        return string.Join('\n', lines.Prepend(rule).Prepend(heads).Select(line => $"| {string.Join(" | ", line)} |"));
    }));

    public static string Json(IReadOnlyList<Row> rows) => new JsonArray([.. rows.Select(row => (JsonNode)new JsonObject
    {
        ["scenario"] = row.Scenario,
        ["measured"] = row.Metric.Title,
        ["unit"] = row.Metric.Unit,
        ["sealock"] = Json(row.Own),
        ["peers"] = new JsonObject(row.Peers.Where(peer => peer.Value is not null).Select(peer => KeyValuePair.Create(peer.Target, (JsonNode?)Json(row, peer)))),
        ["aim"] = row.Metric.Aim?.ToString(),
        ["aimMet"] = row.AimMet,
    })]).ToString();

    private static JsonObject Json(Row row, Column peer)
    {
        var json = Json(peer);
        json["ratio"] = row.Ratio(peer);
        json["cpuRatio"] = row.CpuRatio(peer);
        return json;
    }

    private static JsonObject Json(Column column) => new()
    {
        ["median"] = column.Value,
        ["smallest"] = column.Smallest,
        ["largest"] = column.Largest,
        ["perCpuSecond"] = column.PerCpuSecond,
        ["rounds"] = column.Readings.Count,
        ["note"] = column.Note,
    };

    /// <summary>Rows that stand beside each other in one table: those with the same peers.</summary>
    private static IEnumerable<IReadOnlyList<Row>> Sections(IReadOnlyList<Row> rows) => rows
        .GroupBy(row => string.Join(' ', row.Peers.Select(peer => peer.Target)))
        .Select(section => section.ToList());

    /// <summary>The head, then the rows.</summary>
    private static List<IReadOnlyList<Cell>> Lines(IReadOnlyList<Row> section)
    {
        var byCpu = ByCpu(section);
        return [Heads(section[0], byCpu), .. section.Select(row => Cells(row, byCpu))];
    }

    private static bool ByCpu(IReadOnlyList<Row> section) => section.Any(row => row.Own.PerCpuSecond is not null);

    private static string Verdict(Row row, string mark = "") => row.AimMet switch { true => $"{mark}hit{mark}", false => $"{mark}missed{mark}", _ => "" };

    private static List<Cell> Heads(Row row, bool byCpu) =>
    [
        new("measured"), new("unit"), Number("sealock"), Number("±"), .. row.Peers.SelectMany(peer => (Cell[])[Number(peer.Target), Number("±"), Number("ratio")]),
        .. byCpu ? row.Peers.SelectMany(peer => (Cell[])[Number(peer.Target + "/cpu-s"), Number("ratio")]).Prepend(Number("sealock/cpu-s")) : [],
        new("aim"), new(""),
    ];

    private static List<Cell> Cells(Row row, bool byCpu) =>
    [
        new(row.Metric.Title), new(row.Metric.Unit), Number(Figure(row.Own.Value)), Number(Spread(row.Own)),
        .. row.Peers.SelectMany(peer => (Cell[])[Number(Figure(peer.Value)), Number(Spread(peer)), Number(Times(row.Ratio(peer)))]),
        .. byCpu ? row.Peers.SelectMany(peer => (Cell[])[Number(Figure(peer.PerCpuSecond)), Number(Times(row.CpuRatio(peer)))]).Prepend(Number(Figure(row.Own.PerCpuSecond))) : [],
        new(row.Metric.Aim?.ToString() ?? ""), new(Verdict(row)),
    ];

    private static IEnumerable<string> Notes(IReadOnlyList<Row> section) => section
        .SelectMany(row => row.Peers.Prepend(row.Own).Select(column => (row.Metric.Title, column.Target, column.Note)))
        .Where(entry => entry.Note.Length > 0)
        .Select(entry => $"  {entry.Title}, {entry.Target}: {entry.Note}");

    private static Cell Number(string text) => new(text, IsNumber: true);

    /// <summary>Half the distance between the rounds that differ most, as a share of the median.</summary>
    private static string Spread(Column column) => column is { Value: { } median, Smallest: { } least, Largest: { } most }
        ? ((most - least) / 2 / median).ToString("0 %", CultureInfo.InvariantCulture)
        : "";

    private static string Times(double? ratio) => ratio is { } value ? value.ToString("0.00", CultureInfo.InvariantCulture) + "x" : "-";

    private static string Figure(double? value) => value switch
    {
        null => "-",
        >= 100 => value.Value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.00", CultureInfo.InvariantCulture),
    };

    private readonly record struct Cell(string Text, bool IsNumber = false);
}
