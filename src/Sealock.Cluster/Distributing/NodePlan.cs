// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Staging;

namespace Sealock.Cluster.Distributing;

/// <summary>From what is wanted and what a node has told to the change that it is sent. Pure.</summary>
internal static class NodePlan
{
    /// <summary>All folders that a node must be asked about.</summary>
    public static IReadOnlyList<string> Folders(IEnumerable<string> paths) =>
    [
        .. paths.SelectMany(StagingPath.Parents).Concat(StagingPath.Parents(NodeScript.StateFolder + "/")).Append("")
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>The change set that returns to what was before a node's last change.</summary>
    /// <exception cref="DistributionException">Files have been changed by others since, and it is not forced.</exception>
    public static ChangeSet Rollback(NodeFormer former, NodeAnswer answer, bool force)
    {
        var files = former.Entries.Where(entry => !entry.IsFolder).ToList();
        var folders = former.Entries.Where(entry => entry.IsFolder).ToList();
        var changed = files.Where(entry => !entry.After.ToEntry().IsMetBy(answer.File(entry.Path))).Select(entry => entry.Path).ToList();
        if (changed.Count > 0 && !force)
        {
            throw new DistributionException(
                $"changed by somebody else since: {string.Join(", ", changed.Take(5))}{(changed.Count > 5 ? ", …" : "")}; "
                + "--force overwrites them");
        }

        return new ChangeSet
        {
            Files = [.. files.Where(entry => !entry.Before.IsAbsent).Select(entry => Former(entry.Path, entry.Before.ToEntry()))],
            Deleted = [.. files.Where(entry => entry.Before.IsAbsent).Select(entry => entry.Path)],
            Folders =
            [
                .. folders.Where(entry => !entry.Before.IsAbsent).Select(entry => entry.Before.ToEntry() is var before
                    ? new WantedFolder { Path = entry.Path, Mode = before.Mode, Owner = before.Owner }
                    : throw new InvalidOperationException()),
            ],
            DeletedFolders = [.. folders.Where(entry => entry.Before.IsAbsent).Select(entry => entry.Path).Reverse()],
        };
    }

    /// <summary>The change for a plan, none of which is blocked and some of which is to be done.</summary>
    /// <param name="id">The change's name.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="answer">What the node has told.</param>
    /// <param name="contents">The wanted contents by path; what is not in it was kept by the node.</param>
    public static NodeChange Change(
        string id, IReadOnlyList<PlannedChange> plan, NodeAnswer answer, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> contents)
    {
        var entries = new List<NodeEntry>();
        var sent = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var reused = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        foreach (var change in plan.Where(change => change.Kind != ChangeKind.Unchanged))
        {
            var waits = !change.IsFolder && change.After.Kind is not null;
            entries.Add(new NodeEntry(
                change.IsFolder,
                NodeScript.Number(entries.Count),
                waits ? answer.Depth(change.Path) : "-",
                Kept: !change.IsFolder && change.Before.Kind is not null,
                NodeState.Of(Restorable(change.Before, answer.User)),
                NodeState.Of(change.After),
                change.Path));
            if (!waits)
                continue;
            if (contents.TryGetValue(change.Path, out var content))
                sent.Add(change.Path, content);
            else if (answer.Former is { } former)
                reused.Add(change.Path, (former.Id, former.Entries.First(entry => entry.Path == change.Path).Number));
        }

        return new NodeChange(id, entries, sent, reused);
    }

    /// <summary>Only root can give a file back to whom it belonged.</summary>
    private static EntryState Restorable(EntryState before, uint user) =>
        user == 0 || before.Owner?.User == user ? before : before with { Owner = null };

    // The content stays on the node; its hash is compared there.
    private static WantedFile Former(string path, EntryState before) => new()
    {
        Path = path,
        Content = default,
        Mode = before.Mode,
        Owner = before.Owner,
        LinkTarget = before.LinkTarget,
        KnownSha256 = before.Sha256,
    };
}
