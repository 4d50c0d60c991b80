// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;

namespace Sealock.Cluster.Surveying;

/// <summary>What a survey looks at: a cluster's set, the folders of one running node, or any folder with certificates.</summary>
public sealed record SurveyScope
{
    // Beside /etc/kubernetes: where kubelets have theirs, and where services get their flags.
    private static readonly string[] NodePlaces =
    [
        "/etc/kubernetes", "/var/lib/kubelet/pki", "/var/lib/kubelet/config.yaml", "/var/lib/kubelet/kubeadm-flags.env", "/var/lib/kubelet/kubeconfig",
        "/var/lib/kube-proxy", "/etc/default/kubelet", "/etc/sysconfig/kubelet", "/etc/systemd/system/kubelet.service", "/etc/systemd/system/kubelet.service.d",
        "/usr/lib/systemd/system/kubelet.service.d", "/etc/systemd/system/kube-apiserver.service", "/etc/systemd/system/kube-controller-manager.service",
        "/etc/systemd/system/kube-scheduler.service", "/etc/systemd/system/kube-proxy.service", "/etc/systemd/system/etcd.service", "/etc/default/etcd",
        "/etc/etcd", "/srv/kubernetes",
    ];

    private SurveyScope()
    {
    }

    /// <summary>The folder that was named.</summary>
    public required string Folder { get; init; }

    /// <summary>What there should be; null where no configuration says so.</summary>
    public ClusterPlan? Plan { get; init; }

    /// <summary>The set; null where the folder is none.</summary>
    public SetFolder? Set { get; init; }

    /// <summary>Where to look.</summary>
    public required IReadOnlyList<SurveyTree> Trees { get; init; }

    /// <summary>True where the folder is a running node's own, so that reissuing is for the tools of that node.</summary>
    public bool IsKubeadm { get; init; }

    /// <summary>True while a CA is being rotated, so that bundles hold the old and the new one.</summary>
    public bool IsRotating { get; init; }

    /// <summary>True where a set's settings are of no interest: half of its files are then not read.</summary>
    public bool CertificatesOnly { get; init; }

    /// <summary>The scope of a cluster's set.</summary>
    /// <param name="plan">What the set is to hold.</param>
    /// <param name="folder">Where it stands.</param>
    /// <param name="nodes">Only these nodes; empty: all. The authorities are always looked at.</param>
    public static SurveyScope OfSet(ClusterPlan plan, SetFolder folder, IReadOnlyCollection<string>? nodes = null) => new()
    {
        Folder = folder.Root,
        Plan = plan,
        Set = folder,
        IsRotating = Directory.Exists(folder.State) && Directory.EnumerateFiles(folder.State, "rotate-*.json").Any(),
        Trees =
        [
            new() { Starts = [folder.Authorities] },
            .. plan.Configuration.Nodes.Where(node => nodes is not { Count: > 0 } || nodes.Contains(node.Name)).Select(node => new SurveyTree
            {
                Node = node.Name,
                Starts = [folder.RootOf(node)],
                Places = [("/", folder.RootOf(node))],
            }),
        ],
    };

    /// <summary>
    /// The scope of any other folder: <c>/etc/kubernetes</c> or <c>/etc/kubernetes/pki</c> (also below another root) with what
    /// belongs to it elsewhere on the node, the root of a node's file system, or a folder of files.
    /// </summary>
    public static SurveyScope OfFolder(string folder)
    {
        var full = Path.GetFullPath(folder).TrimEnd('/') is { Length: > 0 } path ? path : "/";
        if (RootOf(full) is { } root)
        {
            return new()
            {
                Folder = full,
                IsKubeadm = true,
                Trees = [new() { Starts = [.. NodePlaces.Select(place => root + place)], Places = root.Length == 0 ? [] : [("/", root)] }],
            };
        }

        if (Path.GetFileName(full) == "pki" && Path.GetDirectoryName(full) is { } parent && Directory.EnumerateFiles(parent, "*.conf").Any())
        {
            return new()
            {
                Folder = full,
                IsKubeadm = true,
                Trees = [new() { Starts = [parent], Places = [("/etc/kubernetes", parent)] }],
            };
        }

        return new() { Folder = full, Trees = [new() { Starts = [full] }] };
    }

    /// <summary>The root of the node's file system that a folder belongs to, without its slash; null where it is no node's.</summary>
    private static string? RootOf(string full)
    {
        foreach (var tail in new[] { "/etc/kubernetes/pki", "/etc/kubernetes" })
        {
            if (full.EndsWith(tail, StringComparison.Ordinal))
                return full[..^tail.Length];
        }

        return Directory.Exists(Path.Combine(full, "etc", "kubernetes")) ? full.TrimEnd('/') : null;
    }
}
