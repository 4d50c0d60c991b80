// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Api.Objects;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Cluster.Surveying;

namespace Sealock.Commands.Pki;

/// <summary>The options by which commands that only look find what to look at: a set, a node's own folders, any folder.</summary>
internal sealed class ScopeOptions
{
    private const string NodeFolder = "/etc/kubernetes/pki";

    private readonly Option<string> _directory = new("--dir")
    {
        Description = "a set, /etc/kubernetes/pki, or any folder with certificates (default: ./cluster.yaml's or ./cluster, else /etc/kubernetes/pki)",
        HelpName = "DIR",
    };

    private readonly Option<string> _authorities = new("--ca-dir") { Description = "folder of the set's CAs, where it is another", HelpName = "DIR" };
    private readonly Option<string[]> _nodes = new("--node") { Description = "only this node of the set; repeatable", HelpName = "NAME" };
    private readonly Option<string> _within = new("--within") { Description = "how soon is soon", HelpName = "TIME", DefaultValueFactory = _ => "30d" };

    public void AddTo(Command command)
    {
        command.Options.Add(_directory);
        command.Options.Add(_authorities);
        command.Options.Add(_nodes);
        command.Options.Add(_within);
    }

    /// <summary>Reads all that the options lead to.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="certificatesOnly">Whether settings are of no interest.</param>
    /// <param name="clock">Tells what is now.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CommandException">The options are wrong, or there is nothing to look at.</exception>
    public Survey Read(ParseResult result, bool certificatesOnly, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!GoDuration.TryParse(result.GetRequiredValue(_within), out var within))
            throw new CommandException("--within: give a time such as 30d or 720h", 2);
        var survey = Survey.Read(Scope(result) with { CertificatesOnly = certificatesOnly }, clock.GetUtcNow(), within, cancellationToken);
        if (survey.Leaves.Count == 0 && survey.Authorities.Count == 0 && survey.Components.Count == 0 && survey.Scope.Set is null)
            throw new CommandException($"{survey.Scope.Folder} has no certificates; name another folder with --dir", 2);
        return survey;
    }

    private SurveyScope Scope(ParseResult result)
    {
        var directory = result.GetValue(_directory) ?? Default();
        if (File.Exists(directory) && Path.GetFileName(directory) == "cluster.yaml")
            directory = Path.GetDirectoryName(Path.GetFullPath(directory)) ?? "/";
        if (!Directory.Exists(directory))
            throw new CommandException($"--dir: there is no folder {directory}", 2);
        var folder = new SetFolder(directory, result.GetValue(_authorities));
        var nodes = result.GetValue(_nodes) ?? [];
        if (!File.Exists(folder.ConfigurationFile))
        {
            return nodes.Length == 0 ? SurveyScope.OfFolder(directory)
                : throw new CommandException($"--node is for a set: {directory} has no cluster.yaml", 2);
        }

        var plan = ClusterPlan.For(ConfigurationOptions.Parse(folder.ConfigurationFile, ConfigurationOptions.ReadText("--dir", folder.ConfigurationFile)));
        var known = plan.Configuration.Nodes.Select(node => node.Name).ToHashSet();
        return nodes.Where(node => !known.Contains(node)).ToList() is not { Count: > 0 } unknown
            ? SurveyScope.OfSet(plan, folder, nodes)
            : throw new CommandException($"--node: {string.Join(", ", unknown)} {(unknown.Count == 1 ? "is no node" : "are no nodes")} of {folder.ConfigurationFile}; "
                + $"there are: {string.Join(", ", known.Take(20))}", 2);
    }

    private static string Default() =>
        File.Exists("cluster.yaml") ? "."
        : File.Exists(Path.Combine("cluster", "cluster.yaml")) ? "cluster"
        : Directory.Exists(NodeFolder) ? NodeFolder
        : throw new CommandException($"name what to look at: --dir DIR (there is no cluster.yaml here, and no {NodeFolder})", 2);
}
