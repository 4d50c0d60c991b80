// SPDX-License-Identifier: Apache-2.0
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Creating;
using Sealock.Cluster.Sets;

namespace Sealock.Commands.Pki;

/// <summary>Prints what was done about a set: one table, nodes with the same outcome together, and what to do next.</summary>
internal sealed class CreationPage(
    CreationReport report, ClusterConfiguration configuration, SetFolder folder, string root, bool dryRun, TimeSpan elapsed)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Write(TextWriter output, string format)
    {
        if (format == "table")
            WriteTable(output);
        else
            output.WriteLine(format == "yaml" ? YamlWriter.WriteInOrder(Document()).TrimEnd() : Document().ToJsonString(Indented));
    }

    private void WriteTable(TextWriter output)
    {
        var groups = report.Items.Where(item => item.Node is not null).GroupBy(item => item.Node!.Name) // just asked
            .Select(group => (Node: group.Key, Rows: Folded([.. group]).ToList()))
            .GroupBy(group => string.Join('\n', group.Rows))
            .Select(group => (Title: Names([.. group.Select(one => one.Node)]), group.First().Rows))
            .Prepend((Title: "cluster", Rows: [.. report.Items.Where(item => item.Node is null).Select(Row)]))
            .ToList();
        var name = groups.SelectMany(group => group.Rows).Max(row => row.Name.Length);
        var verb = groups.SelectMany(group => group.Rows).Max(row => row.Verb.Length);
        foreach (var (title, rows) in groups)
        {
            output.WriteLine(title);
            foreach (var row in rows)
                output.WriteLine($"  {row.Name.PadRight(name)}  {row.Verb.PadRight(verb)}  {row.Why}");
        }

        output.WriteLine();
        foreach (var note in report.Notes.Take(20))
            output.WriteLine($"note: {note}");
        if (report.Notes.Count > 20)
            output.WriteLine($"note: {report.Notes.Count - 20} more of the kind");
        output.WriteLine(Summary());
        foreach (var line in NextSteps())
            output.WriteLine(line);
    }

    private string Summary()
    {
        var (kept, made, asked, told) = (report.Count(CreationVerdict.Keep), report.Count(CreationVerdict.Make),
            report.Count(CreationVerdict.Request), report.Count(CreationVerdict.Report));
        if (dryRun)
            return made + asked + told == 0 ? $"Nothing would change: all {kept} parts of {root} are right." : $"Would make {made}, keep {kept}{Rest(asked, told)}; nothing was written.";
        return report.FilesWritten == 0 && made + asked + told == 0
            ? $"Nothing has changed: all {kept} parts of {root} are right."
            : $"{made} made, {kept} kept{Rest(asked, told)}; {report.FilesWritten} files written to {root} in {elapsed.TotalSeconds:0.0} s.";
    }

    private static string Rest(int asked, int told) =>
        (asked > 0 ? $", {asked} awaited from the external CA" : "") + (told > 0 ? $", {told} wrong and left alone" : "");

    private IEnumerable<string> NextSteps()
    {
        if (dryRun || (report.FilesWritten == 0 && report.IsComplete))
            yield break;
        if (report.Count(CreationVerdict.Request) > 0)
        {
            yield return "";
            yield return $"Next: have every *.csr below {root} signed, put each certificate beside its request";
            yield return $"  (apiserver.csr: apiserver.crt, admin.conf.csr: admin.conf.crt), then: sealock pki init --out {root}";
            yield break;
        }

        if (report.Count(CreationVerdict.Report) > 0)
            yield break;
        yield return "";
        if (folder.IsInPlace)
        {
            yield return "Next: restart the components whose files were made.";
            yield break;
        }

        if (configuration.ControlPlaneOwner != "root:root")
            yield return $"Files are yours here; on control-plane nodes they will belong to {configuration.ControlPlaneOwner}.";
        yield return $"Next: sealock pki distribute --dir {root}         (or copy {root}/nodes/NAME to / of each node)";
        yield return $"      sealock pki flags --dir {root}              (how components are started with these files)";
        if (configuration.Layout == ClusterLayout.Kubeadm)
            yield return $"      kubectl --kubeconfig {root}/nodes/{configuration.ControlPlane.First().Name}/etc/kubernetes/admin.conf get nodes";
    }

    /// <summary>The rows of a node; files with the same outcome are one row.</summary>
    private static IEnumerable<(string Name, string Verb, string Why)> Folded(List<CreationItem> items)
    {
        foreach (var item in items.Where(item => !IsFile(item)))
            yield return Row(item);
        foreach (var same in items.Where(IsFile).GroupBy(item => item.Decision))
        {
            var names = same.Select(item => item.Name).ToList();
            if (same.Key.Verdict != CreationVerdict.Report && names.Count > 2)
            {
                yield return Row(same.First()) with { Name = $"{names.Count} more files", Why = $"{same.Key.Reason}: {Shortened(names)}" };
                continue;
            }

            foreach (var item in same)
                yield return Row(item);
        }
    }

    /// <summary>The files' names without folders, as many as a line holds.</summary>
    private static string Shortened(List<string> paths)
    {
        const int room = 60;
        var names = paths.Select(path => path[(path.LastIndexOf('/') + 1)..]).ToList();
        var shown = names.Count;
        while (shown > 1 && names.Take(shown).Sum(name => name.Length + 2) > room)
            shown--;
        return string.Join(", ", names.Take(shown)) + (shown < names.Count ? ", …" : "");
    }

    private static bool IsFile(CreationItem item) => item.Name.StartsWith('/');

    private static (string Name, string Verb, string Why) Row(CreationItem item) => (item.Name, item.Decision.Verdict switch
    {
        CreationVerdict.Keep => "kept",
        CreationVerdict.Make => "made",
        CreationVerdict.Request => "asked",
        _ => "WRONG",
    }, item.Decision.Reason);

    private static string Names(List<string> nodes) => nodes.Count <= 4
        ? string.Join(", ", nodes)
        : $"{nodes[0]}, {nodes[1]} … {nodes[^1]} ({nodes.Count} nodes, each)";

    private JsonObject Document() => new()
    {
        ["directory"] = root,
        ["dryRun"] = dryRun,
        ["complete"] = report.IsComplete,
        ["filesWritten"] = report.FilesWritten,
        ["items"] = new JsonArray([.. report.Items.Select(item => new JsonObject
        {
            ["node"] = item.Node?.Name,
            ["name"] = item.Name,
            ["verdict"] = item.Decision.Verdict.ToString().ToLowerInvariant(),
            ["reason"] = item.Decision.Reason,
        })]),
        ["notes"] = new JsonArray([.. report.Notes.Select(note => JsonValue.Create(note))]),
    };
}
