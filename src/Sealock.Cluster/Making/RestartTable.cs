// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;

namespace Sealock.Cluster.Making;

/// <summary>Which programs have to be restarted (or told) before they use a new file.</summary>
public static class RestartTable
{
    private static readonly (string Certificate, string[] Programs)[] Leaves =
    [
        ("apiserver", ["kube-apiserver"]),
        ("apiserver-kubelet-client", ["kube-apiserver"]),
        ("apiserver-etcd-client", ["kube-apiserver"]),
        ("front-proxy-client", ["kube-apiserver"]),
        ("etcd-server", ["etcd"]),
        ("etcd-peer", ["etcd"]),
        ("controller-manager.conf", ["kube-controller-manager"]),
        ("scheduler.conf", ["kube-scheduler"]),
        ("kubelet.conf", ["kubelet"]),
        ("kubelet-serving", ["kubelet"]),
        ("kube-proxy.conf", ["kube-proxy"]),
    ];

    /// <summary>The programs that use a file; none where people or scripts do.</summary>
    public static IReadOnlyList<string> Of(FileContent content) => content switch
    {
        AuthorityBundle { Authority: var authority } when authority == PlannedAuthority.Etcd => ["etcd", "kube-apiserver"],
        AuthorityBundle { Authority: var authority } when authority == PlannedAuthority.FrontProxy => ["kube-apiserver"],
        AuthorityBundle => ["kube-apiserver", "kube-controller-manager", "kubelet"],
        AuthorityCertificate { Authority: var signing } when signing == PlannedAuthority.Cluster => ["kube-controller-manager"],
        AuthorityKey { Authority: var signing } when signing == PlannedAuthority.Cluster => ["kube-controller-manager"],
        LeafCertificate leaf => Of(leaf.Certificate),
        LeafKey leaf => Of(leaf.Certificate),
        LeafKubeconfig leaf => Of(leaf.Certificate),
        ServiceAccountKey or ServiceAccountPublicKeys => ["kube-apiserver", "kube-controller-manager"],
        _ => [],
    };

    /// <summary>The programs that use a certificate.</summary>
    public static IReadOnlyList<string> Of(PlannedCertificate certificate) =>
        Leaves.FirstOrDefault(row => row.Certificate == certificate.Name).Programs ?? [];

    /// <summary>The programs of a node that use some of its files; those that it does not run are left out.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<PlannedFile> files) =>
        [.. files.SelectMany(file => Of(file.Content).Where(program => file.Node.IsControlPlane || program.StartsWith("kubelet", StringComparison.Ordinal) || program == "kube-proxy"))
            .Distinct().Order(StringComparer.Ordinal)];
}
