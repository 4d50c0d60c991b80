// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Surveying;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Flags and fields that leave HTTPS or let anyone in.</summary>
internal static class InsecureFlags
{
    private const string PlainHttp = "Over plain HTTP everyone on the way reads and changes everything; the insecure port asks nobody who they are.";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Rule<FoundComponent>> All { get; } =
    [
        Of("insecure-port", Severity.Error, PlainHttp, "kube-apiserver", ["insecure-port"], value => value is not ("0" or ""), "remove it, or write 0"),
        Of("insecure-bind-address", Severity.Error, PlainHttp, "kube-apiserver", ["insecure-bind-address", "address"], _ => true, "remove it; clients use the secure port"),
        Of("plain-port", Severity.Warning, "The component answers over plain HTTP on that port, metrics and profiles among it.",
            "kube-controller-manager kube-scheduler", ["port"], value => value is not ("0" or ""), "write --port=0 (the secure port stays)"),
        Of("anonymous-auth", Severity.Error, "Anyone who reaches the kubelet's port runs commands in any container of the node.",
            "kubelet", ["anonymous-auth"], IsTrue, "write false"),
        Of("anonymous-auth", Severity.Info, "Requests without credentials are system:anonymous; what RBAC gives to that user is open to everyone.",
            "kube-apiserver", ["anonymous-auth"], IsTrue, "write false, unless health checks come without credentials"),
        Of("read-only-port", Severity.Error, "Anyone who reaches that port reads all pods of the node over plain HTTP.",
            "kubelet", ["read-only-port"], value => value is not ("0" or ""), "write 0"),
        Of("always-allow", Severity.Error, "Whoever is known may do everything.",
            "kube-apiserver kubelet", ["authorization-mode"], value => value.Split(',').Contains("AlwaysAllow"), "write Node,RBAC for the API server, Webhook for a kubelet"),
        Of("kubelet-https", Severity.Error, "The API server then speaks to kubelets over plain HTTP: logs, commands and credentials of pods.",
            "kube-apiserver", ["kubelet-https"], value => value == "false", "remove it; true is the default"),
        Of("basic-auth-file", Severity.Error, "Passwords in a file cannot be changed without a restart, and newer versions do not know the flag.",
            "kube-apiserver", ["basic-auth-file"], _ => true, "remove it; give users certificates or OIDC"),
        Of("token-auth-file", Severity.Warning, "Static tokens never expire, and a changed file takes effect only with a restart.",
            "kube-apiserver", ["token-auth-file"], _ => true, "give clients certificates, and remove the flag"),
        Of("etcd-http", Severity.Error, "etcd holds every secret of the cluster; over plain HTTP everyone on the way reads it.",
            "kube-apiserver", ["etcd-servers", "etcd-servers-overrides"], HasHttp, "write https:// URLs, with --etcd-cafile, --etcd-certfile and --etcd-keyfile"),
        Of("etcd-http", Severity.Error, "etcd holds every secret of the cluster; over plain HTTP everyone on the way reads it.",
            "etcd", ["listen-client-urls", "advertise-client-urls", "listen-peer-urls", "initial-advertise-peer-urls", "initial-cluster"], HasHttp,
            "write https:// URLs, with certificates and client-cert-auth"),
        Of("etcd-client-auth", Severity.Error, "Whoever reaches etcd's port then reads and writes everything.",
            "etcd", ["client-cert-auth", "peer-client-cert-auth"], value => value == "false", "write true"),
        Of("etcd-auto-tls", Severity.Error, "Members then trust certificates that each made for itself: anyone can pass for a member.",
            "etcd", ["auto-tls", "peer-auto-tls"], IsTrue, "remove it, and name the certificates"),
        Of("server-http", Severity.Error, PlainHttp, "kubelet kube-proxy kube-scheduler kube-controller-manager", ["master", "api-servers"], HasHttp, "write the https:// URL"),
        Of("skip-verification", Severity.Error, "Without verification anyone on the way can pass for the other side.",
            "kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy etcd", ["insecure-skip-tls-verify", "kubelet-insecure-tls", "peer-skip-client-san-verification"], IsTrue, "remove it"),
    ];

    private static bool IsTrue(string value) => value is "true" or "True" or "1" or "t";

    private static bool HasHttp(string value) => value.Split(',', '=').Any(part => part.Trim().StartsWith("http://", StringComparison.OrdinalIgnoreCase));

    private static Rule<FoundComponent> Of(
        string name, Severity severity, string why, string components, string[] flags, Func<string, bool> isBad, string fix) => new(name, severity, why,
        (_, component) => !components.Split(' ').Contains(component.Name) ? []
            : flags.Select(flag => component[flag]).OfType<ComponentFlag>().Where(flag => isBad(flag.Value)).Select(flag => FlagFault.Of(flag, fix)));
}

/// <summary>Words for flags.</summary>
internal static class FlagFault
{
    public static Fault Of(ComponentFlag flag, string fix) =>
        new($"{Written(flag)}", $"in {flag.File.PathOnNode}: {fix}") { File = flag.File };

    /// <summary>As the file has it; a long value cut.</summary>
    public static string Written(ComponentFlag flag)
    {
        var value = flag.Value.Length > 120 ? flag.Value[..117] + "…" : flag.Value;
        return flag.Written.StartsWith("--", StringComparison.Ordinal) || flag.Written.Contains("ETCD_", StringComparison.Ordinal)
            ? $"{flag.Written}={value}" : $"{flag.Written}: {value}";
    }
}
