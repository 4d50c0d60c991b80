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
            yield return new("node-ip", view.Node.Address.ToString());
    }

    public static IEnumerable<CommandFlag> OfProxy(NodeView view) => [new("config", view.Paths.ProxyConfiguration)];
}
