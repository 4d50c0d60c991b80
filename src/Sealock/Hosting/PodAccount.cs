// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Kubeconfigs;

namespace Sealock.Hosting;

/// <summary>The access that every pod has: the service account that Kubernetes mounts into it.</summary>
internal static class PodAccount
{
    private const string Folder = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string Name = "in-cluster";

    /// <summary>That access as a kubeconfig; null outside of a pod. The token is read anew from its file: it is replaced every hour.</summary>
    public static Kubeconfig? Kubeconfig()
    {
        var (host, port) = (Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST"), Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT"));
        var (token, ca) = (Path.Combine(Folder, "token"), Path.Combine(Folder, "ca.crt"));
        if (string.IsNullOrEmpty(host) || !File.Exists(token) || !File.Exists(ca))
            return null;
        var authority = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port ?? "443"}" : $"{host}:{port ?? "443"}";
        return Api.Kubeconfigs.Kubeconfig.Create(
            new KubeconfigCluster { Name = Name, Server = $"https://{authority}", CertificateAuthority = ca },
            new KubeconfigUser { Name = Name, TokenFile = token },
            new KubeconfigContext { Name = Name, Cluster = Name, User = Name });
    }
}
