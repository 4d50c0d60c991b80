// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;

namespace Sealock.Cluster.Settings;

/// <summary>The flags of an etcd member. Clients and peers come with certificates or not at all.</summary>
internal static class EtcdFlags
{
    public const int ClientPort = 2379;
    private const int PeerPort = 2380;

    public static IEnumerable<CommandFlag> Of(NodeView view)
    {
        var client = Url(view.Node, ClientPort);
        var local = ClusterConfiguration.UrlOf(view.LocalAddress.ToString(), ClientPort);
        var peer = Url(view.Node, PeerPort);
        return
        [
            new("name", view.Node.Name),
            new("data-dir", view.Paths.EtcdData),
            new("advertise-client-urls", client),
            new("listen-client-urls", local == client ? client : $"{local},{client}"),
            new("initial-advertise-peer-urls", peer),
            new("listen-peer-urls", peer),
            new("initial-cluster", string.Join(',', view.Configuration.ControlPlane.Select(node => $"{node.Name}={Url(node, PeerPort)}"))),
            new("initial-cluster-state", "new"),
            new("initial-cluster-token", view.Configuration.Name),
            new("cert-file", view.Paths.PkiFile("etcd/server.crt")),
            new("key-file", view.Paths.PkiFile("etcd/server.key")),
            new("trusted-ca-file", view.Paths.PkiFile("etcd/ca.crt")),
            new("client-cert-auth", "true"),
            new("peer-cert-file", view.Paths.PkiFile("etcd/peer.crt")),
            new("peer-key-file", view.Paths.PkiFile("etcd/peer.key")),
            new("peer-trusted-ca-file", view.Paths.PkiFile("etcd/ca.crt")),
            new("peer-client-cert-auth", "true"),
            // The oldest version of TLS is 1.2 in every etcd; a flag for it came with 3.4.25 only.
            new("cipher-suites", string.Join(',', TlsSettings.CipherSuites)),
        ];
    }

    private static string Url(ClusterNode node, int port) => ClusterConfiguration.UrlOf(node.Address.ToString(), port);
}
