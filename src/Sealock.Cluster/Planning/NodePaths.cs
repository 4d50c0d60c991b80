// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;

namespace Sealock.Cluster.Planning;

/// <summary>Where things stand on a node, by layout. Paths are absolute, with slashes.</summary>
public sealed class NodePaths
{
    private const string FlatFolder = "/srv/kubernetes";

    private readonly bool _flat;
    private readonly string _root;

    /// <summary>The paths of a layout.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="root">What stands before every path: where the node's root folder is seen from; empty on the node itself.</param>
    public NodePaths(ClusterLayout layout, string root = "")
    {
        _flat = layout == ClusterLayout.Flat;
        _root = root.TrimEnd('/');
    }

    /// <summary>The folder of certificates and keys.</summary>
    public string Pki => Place("", "/etc/kubernetes/pki");

    /// <summary>The kubelet's configuration.</summary>
    public string KubeletConfiguration => Place("/kubelet-config.yaml", "/var/lib/kubelet/config.yaml");

    /// <summary>kube-proxy's configuration.</summary>
    public string ProxyConfiguration => Place("/kube-proxy-config.yaml", "/var/lib/kube-proxy/config.conf");

    /// <summary>The objects that a new cluster needs first.</summary>
    public string BootstrapManifest => Place("/bootstrap-rbac.yaml", "/etc/kubernetes/bootstrap-rbac.yaml");

    /// <summary>The folder of static pods.</summary>
    public string Manifests => Place("/manifests", "/etc/kubernetes/manifests");

    /// <summary>etcd's data, in every layout.</summary>
    public string EtcdData => _root + "/var/lib/etcd";

    /// <summary>A file of the folder of certificates by kubeadm's relative path, such as <c>etcd/server.crt</c>.</summary>
    public string PkiFile(string relative) => Place(
        $"/{relative switch { "apiserver.crt" => "server.crt", "apiserver.key" => "server.key", _ => relative.Replace('/', '-') }}",
        $"/etc/kubernetes/pki/{relative}");

    /// <summary>A kubeconfig, by kubeadm's name such as <c>admin.conf</c>.</summary>
    public string Kubeconfig(string name) => Place($"/{name}", $"/etc/kubernetes/{name}");

    /// <summary>A kubelet's serving certificate or key.</summary>
    public string KubeletServing(string extension) => Place($"/kubelet.{extension}", $"/var/lib/kubelet/pki/kubelet.{extension}");

    /// <summary>A node's own client certificate or key beside its kubeconfig; only the flat layout has these files.</summary>
    public string? NodeClient(ClusterNode node, string extension) => _flat ? Place($"/{node.Name}.{extension}", "") : null;

    /// <summary>A file with a component's flags in a variable, as units of systemd read it.</summary>
    public string EnvironmentFile(string component) => Place(
        $"/{component}.env", component == "kubelet" ? "/var/lib/kubelet/kubeadm-flags.env" : $"/etc/kubernetes/{component}.env");

    private string Place(string flat, string kubeadm) => _root + (_flat ? FlatFolder + flat : kubeadm);
}
