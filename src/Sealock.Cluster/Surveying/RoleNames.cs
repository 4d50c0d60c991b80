// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using Sealock.Cluster.Planning;
using Sealock.Pki.Certificates;

namespace Sealock.Cluster.Surveying;

/// <summary>
/// What files are for by their names: kubeadm's, those of a flat folder, and those that how-tos use (<c>kubernetes.pem</c>
/// with <c>kubernetes-key.pem</c>, <c>server.crt</c>, <c>admin.crt</c>…). Nothing is concluded from a name that is not known.
/// </summary>
internal static class RoleNames
{
    private static readonly string[] ServerAuth = [KeyPurposes.ServerAuth];
    private static readonly string[] ClientAuth = [KeyPurposes.ClientAuth];
    private static readonly string[] Both = [KeyPurposes.ServerAuth, KeyPurposes.ClientAuth];
    private static readonly IReadOnlyList<IReadOnlyList<string>> Administrators = [[CertificateTable.Administrators, "system:masters"]];

    private static readonly FrozenDictionary<string, PlannedAuthority> Authorities = new Dictionary<string, PlannedAuthority>
    {
        ["ca"] = PlannedAuthority.Cluster,
        ["kubernetes-ca"] = PlannedAuthority.Cluster,
        ["front-proxy-ca"] = PlannedAuthority.FrontProxy,
        ["etcd/ca"] = PlannedAuthority.Etcd,
        ["etcd-ca"] = PlannedAuthority.Etcd,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, ExpectedLeaf> Leaves = Table().ToFrozenDictionary(row => row.Stem, row => row.Leaf);

    private static readonly FrozenSet<string> Kubeconfigs = new[]
    {
        "admin.conf", "super-admin.conf", "kubelet.conf", "controller-manager.conf", "scheduler.conf", "kube-proxy.conf", "bootstrap-kubelet.conf",
    }.ToFrozenSet();

    /// <summary>True for the extensions that certificates have.</summary>
    public static bool IsCertificateName(string path) => Path.GetExtension(path) is ".crt" or ".pem" or ".cert" or ".cer";

    /// <summary>What a file is for.</summary>
    public static FileRole Guess(string pathOnNode)
    {
        var name = Path.GetFileName(pathOnNode);
        var folder = Path.GetFileName(Path.GetDirectoryName(pathOnNode) ?? "");
        if (Kubeconfigs.Contains(name) || name is "kubeconfig" || name.EndsWith(".kubeconfig", StringComparison.Ordinal))
            return new(RoleKind.Kubeconfig, PlannedAuthority.Cluster, Leaves.GetValueOrDefault(KubeconfigStem(name)));
        if (name is "sa.pub" or "service-account.pub")
            return new(RoleKind.ServiceAccountPublicKeys);
        if (name is "sa.key" or "service-account.key" or "service-account-key.pem")
            return new(RoleKind.ServiceAccountKey);
        var (stem, isKey) = Stem(name);
        if (!isKey && !IsCertificateName(name))
            return FileRole.None;
        if (folder == "etcd")
            stem = "etcd/" + stem;
        if (stem == "ca-signing" && !isKey)
            return new(RoleKind.SigningCertificate, PlannedAuthority.Cluster);
        if (Authorities.TryGetValue(stem, out var authority))
            return new(isKey ? RoleKind.AuthorityKey : RoleKind.AuthorityBundle, authority);
        var leaf = stem.StartsWith("kubelet-client", StringComparison.Ordinal) ? Leaves["kubelet.conf"]
            : stem.StartsWith("kubelet-server", StringComparison.Ordinal) ? Leaves["kubelet"]
            : Leaves.GetValueOrDefault(stem);
        return leaf is null ? new(isKey ? RoleKind.LeafKey : RoleKind.Unknown) : new(isKey ? RoleKind.LeafKey : RoleKind.Leaf, leaf.Authority, leaf);
    }

    /// <summary>A file's name without its extension and a key's ending: <c>ca-key.pem</c> is the key of <c>ca.pem</c>.</summary>
    public static (string Stem, bool IsKey) Stem(string name)
    {
        var stem = Path.GetFileNameWithoutExtension(name);
        if (name.EndsWith(".key", StringComparison.Ordinal))
            return (stem, true);
        return IsCertificateName(name) && stem.EndsWith("-key", StringComparison.Ordinal) ? (stem[..^4], true) : (stem, false);
    }

    private static string KubeconfigStem(string name) => name.EndsWith(".kubeconfig", StringComparison.Ordinal)
        ? Path.GetFileNameWithoutExtension(name).Replace("kube-controller-manager", "controller-manager", StringComparison.Ordinal)
            .Replace("kube-scheduler", "scheduler", StringComparison.Ordinal) + ".conf"
        : name;

    private static IEnumerable<(string Stem, ExpectedLeaf Leaf)> Table()
    {
        var cluster = PlannedAuthority.Cluster;
        var apiServer = new ExpectedLeaf
        {
            Name = "apiserver",
            Authority = cluster,
            Purposes = ServerAuth,
            Names = SubjectAlternativeNames.ForHosts("kubernetes", "kubernetes.default", "kubernetes.default.svc"),
        };
        foreach (var stem in new[] { "apiserver", "server", "kube-apiserver", "kubernetes" })
            yield return (stem, apiServer);
        yield return Client("apiserver-kubelet-client", cluster, Administrators);
        yield return Client("front-proxy-client", PlannedAuthority.FrontProxy);
        yield return Client("apiserver-etcd-client", PlannedAuthority.Etcd);
        var local = SubjectAlternativeNames.ForHosts("localhost", "127.0.0.1");
        foreach (var (stem, name) in new[] { ("server", "etcd-server"), ("peer", "etcd-peer") })
        {
            var leaf = new ExpectedLeaf { Name = name, Authority = PlannedAuthority.Etcd, Purposes = Both, Names = stem == "server" ? local : [] };
            yield return ($"etcd/{stem}", leaf);
            yield return ($"etcd-{stem}", leaf);
        }

        var health = Client("etcd-healthcheck-client", PlannedAuthority.Etcd);
        yield return health;
        yield return ("etcd/healthcheck-client", health.Leaf);
        foreach (var stem in new[] { "admin.conf", "admin", "kube-admin", "kubernetes-admin" })
            yield return (stem, Client("admin.conf", cluster, Administrators).Leaf);
        yield return Client("super-admin.conf", cluster, [["system:masters"]]);
        foreach (var component in new[] { "controller-manager", "scheduler", "proxy" })
        {
            var leaf = Client($"{(component == "proxy" ? "kube-proxy" : component)}.conf", cluster).Leaf with { CommonName = $"system:kube-{component}" };
            yield return ($"kube-{component}", leaf);
            yield return (component, leaf);
            yield return ($"{component}.conf", leaf);
            if (component == "proxy")
                yield return ("kube-proxy.conf", leaf);
        }

        yield return ("kubelet.conf", Client("kubelet.conf", cluster, [["system:nodes"]]).Leaf with { CommonNamePrefix = "system:node:" });
        // A kubelet that was given no certificate makes one that nobody signed: its issuer is left open.
        yield return ("kubelet", new() { Name = "kubelet-serving", Purposes = ServerAuth });
    }

    private static (string Stem, ExpectedLeaf Leaf) Client(
        string name, PlannedAuthority authority, IReadOnlyList<IReadOnlyList<string>>? organizations = null) =>
        (name, new() { Name = name, Authority = authority, Purposes = ClientAuth, Organizations = organizations ?? [] });
}
