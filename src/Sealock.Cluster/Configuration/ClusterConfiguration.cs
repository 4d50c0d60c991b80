// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Pki.Keys;

namespace Sealock.Cluster.Configuration;

/// <summary>Where the files of a node stand on it.</summary>
public enum ClusterLayout
{
    /// <summary>As kubeadm has them: <c>/etc/kubernetes/pki/…</c>, kubeconfigs beside it.</summary>
    Kubeadm,

    /// <summary>All in one folder, <c>/srv/kubernetes</c>.</summary>
    Flat,
}

/// <summary>
/// What a user says about a cluster (<c>cluster.yaml</c>); everything that its certificates need follows from it.
/// Made by <see cref="ConfigurationReader"/> or <see cref="ConfigurationCheck"/>d where made by hand.
/// </summary>
public sealed record ClusterConfiguration
{
    /// <summary>The cluster's name in kubeconfigs.</summary>
    public string Name { get; init; } = "kubernetes";

    /// <summary>Host name or address by which everyone reaches the API servers; <see cref="EndpointPort"/> beside it.</summary>
    public required string EndpointHost { get; init; }

    /// <summary>The port of the endpoint and of every API server.</summary>
    public int EndpointPort { get; init; } = 6443;

    /// <summary>The ranges of service addresses: one, or one of each family.</summary>
    public IReadOnlyList<IPNetwork> ServiceCidrs { get; init; } = [IPNetwork.Parse("10.96.0.0/12")];

    /// <summary>The ranges of pod addresses; empty where the network plugin decides.</summary>
    public IReadOnlyList<IPNetwork> PodCidrs { get; init; } = [];

    /// <summary>The DNS domain of services.</summary>
    public string DnsDomain { get; init; } = "cluster.local";

    /// <summary>The machines, control plane first; at least one of the control plane.</summary>
    public required IReadOnlyList<ClusterNode> Nodes { get; init; }

    /// <summary>Where files stand on a node.</summary>
    public ClusterLayout Layout { get; init; }

    /// <summary>The kind of every key.</summary>
    public KeyAlgorithm KeyAlgorithm { get; init; } = KeyAlgorithm.EcdsaP256;

    /// <summary>Lifetime of CAs.</summary>
    public TimeSpan AuthorityLifetime { get; init; } = TimeSpan.FromDays(3650);

    /// <summary>Lifetime of all other certificates.</summary>
    public TimeSpan CertificateLifetime { get; init; } = TimeSpan.FromDays(365);

    /// <summary>Whether an intermediate CA signs under a root whose key is not needed from day to day.</summary>
    public bool IntermediateAuthority { get; init; }

    /// <summary>
    /// Whether CA keys stay off the nodes. The controller-manager then signs no requests, as with kubeadm's external CA.
    /// </summary>
    public bool AuthorityKeysApart { get; init; }

    /// <summary>Names and addresses of the API servers beside those that follow from the rest.</summary>
    public IReadOnlyList<string> ExtraServerNames { get; init; } = [];

    /// <summary>URLs of an etcd that is not run by this cluster's control plane; empty: every control-plane node runs a member.</summary>
    public IReadOnlyList<string> ExternalEtcd { get; init; } = [];

    /// <summary>The owner of files on control-plane nodes, as <c>user:group</c>; those of workers belong to root.</summary>
    public string ControlPlaneOwner { get; init; } = "root:root";

    /// <summary>The version of Kubernetes: settings hold the flags that it knows.</summary>
    public KubernetesVersion KubernetesVersion { get; init; } = KubernetesVersion.Default;

    /// <summary>Where the images of static pods come from.</summary>
    public string ImageRepository { get; init; } = "registry.k8s.io";

    /// <summary>etcd's image with its tag; null: the one that goes with <see cref="KubernetesVersion"/>.</summary>
    public string? EtcdImage { get; init; }

    /// <summary>Who gets a random token in the API servers' token file; empty: there is no such file.</summary>
    public IReadOnlyList<TokenUser> TokenUsers { get; init; } = [];

    /// <summary>
    /// Whether kubelets ask the cluster for their serving certificates (somebody has to approve the requests) instead of
    /// getting files.
    /// </summary>
    public bool ServerTlsBootstrap { get; init; }

    /// <summary>The nodes that run API servers.</summary>
    public IEnumerable<ClusterNode> ControlPlane => Nodes.Where(node => node.IsControlPlane);

    /// <summary>The URL that clients use.</summary>
    public string EndpointUrl => UrlOf(EndpointHost, EndpointPort);

    /// <summary>The first address of the (first) service range: the service <c>kubernetes</c>.</summary>
    public IPAddress ApiServiceAddress => ServiceAddress(1);

    /// <summary>The tenth address of the (first) service range: the cluster's DNS, by kubeadm's custom.</summary>
    public IPAddress DnsServiceAddress => ServiceAddress(10);

    /// <summary>An https URL; an IPv6 address gets its brackets.</summary>
    public static string UrlOf(string host, int port) =>
        host.Contains(':', StringComparison.Ordinal) ? $"https://[{host}]:{port}" : $"https://{host}:{port}";

    private IPAddress ServiceAddress(int offset)
    {
        var bytes = ServiceCidrs[0].BaseAddress.GetAddressBytes();
        for (int i = bytes.Length - 1, carry = offset; carry > 0 && i >= 0; i--)
        {
            carry += bytes[i];
            bytes[i] = (byte)carry;
            carry >>= 8;
        }

        return new(bytes);
    }
}
