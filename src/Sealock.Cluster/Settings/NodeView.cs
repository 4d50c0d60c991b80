// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;

namespace Sealock.Cluster.Settings;

/// <summary>A node of a cluster as its components' settings see it.</summary>
/// <param name="Configuration">The cluster.</param>
/// <param name="Node">The node.</param>
/// <param name="Root">Where the node's root folder is seen from; empty on the node itself.</param>
internal sealed record NodeView(ClusterConfiguration Configuration, ClusterNode Node, string Root)
{
    public NodePaths Paths { get; } = new(Configuration.Layout, Root);

    public KubernetesVersion Version => Configuration.KubernetesVersion;

    public bool OwnEtcd => Configuration.ExternalEtcd.Count == 0;

    private bool IsIPv6 => Node.Address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>
    /// Where a component listens that only this node speaks to. A node whose own address is a loopback address uses that
    /// one, so that several nodes find room on one machine.
    /// </summary>
    public IPAddress LocalAddress =>
        IPAddress.IsLoopback(Node.Address) ? Node.Address : IsIPv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;

    /// <summary>Where a component listens that others speak to: everywhere, since endpoints may move between nodes.</summary>
    public IPAddress OpenAddress =>
        IPAddress.IsLoopback(Node.Address) ? Node.Address : IsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    /// <summary>
    /// Whether health checks without credentials may be limited to their three paths by a file
    /// (AnonymousAuthConfigurableEndpoints, on by default since 1.32).
    /// </summary>
    public bool LimitsAnonymousPaths => Version.IsAtLeast(32);

    /// <summary>
    /// Whether the API server answers health checks without credentials. The kubelet's probes of a static pod carry none;
    /// where systemd starts the API server, nobody needs them.
    /// </summary>
    public bool AnonymousHealth => LimitsAnonymousPaths || Configuration.Layout == ClusterLayout.Kubeadm;
}
