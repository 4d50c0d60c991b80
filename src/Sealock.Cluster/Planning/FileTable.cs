// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Settings;
using Sealock.Pki.Files;

namespace Sealock.Cluster.Planning;

/// <summary>Which files carry a node's authorities, certificates and keys.</summary>
internal sealed class FileTable(ClusterConfiguration configuration)
{
    private readonly NodePaths _paths = new(configuration.Layout);

    /// <summary>The files of a node. Certificates are readable for everyone, all else for the owner alone.</summary>
    public IEnumerable<PlannedFile> Of(ClusterNode node, IReadOnlyList<PlannedCertificate> certificates)
    {
        var owner = node.IsControlPlane ? configuration.ControlPlaneOwner : "root:root";
        return Contents(node, certificates).Select(file => new PlannedFile(node, file.Path, file.Content, ModeOf(file.Content), owner));
    }

    private static UnixFileMode ModeOf(FileContent content) => content is
        AuthorityBundle or AuthorityCertificate or LeafCertificate or ServiceAccountPublicKeys ? AtomicFile.Public : AtomicFile.Secret;

    private IEnumerable<(string Path, FileContent Content)> Contents(ClusterNode node, IReadOnlyList<PlannedCertificate> certificates)
    {
        yield return (_paths.PkiFile("ca.crt"), new AuthorityBundle(PlannedAuthority.Cluster));
        if (node.IsControlPlane)
        {
            yield return (_paths.PkiFile("front-proxy-ca.crt"), new AuthorityBundle(PlannedAuthority.FrontProxy));
            if (configuration.ExternalEtcd.Count == 0)
                yield return (_paths.PkiFile("etcd/ca.crt"), new AuthorityBundle(PlannedAuthority.Etcd));
            if (!configuration.AuthorityKeysApart)
            {
                yield return (_paths.PkiFile("ca-signing.crt"), new AuthorityCertificate(PlannedAuthority.Cluster));
                yield return (_paths.PkiFile("ca.key"), new AuthorityKey(PlannedAuthority.Cluster));
                yield return (_paths.PkiFile("front-proxy-ca.key"), new AuthorityKey(PlannedAuthority.FrontProxy));
                if (configuration.ExternalEtcd.Count == 0)
                    yield return (_paths.PkiFile("etcd/ca.key"), new AuthorityKey(PlannedAuthority.Etcd));
            }

            yield return (_paths.PkiFile("sa.key"), new ServiceAccountKey());
            yield return (_paths.PkiFile("sa.pub"), new ServiceAccountPublicKeys());
        }

        foreach (var certificate in certificates)
        {
            foreach (var file in Contents(node, certificate))
                yield return file;
        }

        foreach (var file in SettingFiles.Of(configuration, node))
            yield return file;
    }

    private IEnumerable<(string Path, FileContent Content)> Contents(ClusterNode node, PlannedCertificate certificate)
    {
        if (certificate.Name.EndsWith(".conf", StringComparison.Ordinal))
        {
            yield return (_paths.Kubeconfig(certificate.Name), new LeafKubeconfig(certificate, ServerOf(node, certificate.Name)));
            if (certificate.Name != "kubelet.conf" || _paths.NodeClient(node, "crt") is not { } path)
                yield break;
            yield return (path, new LeafCertificate(certificate));
            yield return (_paths.NodeClient(node, "key")!, new LeafKey(certificate));
            yield break;
        }

        Func<string, string> place = certificate.Name switch
        {
            "kubelet-serving" => _paths.KubeletServing,
            "etcd-server" => extension => _paths.PkiFile($"etcd/server.{extension}"),
            "etcd-peer" => extension => _paths.PkiFile($"etcd/peer.{extension}"),
            "etcd-healthcheck-client" => extension => _paths.PkiFile($"etcd/healthcheck-client.{extension}"),
            var name => extension => _paths.PkiFile($"{name}.{extension}"),
        };
        yield return (place("crt"), new LeafCertificate(certificate));
        yield return (place("key"), new LeafKey(certificate));
    }

    /// <summary>The controller-manager and the scheduler speak to the API server of their own node, as with kubeadm.</summary>
    private string ServerOf(ClusterNode node, string kubeconfig) => kubeconfig is "controller-manager.conf" or "scheduler.conf"
        ? ClusterConfiguration.UrlOf(node.Address.ToString(), configuration.EndpointPort)
        : configuration.EndpointUrl;
}
