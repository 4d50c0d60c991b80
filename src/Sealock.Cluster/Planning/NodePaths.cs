// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;

namespace Sealock.Cluster.Planning;

/// <summary>Where things stand on a node, by layout. Paths are absolute, with slashes.</summary>
public sealed class NodePaths
{
    private const string FlatFolder = "/srv/kubernetes";

    private readonly bool _flat;

    /// <summary>The paths of a layout.</summary>
    public NodePaths(ClusterLayout layout) => _flat = layout == ClusterLayout.Flat;

    /// <summary>The folder of certificates and keys.</summary>
    public string Pki => _flat ? FlatFolder : "/etc/kubernetes/pki";

    /// <summary>A file of the folder of certificates by kubeadm's relative path, such as <c>etcd/server.crt</c>.</summary>
    public string PkiFile(string relative) => _flat
        ? $"{FlatFolder}/{relative switch { "apiserver.crt" => "server.crt", "apiserver.key" => "server.key", _ => relative.Replace('/', '-') }}"
        : $"/etc/kubernetes/pki/{relative}";

    /// <summary>A kubeconfig, by kubeadm's name such as <c>admin.conf</c>.</summary>
    public string Kubeconfig(string name) => _flat ? $"{FlatFolder}/{name}" : $"/etc/kubernetes/{name}";

    /// <summary>A kubelet's serving certificate or key.</summary>
    public string KubeletServing(string extension) => _flat ? $"{FlatFolder}/kubelet.{extension}" : $"/var/lib/kubelet/pki/kubelet.{extension}";

    /// <summary>A node's own client certificate or key beside its kubeconfig; only the flat layout has these files.</summary>
    public string? NodeClient(ClusterNode node, string extension) => _flat ? $"{FlatFolder}/{node.Name}.{extension}" : null;

    /// <summary>A file of settings, by the path that the kubeadm layout has.</summary>
    public string Settings(string kubeadmPath) => _flat ? $"{FlatFolder}/{kubeadmPath[(kubeadmPath.LastIndexOf('/') + 1)..]}" : kubeadmPath;
}
