// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.Cluster.Settings;

/// <summary>A path of the node that a static pod sees at the same place.</summary>
/// <param name="Name">The volume's name.</param>
/// <param name="Path">The path.</param>
/// <param name="Type">What has to be there, as <c>hostPath.type</c> says it.</param>
/// <param name="ReadOnly">Whether the pod may not write.</param>
internal sealed record StaticPodVolume(string Name, string Path, string Type, bool ReadOnly = true)
{
    public JsonObject ToVolume() => new() { ["name"] = Name, ["hostPath"] = new JsonObject { ["path"] = Path, ["type"] = Type } };

    public JsonObject ToMount()
    {
        var mount = new JsonObject { ["name"] = Name, ["mountPath"] = Path };
        if (ReadOnly)
            mount["readOnly"] = true;
        return mount;
    }
}

/// <summary>Which volumes a static pod needs: those that its flags lead to.</summary>
internal static class StaticPodVolumes
{
    // Folders rather than files: a file that is replaced atomically would stay the old one in the pod. A kubeconfig is
    // the exception, as with kubeadm, since a folder higher the administrator's lies beside it.
    public static List<StaticPodVolume> Of(NodeView view, Component component, IReadOnlyList<CommandFlag> flags)
    {
        var volumes = new List<StaticPodVolume>();
        var paths = flags.Where(flag => flag.Value.StartsWith('/')).Select(flag => flag.Value).Distinct().ToList();
        var certificates = component == Component.Etcd ? Folder(view.Paths.PkiFile("etcd/ca.crt")) : view.Paths.Pki;
        volumes.Add(new(component == Component.Etcd ? "etcd-certs" : "k8s-certs", certificates, "DirectoryOrCreate"));
        if (component == Component.Etcd)
            volumes.Add(new("etcd-data", view.Paths.EtcdData, "DirectoryOrCreate", ReadOnly: false));
        // Public roots, for whatever stands outside: OIDC issuers, webhooks.
        if (component == Component.KubeApiServer || component == Component.KubeControllerManager)
            volumes.Add(new("ca-certs", "/etc/ssl/certs", "DirectoryOrCreate"));
        volumes.AddRange(paths.Where(path => path.EndsWith(".conf", StringComparison.Ordinal) && Folder(path) != view.Paths.Pki)
            .Select(path => new StaticPodVolume("kubeconfig", path, "FileOrCreate")));
        return volumes;
    }

    private static string Folder(string path) => path[..path.LastIndexOf('/')];
}
