// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Cluster.Configuration;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;

namespace Sealock.Cluster.Planning;

/// <summary>
/// Which certificates a node has: kubeadm's set with its names, subjects, usages and SANs (newest version), and beside it
/// kubelet serving certificates and kube-proxy's client certificate, which kubeadm leaves to the cluster.
/// </summary>
internal sealed class CertificateTable(ClusterConfiguration configuration)
{
    /// <summary>The group that kubeadm's administrators are in; a ClusterRoleBinding gives it its rights.</summary>
    public const string Administrators = "kubeadm:cluster-admins";

    private const int KubeletPort = 10250;
    private const int EtcdClientPort = 2379;
    private const int EtcdPeerPort = 2380;

    /// <summary>The certificates of a node, in the order of kubeadm's documentation.</summary>
    public IEnumerable<PlannedCertificate> Of(ClusterNode node)
    {
        if (node.IsControlPlane)
        {
            yield return Server(node, "apiserver", "kube-apiserver", ApiServerNames(node), configuration.EndpointPort);
            yield return Client(node, "apiserver-kubelet-client", PlannedAuthority.Cluster, "kube-apiserver-kubelet-client", Administrators);
            yield return Client(node, "front-proxy-client", PlannedAuthority.FrontProxy, "front-proxy-client");
            if (configuration.ExternalEtcd.Count == 0)
            {
                yield return EtcdMember(node, "etcd-server", EtcdClientPort);
                yield return EtcdMember(node, "etcd-peer", EtcdPeerPort);
                yield return Client(node, "etcd-healthcheck-client", PlannedAuthority.Etcd, "kube-etcd-healthcheck-client");
                yield return Client(node, "apiserver-etcd-client", PlannedAuthority.Etcd, "kube-apiserver-etcd-client");
            }

            yield return Client(node, "admin.conf", PlannedAuthority.Cluster, "kubernetes-admin", Administrators);
            if (node == configuration.ControlPlane.First())
                yield return Client(node, "super-admin.conf", PlannedAuthority.Cluster, "kubernetes-super-admin", "system:masters");
            yield return Client(node, "controller-manager.conf", PlannedAuthority.Cluster, "system:kube-controller-manager");
            yield return Client(node, "scheduler.conf", PlannedAuthority.Cluster, "system:kube-scheduler");
        }

        yield return Client(node, "kubelet.conf", PlannedAuthority.Cluster, $"system:node:{node.Name}", "system:nodes");
        if (!configuration.ServerTlsBootstrap)
        {
            yield return Server(node, "kubelet-serving", $"system:node:{node.Name}", OwnNames(node), KubeletPort) with
            {
                Subject = DistinguishedName.Create($"system:node:{node.Name}", "system:nodes"),
            };
        }

        yield return Client(node, "kube-proxy.conf", PlannedAuthority.Cluster, "system:kube-proxy");
    }

    private IEnumerable<string> ApiServerNames(ClusterNode node) =>
    [
        .. OwnNames(node), "kubernetes", "kubernetes.default", "kubernetes.default.svc", $"kubernetes.default.svc.{configuration.DnsDomain}",
        configuration.ApiServiceAddress.ToString(), configuration.EndpointHost, .. configuration.ExtraServerNames,
    ];

    private static IEnumerable<string> OwnNames(ClusterNode node) =>
        [node.Name, .. node.DnsNames, .. node.Addresses.Select(address => address.ToString())];

    private static PlannedCertificate Client(
        ClusterNode node, string name, PlannedAuthority authority, string commonName, params string[] organizations) => new()
        {
            Name = name,
            Node = node,
            Authority = authority,
            Subject = DistinguishedName.Create(commonName, organizations),
            Profile = CertificateProfile.Client,
        };

    private static PlannedCertificate Server(ClusterNode node, string name, string commonName, IEnumerable<string> names, int port) => new()
    {
        Name = name,
        Node = node,
        Authority = PlannedAuthority.Cluster,
        Subject = DistinguishedName.Create(commonName),
        Profile = CertificateProfile.Server,
        Names = Sorted(names),
        ServedPort = port,
    };

    private static PlannedCertificate EtcdMember(ClusterNode node, string name, int port) => new()
    {
        Name = name,
        Node = node,
        Authority = PlannedAuthority.Etcd,
        Subject = DistinguishedName.Create(node.Name),
        Profile = CertificateProfile.Peer,
        Names = Sorted([.. OwnNames(node), "localhost", "127.0.0.1", "::1"]),
        ServedPort = port,
    };

    /// <summary>DNS names first, each kind sorted and without repetitions, as kubeadm writes them.</summary>
    private static SubjectAlternativeNames Sorted(IEnumerable<string> names) => SubjectAlternativeNames.ForHosts(
        names.Distinct().OrderBy(name => IPAddress.TryParse(name, out _)).ThenBy(name => name, StringComparer.Ordinal));
}
