// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Creating;
using Sealock.Cluster.Importing;
using Sealock.Cluster.Surveying;
using Sealock.Cluster.Verifying;
using Sealock.Pki.Files;

namespace Sealock.Commands.Pki;

/// <summary><c>sealock pki import</c>: takes over the certificates of a cluster that stands.</summary>
internal static class ImportCommand
{
    private const int MaxFindingsShown = 40;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly Argument<string[]> Sources = new("source")
    {
        Description = "folder of certificates, such as /etc/kubernetes/pki; for several nodes NODE=DIR for each",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string> Out = new("--out", "--dir") { Description = "folder of the set that is made of them; without it they are only looked at", HelpName = "DIR" };
    private static readonly Option<bool> InPlace = new("--in-place") { Description = "leave the files where they are, and write only cluster.yaml beside them" };
    private static readonly Option<string> Config = new("--config") { Description = "the cluster's configuration, instead of what the files tell", HelpName = "FILE" };
    private static readonly Option<string> Output = OutputFormat.Option();

    public static Command Create()
    {
        var command = new ExampleCommand(
            "import",
            "Take over the certificates of an existing cluster, and tell what is wrong with them",
            "sealock pki import /etc/kubernetes/pki",
            "sealock pki import /etc/kubernetes/pki --out cluster",
            "sealock pki import master1=copies/master1/etc/kubernetes worker1=copies/worker1/etc/kubernetes --out cluster")
        {
            Sources, Out, InPlace, Config, Output,
        };
        command.SetAction(Run);
        return command;
    }

    private static Task<int> Run(ParseResult result, CancellationToken cancellationToken)
    {
        var sources = result.GetRequiredValue(Sources).Select(Source).ToList();
        if (result.GetValue(InPlace) && (result.GetValue(Out) is not null || sources.Count != 1))
            throw new CommandException("--in-place takes one folder, and no --out", 2);
        var inferred = Infer(sources);
        var configuration = result.GetValue(Config) is { } file ? ConfigurationOptions.Parse(file, ConfigurationOptions.ReadText("--config", file)) : inferred.Configuration;
        var import = result.GetValue(Out) is { } target ? SetImport.Prepare(configuration, inferred.Folder, new(target)) : null;
        var (written, place) = Write(result, inferred, configuration, import);
        var findings = sources.SelectMany(source => Findings(source.Folder, cancellationToken)).ToList();
        var page = new Page(inferred, configuration, import, findings, written, place);
        if (result.GetRequiredValue(Output) is "table")
            page.WriteText(result.InvocationConfiguration.Output);
        else
            result.InvocationConfiguration.Output.WriteLine(result.GetRequiredValue(Output) == "yaml"
                ? YamlWriter.WriteInOrder(page.Document()).TrimEnd() : page.Document().ToJsonString(Indented));
        return Task.FromResult(page.Problems.Count > 0 || findings.Any(finding => finding.Severity == Severity.Error) ? 1 : 0);
    }

    private static (string? Node, string Folder) Source(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && !text[..equals].Contains('/', StringComparison.Ordinal) ? (text[..equals], text[(equals + 1)..]) : (null, text);
    }

    private static InferredCluster Infer(List<(string? Node, string Folder)> sources)
    {
        try
        {
            var inferred = ConfigurationInference.Infer(sources);
            if (inferred.Configuration.ControlPlane.Any() || sources.Count > 1)
                return inferred;
            throw new CommandException($"{sources[0].Folder} holds no API server's certificate: name the folder of a control-plane node, or of several nodes as NODE=DIR");
        }
        catch (DirectoryNotFoundException fault)
        {
            throw new CommandException(fault.Message, 2);
        }
    }

    private static (int Written, string? Place) Write(ParseResult result, InferredCluster inferred, ClusterConfiguration configuration, SetImport? import)
    {
        var text = ConfigurationWriter.Write(configuration);
        if (import is null && !result.GetValue(InPlace))
            return (0, null);
        if (ConfigurationCheck.Mistakes(configuration) is { Count: > 0 } mistakes)
            throw CommandException.Usage([.. mistakes, "what the files tell is no sound configuration; correct it and give it with --config FILE:", .. text.TrimEnd().Split('\n')]);
        try
        {
            if (import is not null)
                return (import.Write(new(result.GetRequiredValue(Out)), text), result.GetRequiredValue(Out));
            var file = inferred.Folder.ConfigurationFile;
            if (File.Exists(file) && File.ReadAllText(file) == text)
                return (0, inferred.Folder.Root);
            if (File.Exists(file))
                throw new CommandException($"{file} is there already and says something else; change that file");
            AtomicFile.Write(file, Encoding.UTF8.GetBytes(text), AtomicFile.Public);
            return (1, inferred.Folder.Root);
        }
        catch (CreationException fault)
        {
            throw new CommandException(fault.Message);
        }
    }

    private static IEnumerable<Finding> Findings(string folder, CancellationToken cancellationToken) =>
        Verifier.Run(Survey.Read(SurveyScope.OfFolder(folder), TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(30), cancellationToken));

    /// <summary>What is told: the configuration, what was assumed, what was copied, and what is wrong.</summary>
    private sealed class Page(
        InferredCluster inferred, ClusterConfiguration configuration, SetImport? import, List<Finding> findings, int written, string? place)
    {
        public IReadOnlyList<string> Problems { get; } = [.. inferred.Problems.Concat(import?.Problems ?? []).Distinct()];

        private IReadOnlyList<string> Notes { get; } = [.. inferred.Notes.Concat(import?.Notes ?? [])];

        public void WriteText(TextWriter output)
        {
            output.Write(ConfigurationWriter.Write(configuration));
            output.WriteLine();
            foreach (var note in Notes)
                output.WriteLine($"assumed  {note}");
            foreach (var problem in Problems)
                output.WriteLine($"BROKEN   {problem}");
            var serious = findings.Where(finding => finding.Severity != Severity.Info).OrderByDescending(finding => finding.Severity).ToList();
            foreach (var finding in serious.Take(MaxFindingsShown))
            {
                output.WriteLine($"{(finding.Severity == Severity.Error ? "WRONG    " : "warning  ")}{finding.Subject}: {finding.What}");
                output.WriteLine($"         {finding.Fix}");
            }

            if (serious.Count > MaxFindingsShown)
                output.WriteLine($"         and {serious.Count - MaxFindingsShown} more: sealock pki verify");
            output.WriteLine();
            WriteNext(output);
        }

        public JsonObject Document() => new()
        {
            ["configuration"] = YamlReader.TryRead(ConfigurationWriter.Write(configuration), out var document, out _) ? document : null,
            ["directory"] = place,
            ["filesWritten"] = written,
            ["assumed"] = new JsonArray([.. Notes.Select(note => JsonValue.Create(note))]),
            ["broken"] = new JsonArray([.. Problems.Select(problem => JsonValue.Create(problem))]),
            ["findings"] = new JsonArray([.. findings.Select(finding => new JsonObject
            {
                ["rule"] = finding.Rule,
                ["severity"] = finding.Severity.ToString().ToLowerInvariant(),
                ["subject"] = finding.Subject,
                ["path"] = finding.Path,
                ["what"] = finding.What,
                ["why"] = finding.Why,
                ["fix"] = finding.Fix,
            })]),
        };

        private void WriteNext(TextWriter output)
        {
            if (place is null)
            {
                output.WriteLine("Nothing was written. To take it over: the same with --out DIR (copies), or --in-place.");
                return;
            }

            output.WriteLine(written == 0 ? $"Nothing has changed: all of it is in {place} already."
                : import is null ? $"{Path.Combine(place, "cluster.yaml")} was written; all else is as it was."
                : $"{written} files written to {place}; nothing was changed where they came from.");
            if (import is null)
                return;
            output.WriteLine();
            output.WriteLine($"Next: read {Path.Combine(place, "cluster.yaml")}, then: sealock pki init --out {place} --dry-run");
            output.WriteLine("      (what would be made anew or beside it; without --dry-run it is made)");
        }
    }
}
