// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;

namespace Sealock.Cluster.Sets;

/// <summary>Where the files of one node stand on this machine. Only paths; nothing is read or written.</summary>
public sealed class NodeFolder
{
    private readonly string _root;
    private readonly (string OnNode, string Here)[] _places;

    private NodeFolder(string root, params (string OnNode, string Here)[] places) => (_root, _places) = (root.TrimEnd('/'), places);

    /// <summary>The node's file system (or as much of it as is ours) below a folder; <c>/</c> on the node itself.</summary>
    public static NodeFolder Rooted(string root) => new(Path.GetFullPath(root));

    /// <summary>
    /// A folder of certificates as it stands on a node, or a copy of it: <c>/etc/kubernetes/pki</c> with the kubeconfigs in
    /// its parent, or with the flat layout one folder for all.
    /// </summary>
    public static NodeFolder Of(string pkiFolder, ClusterLayout layout)
    {
        var full = Path.GetFullPath(pkiFolder).TrimEnd('/');
        var onNode = new NodePaths(layout).Pki;
        if (full.EndsWith(onNode, StringComparison.Ordinal))
            return Rooted(full.Length == onNode.Length ? "/" : full[..^onNode.Length]);
        if (layout == ClusterLayout.Flat)
            return new(full, (onNode, full));
        var parent = Path.GetDirectoryName(full) ?? "/";
        return new(parent, (onNode, full), ("/etc/kubernetes", parent));
    }

    /// <summary>Where the file with an absolute path on the node stands here.</summary>
    public string PathOf(string pathOnNode)
    {
        foreach (var (onNode, here) in _places)
        {
            if (pathOnNode.StartsWith(onNode + "/", StringComparison.Ordinal))
                return here.TrimEnd('/') + pathOnNode[onNode.Length..];
        }

        return _root + pathOnNode;
    }
}
