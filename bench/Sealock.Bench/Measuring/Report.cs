// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;

namespace Sealock.Bench.Measuring;

/// <summary>Rows as an aligned table, or as JSON.</summary>
internal static class Report
{
    private static readonly string[] Heads =
        ["measured", "unit", "sealock", "±", "kubernetes", "±", "ratio", "sealock/cpu-s", "kubernetes/cpu-s", "ratio", "aim", ""];

    public static string Table(IReadOnlyList<Row> rows)
    {
        string[][] cells = [Heads, .. rows.Select(Cells)];
        var widths = Enumerable.Range(0, Heads.Length).Select(column => cells.Max(line => line[column].Length)).ToArray();
        var lines = cells.Select(line => string.Join("  ", line.Select((cell, column) =>
            IsNumber(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd());
        var notes = rows
            .SelectMany(row => new[] { ("sealock", row, row.Own.Note), ("kubernetes", row, row.Peer.Note) })
            .Where(entry => entry.Item3.Length > 0)
            .Select(entry => $"  {entry.row.Metric.Title}, {entry.Item1}: {entry.Item3}");
        return string.Join('\n', [.. lines, .. notes]);
    }

    /// <summary>The table as <c>docs/performance.md</c> shows it.</summary>
    public static string Markdown(IReadOnlyList<Row> rows)
    {
        string[] rule = [.. Heads.Select((_, column) => IsNumber(column) ? "---:" : "---")];
        return string.Join('\n', rows.Select(Cells).Prepend(rule).Prepend(Heads).Select(line => $"| {string.Join(" | ", line)} |"));
    }

    public static string Json(IReadOnlyList<Row> rows) => new JsonArray([.. rows.Select(row => (JsonNode)new JsonObject
    {
        ["scenario"] = row.Scenario,
        ["measured"] = row.Metric.Title,
        ["unit"] = row.Metric.Unit,
        ["sealock"] = Json(row.Own),
        ["kubernetes"] = row.Peer.Value is null ? null : Json(row.Peer),
        ["ratio"] = row.Ratio,
        ["cpuRatio"] = row.CpuRatio,
        ["aim"] = row.Metric.Aim?.ToString(),
        ["aimMet"] = row.AimMet,
    })]).ToString();

    private static JsonObject Json(Column column) => new()
    {
        ["median"] = column.Value,
        ["smallest"] = column.Smallest,
        ["largest"] = column.Largest,
        ["perCpuSecond"] = column.PerCpuSecond,
        ["rounds"] = column.Readings.Count,
        ["note"] = column.Note,
    };

    private static string[] Cells(Row row) =>
    [
        row.Metric.Title, row.Metric.Unit,
        Number(row.Own.Value), Spread(row.Own), Number(row.Peer.Value), Spread(row.Peer), Times(row.Ratio),
        Number(row.Own.PerCpuSecond), Number(row.Peer.PerCpuSecond), Times(row.CpuRatio),
        row.Metric.Aim?.ToString() ?? "", row.AimMet switch { true => "hit", false => "missed", _ => "" },
    ];

    private static bool IsNumber(int column) => column is >= 2 and <= 9;

    /// <summary>Half the distance between the rounds that differ most, as a share of the median.</summary>
    private static string Spread(Column column) => column is { Value: { } median, Smallest: { } least, Largest: { } most }
        ? ((most - least) / 2 / median).ToString("0 %", CultureInfo.InvariantCulture)
        : "";

    private static string Times(double? ratio) => ratio is { } value ? value.ToString("0.00", CultureInfo.InvariantCulture) + "x" : "-";

    private static string Number(double? value) => value switch
    {
        null => "-",
        >= 100 => value.Value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.00", CultureInfo.InvariantCulture),
    };
}
