// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Cluster.Staging;
using Sealock.Pki.Files;

namespace Sealock.Cluster.Distributing;

/// <summary>How the nodes of a set are reached and what is done there.</summary>
public sealed record ShippingOptions
{
    /// <summary>The user who logs in, where the configuration names none; null as ssh is configured.</summary>
    public string? User { get; init; }

    /// <summary>As for ssh's <c>-o</c>.</summary>
    public IReadOnlyList<string> SshOptions { get; init; } = [];

    /// <summary>Whether to become root on the node.</summary>
    public bool Sudo { get; init; }

    /// <summary>Who is to own all files; null as planned.</summary>
    public string? Owner { get; init; }

    /// <summary>The folder on the node below which its files stand; <c>{node}</c> stands for the node's name.</summary>
    public string Root { get; init; } = "/";
}

/// <summary>
/// What a set holds for each of its nodes: every file below <c>nodes/NAME</c>. Planned ones have the mode and owner of
/// the plan; others that were put there have the mode that they have, and the owner of the node's planned files.
/// </summary>
public sealed class SetShipments
{
    private const int MostFiles = 10_000;

    private readonly ClusterPlan _plan;
    private readonly SetFolder _folder;
    private readonly ShippingOptions _options;
    private readonly ILookup<string, PlannedFile> _planned;
    private readonly string _manifests;

    /// <summary>Over a set, which nobody changes meanwhile.</summary>
    public SetShipments(ClusterPlan plan, SetFolder folder, ShippingOptions options)
    {
        (_plan, _folder, _options) = (plan, folder, options);
        _planned = plan.Files.ToLookup(file => file.Node.Name);
        _manifests = new NodePaths(plan.Configuration.Layout).Manifests.TrimStart('/') + "/";
    }

    /// <summary>Reads a node's files.</summary>
    /// <param name="node">The node.</param>
    /// <param name="withFiles">Whether files are sent to it: not for a rollback.</param>
    /// <returns>The shipment, or why there is none: what is missing or no ordinary file, and the remedy.</returns>
    public (NodeShipment? Shipment, string? Mistake) Read(ClusterNode node, bool withFiles = true)
    {
        if (TargetOf(node) is not { } target)
            return (null, $"ssh: \"{node.Ssh}\" is no way to a node; write [user@]host[:port] in cluster.yaml");
        try
        {
            var shell = ShellCommand.Ssh(target, _options.SshOptions, _options.Sudo);
            return (new NodeShipment(node.Name, shell, withFiles ? ReadFiles(node) : [])
            {
                Root = _options.Root.Replace("{node}", node.Name, StringComparison.Ordinal),
            }, null);
        }
        catch (Exception fault) when (fault is DistributionException or IOException or UnauthorizedAccessException)
        {
            return (null, fault.Message);
        }
    }

    /// <summary>How ssh reaches a node; null where the configuration says it wrongly.</summary>
    public SshTarget? TargetOf(ClusterNode node)
    {
        var target = SshTarget.TryParse(node.Ssh ?? node.Address.ToString());
        return target is { User: null } ? target with { User = _options.User } : target;
    }

    private List<NodeFile> ReadFiles(ClusterNode node)
    {
        var planned = _planned[node.Name].ToDictionary(file => file.Path.TrimStart('/'), StringComparer.Ordinal);
        var files = new List<NodeFile>();
        var owner = planned.Values.FirstOrDefault()?.Owner ?? "root:root";
        var root = Path.Combine(_folder.Root, "nodes", node.Name);
        if (Directory.Exists(root))
        {
            using var top = OpenFolder.Open(root);
            Walk(top, "", (folder, name, facts) =>
            {
                var path = Join(folder.Below, name);
                if (files.Count == MostFiles)
                    throw new DistributionException($"{root} holds more than {MostFiles} files");
                var known = planned.GetValueOrDefault(path);
                var content = folder.Folder.Read(name, new StagingLimits().FileBytes);
                files.Add(new NodeFile(path, content, known?.Mode ?? facts.Mode, _options.Owner ?? known?.Owner ?? owner));
            });
        }

        var there = files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        // A CA's key may be kept elsewhere, and then there is nothing that signs with it on the node either.
        var missing = planned.Values.Where(file => file.Content is not (AuthorityKey or AuthorityCertificate))
            .Select(file => file.Path).Where(path => !there.Contains(path.TrimStart('/'))).ToList();
        if (missing.Count > 0)
        {
            throw new DistributionException(
                $"{root} lacks {string.Join(", ", missing.Take(3))}{(missing.Count > 3 ? $" and {missing.Count - 3} more" : "")}: "
                + "sealock pki init makes what is missing");
        }

        return [.. files.OrderBy(file => Rank(file, planned))];
    }

    /// <summary>Trust comes before what is to be trusted, and what starts a component after the files that it reads.</summary>
    private int Rank(NodeFile file, Dictionary<string, PlannedFile> planned) =>
        planned.GetValueOrDefault(file.Path)?.Content is AuthorityBundle or ServiceAccountPublicKeys ? 0
        : !file.Path.StartsWith(_manifests, StringComparison.Ordinal) ? 1
        : 2;

    private static void Walk(OpenFolder folder, string below, Action<(OpenFolder Folder, string Below), string, FileFacts> found)
    {
        foreach (var entry in new DirectoryInfo(folder.Path).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var name = entry.Name;
            switch (folder.Look(name))
            {
                case { Kind: FileKind.Folder }:
                    if (folder.OpenChild(name) is { } child)
                    {
                        using (child)
                            Walk(child, Join(below, name), found);
                    }

                    break;
                case { Kind: FileKind.File } facts:
                    // Requests for an external CA, and temporary files, are nothing for a node.
                    if (!name.EndsWith(".csr", StringComparison.Ordinal) && !name.StartsWith('.'))
                        found((folder, below), name, facts);
                    break;
                case null:
                    break;
                default:
                    throw new DistributionException($"{entry.FullName} is no ordinary file: replace or remove it");
            }
        }
    }

    private static string Join(string below, string name) => below.Length == 0 ? name : $"{below}/{name}";
}
