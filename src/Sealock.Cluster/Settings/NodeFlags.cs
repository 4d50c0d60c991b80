// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Sealock.Cluster.Settings;

/// <summary>The flags of kubelet and kube-proxy; all else stands in their configuration files.</summary>
internal static class NodeFlags
{
    public static IEnumerable<CommandFlag> OfKubelet(NodeView view) =>
    [
        new("config", view.Paths.KubeletConfiguration),
        new("kubeconfig", view.Paths.Kubeconfig("kubelet.conf")),
        .. IdentityOfKubelet(view),
    ];

    /// <summary>What kubeadm's unit for the kubelet does not say already.</summary>
    public static IEnumerable<CommandFlag> IdentityOfKubelet(NodeView view)
    {
        // The name in the client certificate decides which node a kubelet is, so it must not depend on the machine's.
        yield return new("hostname-override", view.Node.Name);
        if (!IPAddress.IsLoopback(view.Node.Address))
            yield return new("node-ip", string.Join(',', NodeAddresses(view)));
    }

    /// <summary>The address that the node advertises, and one of the other family where services have both.</summary>
    private static IEnumerable<IPAddress> NodeAddresses(NodeView view) =>
        view.Node.Addresses.DistinctBy(address => address.AddressFamily).Take(view.Configuration.ServiceCidrs.Count);

    public static IEnumerable<CommandFlag> OfProxy(NodeView view) => [new("config", view.Paths.ProxyConfiguration)];
}
