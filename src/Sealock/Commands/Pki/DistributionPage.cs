// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Cluster.Distributing;
using Sealock.Cluster.Staging;
using Sealock.Pki.Files;

namespace Sealock.Commands.Pki;

/// <summary>What a distribution has done, as a table, JSON or YAML.</summary>
internal static class DistributionPage
{
    private static readonly (string Title, ChangeKind Kind)[] Columns =
    [
        ("CREATED", ChangeKind.Created), ("REPLACED", ChangeKind.Replaced), ("ADJUSTED", ChangeKind.Adjusted),
        ("DELETED", ChangeKind.Deleted), ("UNCHANGED", ChangeKind.Unchanged),
    ];

    public static void Write(InvocationConfiguration to, string? format, IReadOnlyList<NodeResult> results, DistributionOptions options)
    {
        if (format is "json" or "yaml")
        {
            OutputFormat.Write(to.Output, format, new JsonObject { ["nodes"] = new JsonArray([.. results.Select(Document)]) });
            return;
        }

        WriteTable(to.Output, Terminal.Current(), results);
        if (options.DryRun)
            WriteChanges(to.Output, results);
        foreach (var result in results.Where(result => result.Recovery != StagingRecovery.None))
            to.Output.WriteLine($"{result.Node}: an interrupted change was {(result.Recovery == StagingRecovery.Completed ? "completed" : "undone")} first");
        foreach (var result in results.Where(result => result.HasFailed))
            to.Error.WriteLine($"{result.Node}: {Printable.Of(result.Failure ?? "")}");
        var failed = results.Count(result => result.HasFailed);
        if (failed > 0)
        {
            to.Error.WriteLine(failed == results.Count
                ? results.Count == 1 ? "the node failed" : $"all {failed} nodes failed"
                : $"{failed} of {results.Count} nodes failed; the others are done");
        }
        else if (results.All(result => result.Status == NodeStatus.Unchanged))
            to.Output.WriteLine("nothing has changed: every node has its files already");
    }

    private static void WriteTable(TextWriter output, Terminal terminal, IReadOnlyList<NodeResult> results)
    {
        var nodes = Math.Max("NODE".Length, results.Max(result => result.Node.Length));
        var statuses = results.Max(result => Math.Max("STATUS".Length, Status(result).Length));
        output.WriteLine(
            $"{"NODE".PadRight(nodes)}  {"STATUS".PadRight(statuses)}  {string.Join("  ", Columns.Select(column => column.Title))}");
        foreach (var result in results)
        {
            var status = terminal.Paint(Status(result).PadRight(statuses), Colour(result.Status));
            var counts = Columns.Select(column => Count(result, column.Kind).PadLeft(column.Title.Length));
            output.WriteLine($"{result.Node.PadRight(nodes)}  {status}  {string.Join("  ", counts)}");
        }
    }

    private static void WriteChanges(TextWriter output, IReadOnlyList<NodeResult> results)
    {
        foreach (var result in results.Where(result => result.Status == NodeStatus.WouldChange))
        {
            output.WriteLine();
            output.WriteLine(result.Node);
            foreach (var change in result.Changes.Where(change => change.Kind != ChangeKind.Unchanged))
                output.WriteLine($"  {Verb(change.Kind),-7}  /{Printable.Of(change.Path)}{(change.IsFolder ? "/" : "")}  {Detail(change)}".TrimEnd());
        }
    }

    private static string Status(NodeResult result) => result.Status switch
    {
        NodeStatus.Unchanged => "unchanged",
        NodeStatus.Changed => "changed",
        NodeStatus.WouldChange => "would change",
        NodeStatus.Undone => "failed, undone",
        NodeStatus.Unfinished => "failed, unfinished",
        _ => "failed, untouched",
    };

    private static string? Colour(NodeStatus status) => status switch
    {
        NodeStatus.Unchanged => Terminal.Dim,
        NodeStatus.Changed => Terminal.Green,
        NodeStatus.WouldChange => Terminal.Yellow,
        _ => Terminal.Red,
    };

    /// <summary>How many files; nothing where the node was not seen, or stands as it was.</summary>
    private static string Count(NodeResult result, ChangeKind kind) => result.HasFailed
        ? "-"
        : result.Changes.Count(change => change.Kind == kind && !change.IsFolder).ToString(CultureInfo.InvariantCulture);

    private static string Verb(ChangeKind kind) => kind switch
    {
        ChangeKind.Created => "create",
        ChangeKind.Replaced => "replace",
        ChangeKind.Adjusted => "adjust",
        _ => "delete",
    };

    private static string Detail(PlannedChange change) => change.Kind switch
    {
        ChangeKind.Adjusted => $"{Facts(change.Before)} -> {Facts(change.After)}",
        ChangeKind.Deleted => "",
        _ => Facts(change.After),
    };

    private static string Facts(EntryState state) =>
        state.Kind == FileKind.Link ? "link" : $"{Mode(state)}{(state.Owner is { } owner ? $" {owner}" : "")}";

    private static string Mode(EntryState state) => Convert.ToString((int)state.Mode, 8).PadLeft(4, '0');

    private static JsonNode Document(NodeResult result) => new JsonObject
    {
        ["name"] = result.Node,
        ["status"] = Camel(result.Status.ToString()),
        ["failure"] = result.Failure,
        ["recovery"] = Camel(result.Recovery.ToString()),
        ["changes"] = new JsonArray([.. result.Changes.Select(change => (JsonNode)new JsonObject
        {
            ["path"] = "/" + change.Path,
            ["kind"] = change.IsFolder ? "folder" : "file",
            ["change"] = Camel(change.Kind.ToString()),
            ["mode"] = change.After.Kind is null or FileKind.Link ? null : Mode(change.After),
            ["owner"] = change.After.Owner?.ToString(),
        })]),
    };

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
