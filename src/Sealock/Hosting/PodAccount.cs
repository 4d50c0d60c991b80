// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Kubeconfigs;

namespace Sealock.Hosting;

/// <summary>The access that every pod has: the service account that Kubernetes mounts into it.</summary>
internal static class PodAccount
{
    private const string Mount = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string Name = "in-cluster";

    /// <summary>That access as a kubeconfig; null outside of a pod.</summary>
    public static Kubeconfig? Kubeconfig() => Kubeconfig(
        Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") ?? "",
        Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT") ?? "443", Mount);

    /// <summary>The pod's own namespace; null where it is not mounted.</summary>
    public static string? Namespace() => Namespace(Mount);

    /// <summary>The same from the mount.</summary>
    internal static string? Namespace(string mount)
    {
        var file = Path.Combine(mount, "namespace");
        return File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } name ? name : null;
    }

    /// <summary>
    /// The access from the variables of the pod and its mount. The token is named by its file, since it is replaced every hour.
    /// </summary>
    internal static Kubeconfig? Kubeconfig(string host, string port, string mount)
    {
        var (token, ca) = (Path.Combine(mount, "token"), Path.Combine(mount, "ca.crt"));
        if (host.Length == 0 || !File.Exists(token) || !File.Exists(ca))
            return null;
        var authority = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}";
        return Api.Kubeconfigs.Kubeconfig.Create(
            new KubeconfigCluster { Name = Name, Server = $"https://{authority}", CertificateAuthority = ca },
            new KubeconfigUser { Name = Name, TokenFile = token },
            new KubeconfigContext { Name = Name, Cluster = Name, User = Name });
    }
}
