// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using Sealock.Cluster.Staging;

namespace Sealock.Cluster.Distributing;

/// <summary>
/// One node: (1) a connection in which it completes or undoes what was interrupted, and tells what it has; (2) the
/// comparison, here; (3) where something differs, a connection with the new files, which the node stages, checks and
/// switches to under its journal. What is sent as one script takes effect by its last line, or not at all.
/// </summary>
internal sealed class NodeDistribution(
    NodeShipment node, DistributionOptions options, Action<NodeProgress> progress, TimeProvider clock)
{
    public async Task<NodeResult> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await TryAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is DistributionException or StagingException)
        {
            return Finish(new NodeResult(node.Node, NodeStatus.Untouched, [], fault.Message));
        }
    }

    private async Task<NodeResult> TryAsync(CancellationToken cancellationToken)
    {
        if (node.Files.Select(NodeScript.Mistake).FirstOrDefault(mistake => mistake is not null) is { } mistake)
            throw new DistributionException(mistake);

        // 1. What it has.
        Tell("connecting");
        var answer = await LookAsync([.. node.Files.Select(file => file.Path)], cancellationToken);
        if (options.Rollback)
        {
            if (answer.Former is null)
                throw new DistributionException("it has no former set: nothing has been distributed to it, or not by this user");
            answer = await LookAsync(
                [.. answer.Former.Entries.Where(entry => !entry.IsFolder).Select(entry => entry.Path)], cancellationToken,
                answer.Former.Entries.Where(entry => entry.IsFolder).Select(entry => entry.Path));
        }

        // 2. What is to be done.
        var wanted = options.Rollback && answer.Former is { } former
            ? NodePlan.Rollback(former, answer, options.Force)
            : node.ToChangeSet(answer.Owner);
        var plan = ChangePlan.Compare(wanted, answer.File, answer.Folder);
        StagingArea.RefuseBlocked(plan);
        var changes = plan.Count(change => change.Kind != ChangeKind.Unchanged);
        var result = new NodeResult(node.Node, NodeStatus.Unchanged, plan) { Recovery = answer.Recovery };
        if (changes == 0)
            return Finish(result);
        if (options.DryRun)
            return Finish(result with { Status = NodeStatus.WouldChange });

        // 3. Doing it.
        Tell($"sending {changes} {(changes == 1 ? "change" : "changes")}");
        var contents = options.Rollback
            ? new Dictionary<string, ReadOnlyMemory<byte>>()
            : node.Files.ToDictionary(file => file.Path, file => file.Content, StringComparer.Ordinal);
        var change = NodePlan.Change(RandomNumberGenerator.GetHexString(12, lowercase: true), plan, answer, contents);
        var done = await RemoteShell.RunAsync(
            node.Shell, NodeScript.Change(node.Root, options.Patience, change), options.Limit, clock, cancellationToken);
        return Finish(Outcome(result, done));
    }

    /// <summary>What the answers to a change mean. Pure.</summary>
    internal static NodeResult Outcome(NodeResult result, ShellResult done)
    {
        if (done.Answers.Contains("completed"))
            return result with { Status = NodeStatus.Changed };
        var reason = ShellFailure.Explain(done);
        if (done.Answers.Any(answer => answer.StartsWith("undone ", StringComparison.Ordinal)))
            return result with { Status = NodeStatus.Undone, Failure = reason };
        if (done.Answers.Any(answer => answer.StartsWith("failed ", StringComparison.Ordinal)))
            return result with { Status = NodeStatus.Untouched, Failure = reason };
        return result with { Status = NodeStatus.Unfinished, Failure = $"{reason}; run this again, which completes or undoes it" };
    }

    private async Task<NodeAnswer> LookAsync(
        IReadOnlyList<string> files, CancellationToken cancellationToken, IEnumerable<string>? more = null)
    {
        var owners = options.Rollback ? [] : node.Files.Select(file => file.Owner).Distinct(StringComparer.Ordinal).ToList();
        var folders = NodePlan.Folders(files.Concat((more ?? []).Select(folder => folder + "/")));
        var script = NodeScript.Look(node.Root, recover: !options.DryRun, options.Patience, owners, files, folders);
        var result = await RemoteShell.RunAsync(node.Shell, script, options.Limit, clock, cancellationToken);
        if (result.Answers is not [.., NodeScript.End])
            throw new DistributionException(ShellFailure.Explain(result));
        try
        {
            return NodeAnswer.Read(result.Answers, owners, files, folders);
        }
        catch (Exception fault) when (fault is FormatException or OverflowException)
        {
            throw new DistributionException($"the node's answer cannot be understood: {fault.Message}");
        }
    }

    private NodeResult Finish(NodeResult result)
    {
        Tell(result.Status switch
        {
            NodeStatus.Unchanged => "nothing to change",
            NodeStatus.Changed => "changed",
            NodeStatus.WouldChange => "would change",
            NodeStatus.Undone => "failed and undone",
            NodeStatus.Unfinished => "broken off",
            _ => "failed",
        });
        return result;
    }

    private void Tell(string text) => progress(new NodeProgress(node.Node, text));
}
