// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;

namespace Sealock.Cluster.Settings;

/// <summary>
/// The bindings that a new cluster lacks for its certificates to be worth something. kube-proxy, the scheduler, the
/// controller-manager and the nodes need none: the API server makes theirs itself.
/// </summary>
internal static class BootstrapManifest
{
    /// <summary>The manifest, to be applied once as super-administrator.</summary>
    public static string Text { get; } = string.Join("---\n", Bindings().Select(YamlWriter.WriteInOrder));

    private static IEnumerable<JsonObject> Bindings() =>
    [
        Binding("kubeadm:cluster-admins", "cluster-admin", "Group", "kubeadm:cluster-admins"),
        Binding("sealock:apiserver-kubelet-client", "system:kubelet-api-admin", "User", "kube-apiserver-kubelet-client"),
        Binding(
            "kubeadm:node-autoapprove-certificate-rotation",
            "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient", "Group", "system:nodes"),
    ];

    private static JsonObject Binding(string name, string role, string kind, string subject) => new()
    {
        ["apiVersion"] = "rbac.authorization.k8s.io/v1",
        ["kind"] = "ClusterRoleBinding",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = role },
        ["subjects"] = new JsonArray(new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = kind, ["name"] = subject }),
    };
}
