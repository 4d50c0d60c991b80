// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;
using Sealock.Cluster.Configuration;

namespace Sealock.Cluster.Settings;

/// <summary>Configuration files of components, in YAML.</summary>
internal static class SettingTexts
{
    /// <summary>Name of the file that says who may come to the API server without credentials.</summary>
    public const string AuthenticationFile = "authentication-config.yaml";

    private static readonly string[] HealthChecks = ["/livez", "/readyz", "/healthz"];

    /// <summary>KubeletConfiguration: nobody without credentials, nothing without TLS but the health check on loopback.</summary>
    public static string Kubelet(NodeView view)
    {
        var document = new JsonObject
        {
            ["apiVersion"] = "kubelet.config.k8s.io/v1beta1",
            ["kind"] = "KubeletConfiguration",
            ["authentication"] = new JsonObject
            {
                ["anonymous"] = new JsonObject { ["enabled"] = false },
                ["webhook"] = new JsonObject { ["enabled"] = true },
                ["x509"] = new JsonObject { ["clientCAFile"] = view.Paths.PkiFile("ca.crt") },
            },
            ["authorization"] = new JsonObject { ["mode"] = "Webhook" },
            ["clusterDNS"] = new JsonArray(JsonValue.Create(view.Configuration.DnsServiceAddress.ToString())),
            ["clusterDomain"] = view.Configuration.DnsDomain,
            ["healthzBindAddress"] = view.LocalAddress.ToString(),
            ["readOnlyPort"] = 0,
            ["rotateCertificates"] = true,
            ["tlsMinVersion"] = TlsSettings.MinVersion,
            ["tlsCipherSuites"] = List(TlsSettings.CipherSuites),
        };
        if (view.Configuration.ServerTlsBootstrap)
        {
            document["serverTLSBootstrap"] = true;
        }
        else
        {
            document["tlsCertFile"] = view.Paths.KubeletServing("crt");
            document["tlsPrivateKeyFile"] = view.Paths.KubeletServing("key");
        }

        if (view.Configuration.Layout == ClusterLayout.Kubeadm)
        {
            document["staticPodPath"] = view.Paths.Manifests;
            // kubeadm's default since 1.22; before, the container runtimes of the time meant cgroupfs.
            if (view.Version.IsAtLeast(22))
                document["cgroupDriver"] = "systemd";
        }

        return YamlWriter.WriteInOrder(document);
    }

    /// <summary>KubeProxyConfiguration: health and metrics, which are plain HTTP, on loopback only.</summary>
    public static string Proxy(NodeView view)
    {
        var document = new JsonObject
        {
            ["apiVersion"] = "kubeproxy.config.k8s.io/v1alpha1",
            ["kind"] = "KubeProxyConfiguration",
            ["bindAddress"] = view.OpenAddress.ToString(),
            ["clientConnection"] = new JsonObject { ["kubeconfig"] = view.Paths.Kubeconfig("kube-proxy.conf") },
        };
        if (view.Configuration.PodCidrs.Count > 0)
            document["clusterCIDR"] = string.Join(',', view.Configuration.PodCidrs);
        document["enableProfiling"] = false;
        document["healthzBindAddress"] = HostAndPort(view, 10256);
        document["hostnameOverride"] = view.Node.Name;
        document["metricsBindAddress"] = HostAndPort(view, 10249);
        return YamlWriter.WriteInOrder(document);
    }

    /// <summary>AuthenticationConfiguration: without credentials there are the three health checks and nothing else.</summary>
    public static string Authentication(KubernetesVersion version) => YamlWriter.WriteInOrder(new JsonObject
    {
        ["apiVersion"] = version.IsAtLeast(34) ? "apiserver.config.k8s.io/v1" : "apiserver.config.k8s.io/v1beta1",
        ["kind"] = "AuthenticationConfiguration",
        ["anonymous"] = new JsonObject
        {
            ["enabled"] = true,
            ["conditions"] = new JsonArray([.. HealthChecks.Select(path => new JsonObject { ["path"] = path })]),
        },
    });

    /// <summary>A file of variables for units of systemd; a shell reads it the same way.</summary>
    public static string Environment(string variable, IEnumerable<CommandFlag> flags) =>
        $"{variable}=\"\\\n{string.Join(" \\\n", flags)}\"\n";

    /// <summary>The same for etcd: a variable for each flag, named as etcd itself looks for it.</summary>
    public static string EtcdEnvironment(IEnumerable<CommandFlag> flags) =>
        string.Concat(flags.Select(flag => $"ETCD_{flag.Name.Replace('-', '_').ToUpperInvariant()}=\"{flag.Value}\"\n"));

    private static string HostAndPort(NodeView view, int port) =>
        ClusterConfiguration.UrlOf(view.LocalAddress.ToString(), port)["https://".Length..];

    private static JsonArray List(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
