// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Cluster;

/// <summary>The way of a certificate through the real controller-manager, with what was made for it.</summary>
internal static class Certification
{
    /// <summary>A user's request is signed once approved, a kubelet's own renewal at once; both certificates are believed.</summary>
    public static async Task ShowAsync(ControlPlane plane)
    {
        (await plane.SealockAsync(
            "csr", "create", "joe", "--group", "writers", "--approve", "--wait", "30s", "--kubeconfig", plane.Kubeconfig("master1", "admin.conf"), "--out", "joe.conf")).Succeeded();
        var joe = (await plane.KubectlWithAsync(Path.Combine(plane.Folder, "joe.conf"), null, "get", "secrets")).Failed();
        Assert.Contains("User \"joe\" cannot list", joe, StringComparison.Ordinal);

        (await plane.SealockAsync(
            "csr", "create", "renewal", "--cn", "system:node:worker1", "--group", "system:nodes",
            "--signer", "kubernetes.io/kube-apiserver-client-kubelet", "--usage", "key encipherment", "--usage", "digital signature", "--usage", "client auth",
            "--wait", "30s", "--kubeconfig", plane.Kubeconfig("worker1", "kubelet.conf"), "--out", "renewed.conf")).Succeeded();
        (await plane.KubectlWithAsync(Path.Combine(plane.Folder, "renewed.conf"), null, "get", "services")).Succeeded();
        var approved = (await plane.KubectlAsync(
            "master1", "admin.conf", "get", "csr", "renewal", "-o", "jsonpath={.status.conditions[0].reason}")).Succeeded();
        Assert.Equal("AutoApproved", approved);
    }

    /// <summary>Where no node has the authority's key, an approved request stays without a certificate.</summary>
    public static async Task ShowAbsentAsync(ControlPlane plane)
    {
        Assert.False(File.Exists(plane.PkiFile("master1", "ca.key")));
        Assert.Contains("there is no certificate after 3 s", (await plane.SealockAsync(
            "csr", "create", "joe", "--approve", "--wait", "3s", "--kubeconfig", plane.Kubeconfig("master1", "admin.conf"), "--out", "joe.conf")).Failed(), StringComparison.Ordinal);
    }
}
