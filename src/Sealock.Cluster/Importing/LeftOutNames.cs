// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;

namespace Sealock.Cluster.Importing;

/// <summary>Which planned certificates are absent because the maker of the set does without them.</summary>
internal static class LeftOutNames
{
    /// <summary>kubeadm leaves these to the kubelet and the cluster, or did so in older versions.</summary>
    private static readonly string[] Kubeadm = ["kubelet-serving", "kube-proxy.conf", "super-admin.conf"];

    /// <summary>Sets made by hand follow no list; without these an API server serves and knows its clients.</summary>
    private static readonly string[] ByHand =
    [
        .. Kubeadm, "kubelet.conf", "admin.conf", "controller-manager.conf", "scheduler.conf", "apiserver-kubelet-client",
        "front-proxy-client", "front-proxy-ca",
    ];

    private static readonly string[] Etcd =
        ["etcd-ca", "etcd-server", "etcd-peer", "etcd-healthcheck-client", "apiserver-etcd-client"];

    public static IReadOnlySet<string> Of(ClusterConfiguration configuration, IReadOnlyList<FoundNode> nodes)
    {
        var flat = configuration.Layout == ClusterLayout.Flat;
        var absent = (flat ? ByHand : Kubeadm).Where(name => !nodes.Any(node => Stands(node, name))).ToHashSet();
        // All of etcd's or none: a part of them is a defect.
        if (!nodes.Any(node => Etcd.Any(name => Stands(node, name))))
            absent.UnionWith(Etcd);
        if (nodes.All(node => node.ApiServer is null))
            absent.UnionWith(PlannedAuthorityNames());
        return absent;
    }

    /// <summary>A worker has the cluster's CA alone.</summary>
    private static IEnumerable<string> PlannedAuthorityNames() => [PlannedAuthority.FrontProxy.Name, PlannedAuthority.Etcd.Name];

    private static bool Stands(FoundNode node, string name) => name.EndsWith(".conf", StringComparison.Ordinal)
        ? node.Kubeconfigs.ContainsKey(name)
        : Stems(name).Any(stem => node.Certificates.ContainsKey(stem) || node.Keys.Contains(stem));

    private static IEnumerable<string> Stems(string name) => name == "kubelet-serving" ? ["kubelet"]
        : name.StartsWith("etcd-", StringComparison.Ordinal) ? [name, "etcd/" + name["etcd-".Length..]]
        : [name];
}
