// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Api.Objects;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Distributing;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Cluster.Staging;

namespace Sealock.Commands.Pki;

/// <summary><c>sealock pki distribute</c>: brings every node of a set its files over ssh, or takes the last change back.</summary>
internal static class DistributeCommand
{
    private const int MostParallel = 256;

    private static readonly ConfigurationOptions Source = new();
    private static readonly Option<string[]> Nodes = new("--node") { Description = "only this node; repeatable", HelpName = "NAME" };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "only tell what would change on each node" };
    private static readonly Option<bool> Rollback = new("--rollback") { Description = "return each node to what it had before its last change" };
    private static readonly Option<bool> Force = new("--force") { Description = "with --rollback: also files that others have changed since" };
    private static readonly LoginOptions Login = new();
    private static readonly Option<string> Owner = new("--owner") { Description = "owner of all files (default: as cluster.yaml says)", HelpName = "USER:GROUP" };
    private static readonly Option<string> Root = new("--root") { Description = "folder on the nodes below which all is put; {node} stands for the node's name", HelpName = "DIR", DefaultValueFactory = _ => "/" };
    private static readonly Option<int> Parallel = new("--parallel") { Description = "nodes at a time", HelpName = "N", DefaultValueFactory = _ => 8 };
    private static readonly Option<string> Timeout = new("--timeout") { Description = "the longest that one connection may take", HelpName = "TIME", DefaultValueFactory = _ => "2m" };
    private static readonly Option<string> Output = OutputFormat.Option();

    public static Command Create()
    {
        var command = new ExampleCommand(
            "distribute",
            "Bring every node its files over ssh: staged, checked, then switched to; what failed is as it was",
            "sealock pki distribute --dir cluster --dry-run",
            "sealock pki distribute --dir cluster",
            "sealock pki distribute --dir cluster --node worker1 --user admin --sudo",
            "sealock pki distribute --dir cluster --rollback")
        {
            Source.Directory, Nodes, DryRun, Rollback, Force, Owner, Root, Parallel, Timeout, Output,
        };
        Login.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var (options, shipping) = Read(result);
        var configuration = Source.Read(result);
        var nodes = Choose(configuration, result.GetValue(Nodes) ?? []);
        var folder = new SetFolder(result.GetRequiredValue(Source.Directory));
        var shipments = Load(configuration, folder, shipping, nodes, options);
        IReadOnlyList<NodeResult> results;
        try
        {
            var done = await Distribution.RunAsync(
                [.. shipments.Select(one => one.Shipment).OfType<NodeShipment>()], options, Progress(), TimeProvider.System, cancellationToken);
            var byNode = done.ToDictionary(one => one.Node, StringComparer.Ordinal);
            results = [.. shipments.Select((one, i) => one.Shipment is null
                ? new NodeResult(nodes[i].Name, NodeStatus.Untouched, [], one.Mistake)
                : byNode[nodes[i].Name])];
        }
        catch (OperationCanceledException)
        {
            throw new CommandException("interrupted; run this again: each node completes or undoes what it has begun");
        }

        DistributionPage.Write(result.InvocationConfiguration, result.GetValue(Output), results, options);
        return results.Any(one => one.HasFailed) ? 1 : 0;
    }

    private static (DistributionOptions Options, ShippingOptions Shipping) Read(ParseResult result)
    {
        var mistakes = new List<string>();
        if (result.GetValue(Source.Directory) is null)
            mistakes.Add("name the set: --dir DIR, as sealock pki init made it");
        var shipping = Login.Read(result, mistakes);
        if (!GoDuration.TryParse(result.GetRequiredValue(Timeout), out var limit) || limit < TimeSpan.FromSeconds(1) || limit > TimeSpan.FromDays(1))
            mistakes.Add("--timeout: give a time such as 2m");
        var parallel = result.GetValue(Parallel);
        if (parallel is < 1 or > MostParallel)
            mistakes.Add($"--parallel: give a number from 1 to {MostParallel}");
        var root = result.GetRequiredValue(Root);
        if (!root.StartsWith('/') || root.Any(char.IsControl))
            mistakes.Add($"--root: \"{root}\" is no absolute path");
        if (result.GetValue(Force) && !result.GetValue(Rollback))
            mistakes.Add("--force belongs to --rollback");
        if (mistakes.Count > 0)
            throw CommandException.Usage(mistakes);
        return (
            new DistributionOptions
            {
                DryRun = result.GetValue(DryRun),
                Rollback = result.GetValue(Rollback),
                Force = result.GetValue(Force),
                Parallel = parallel,
                Limit = limit,
            },
            shipping with { Owner = result.GetValue(Owner), Root = root });
    }

    private static List<ClusterNode> Choose(ClusterConfiguration configuration, string[] names)
    {
        var known = configuration.Nodes.Select(node => node.Name).ToList();
        if (names.Except(known, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
        {
            throw new CommandException(
                $"--node: there is no node {unknown}; there are: {string.Join(", ", known.Take(20))}{(known.Count > 20 ? ", …" : "")}", 2);
        }

        return [.. configuration.Nodes.Where(node => names.Length == 0 || names.Contains(node.Name, StringComparer.Ordinal))];
    }

    private static List<(NodeShipment? Shipment, string? Mistake)> Load(
        ClusterConfiguration configuration, SetFolder folder, ShippingOptions shipping, List<ClusterNode> nodes, DistributionOptions options)
    {
        var shipments = new SetShipments(ClusterPlan.For(configuration), folder, shipping);
        if (options.Rollback)
            return [.. nodes.Select(node => shipments.Read(node, withFiles: false))];
        try
        {
            // Nobody changes the set while it is read, and what was interrupted is completed first.
            using var area = StagingArea.Open(folder.Root, new StagingOptions { StateFolder = SetFolder.StagingState });
            return [.. nodes.Select(node => shipments.Read(node))];
        }
        catch (Exception fault) when (fault is StagingException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--dir: {fault.Message}");
        }
    }

    private static Action<NodeProgress> Progress()
    {
        if (Console.IsErrorRedirected)
            return _ => { };
        var gate = new Lock();
        return step =>
        {
            lock (gate)
                Console.Error.WriteLine($"{step.Node}: {step.Text}");
        };
    }
}
