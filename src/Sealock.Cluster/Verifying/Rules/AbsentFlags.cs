// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Surveying;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Flags that are dangerous to leave out. Judged only where all flags of a component are known.</summary>
internal static class AbsentFlags
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Rule<FoundComponent>> All { get; } =
    [
        Of("client-ca-missing", Severity.Error, "Client certificates are then accepted from nobody, and what remains are tokens and anonymous requests.",
            "kube-apiserver kubelet", "client-ca-file", "name the cluster's CA: --client-ca-file=/etc/kubernetes/pki/ca.crt"),
        Of("serving-certificate-missing", Severity.Warning, "The server makes a certificate for itself that nobody can verify.",
            "kube-apiserver", "tls-cert-file", "name --tls-cert-file and --tls-private-key-file"),
        Of("always-allow", Severity.Error, "The default is AlwaysAllow: whoever is known may do everything.",
            "kube-apiserver", "authorization-mode", "write --authorization-mode=Node,RBAC", "authorization-config"),
        Of("etcd-ca-missing", Severity.Error, "etcd's certificate is then checked against the machine's own roots, and refused, or not at all.",
            "kube-apiserver", "etcd-cafile", "name etcd's CA: --etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt", component => HasHttps(component.Value("etcd-servers"))),
        Of("etcd-client-missing", Severity.Error, "An etcd that asks for client certificates refuses the API server; one that does not serves everyone.",
            "kube-apiserver", "etcd-certfile", "name --etcd-certfile and --etcd-keyfile", component => HasHttps(component.Value("etcd-servers"))),
        Of("kubelet-ca-missing", Severity.Info, "The API server then does not verify kubelets: anyone who takes a node's address gets its logs and commands.",
            "kube-apiserver", "kubelet-certificate-authority", "name the CA of kubelets' serving certificates: --kubelet-certificate-authority=/etc/kubernetes/pki/ca.crt"),
        Of("kubelet-client-missing", Severity.Warning, "Kubelets that ask who calls refuse the API server: no logs, no exec.",
            "kube-apiserver", "kubelet-client-certificate", "name --kubelet-client-certificate and --kubelet-client-key"),
        Of("etcd-client-auth", Severity.Error, "Whoever reaches etcd's port then reads and writes everything.",
            "etcd", "client-cert-auth", "write --client-cert-auth=true with --trusted-ca-file", component => !component.List("listen-client-urls").Any(IsHttp)),
        Of("etcd-peer-auth", Severity.Error, "Anyone can pass for a member and take the data over.",
            "etcd", "peer-client-cert-auth", "write --peer-client-cert-auth=true with --peer-trusted-ca-file", component => !component.List("listen-peer-urls").Any(IsHttp)),
        Of("anonymous-auth", Severity.Error, "By flags alone the default is true: anyone who reaches the kubelet's port runs commands in any container of the node.",
            "kubelet", "anonymous-auth", "write --anonymous-auth=false, or use a KubeletConfiguration"),
        Of("always-allow", Severity.Error, "By flags alone the default is AlwaysAllow: whoever is known may do everything.",
            "kubelet", "authorization-mode", "write --authorization-mode=Webhook, or use a KubeletConfiguration"),
        Of("read-only-port", Severity.Warning, "By flags alone the default is 10255: anyone who reaches it reads all pods of the node over plain HTTP.",
            "kubelet", "read-only-port", "write --read-only-port=0, or use a KubeletConfiguration"),
        Of("root-ca-missing", Severity.Warning, "Pods get no CA to verify the API server with.",
            "kube-controller-manager", "root-ca-file", "name the cluster's CA: --root-ca-file=/etc/kubernetes/pki/ca.crt"),
    ];

    private static Rule<FoundComponent> Of(string name, Severity severity, string why, string components, string flag, string fix, string other) =>
        Of(name, severity, why, components, flag, fix, component => component[other] is null);

    private static Rule<FoundComponent> Of(
        string name, Severity severity, string why, string components, string flag, string fix, Func<FoundComponent, bool>? when = null) => new(name, severity, why,
        (_, component) => components.Split(' ').Contains(component.Name) && component.IsWhole && component[flag] is null && when?.Invoke(component) != false
            ? [new($"--{flag} is not given", $"in {component.Files[0].PathOnNode}: {fix}")]
            : []);

    private static bool HasHttps(string? urls) => urls?.Contains("https://", StringComparison.OrdinalIgnoreCase) == true;

    private static bool IsHttp(string url) => url.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
}
