// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sealock.Api.Yaml;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Settings;
using Sealock.Pki.Files;

namespace Sealock.Tests.Cluster.Settings;

public sealed partial class SettingFilesTests
{
    [Fact]
    public void Settings_are_yaml_and_name_only_files_of_their_node()
    {
        foreach (var configuration in SampleClusters.All())
        {
            foreach (var node in ClusterPlan.For(configuration).Files.GroupBy(file => file.Node))
            {
                var planned = node.Select(file => file.Path).ToHashSet();
                foreach (var (file, text) in Settings(node).Where(one => !one.File.Path.EndsWith(".env", StringComparison.Ordinal)))
                {
                    Assert.All(Documents(text), document => Assert.IsType<JsonObject>(document));
                    Assert.DoesNotContain("http://", text, StringComparison.Ordinal);
                    Assert.DoesNotContain(Paths().Matches(text).Select(match => match.Value), path =>
                        !planned.Contains(path) && !(configuration.ExternalEtcd.Count > 0 && path.Contains("etcd", StringComparison.Ordinal)));
                }
            }
        }
    }

    [Fact]
    public void Settings_are_for_their_owner_alone()
    {
        Assert.All(
            ClusterPlan.For(SampleClusters.Of(35)).Files.Where(file => file.Content is Setting or SecretSetting),
            file => Assert.Equal(AtomicFile.Secret, file.Mode));
    }

    [Fact]
    public void Static_pods_see_every_file_that_their_flags_name()
    {
        foreach (var configuration in SampleClusters.All())
        {
            var settings = new ComponentSettings(configuration, configuration.Nodes[0]);
            foreach (var component in settings.Components.Where(component => component.IsControlPlane))
            {
                var pod = Documents(settings.ManifestOf(component)).Single();
                var mounts = pod["spec"]!["containers"]![0]!["volumeMounts"]!.AsArray().Select(mount => (string)mount!["mountPath"]!).ToList();
                var paths = settings.FlagsOf(component).Select(flag => flag.Value).Where(value => value.StartsWith('/'));
                Assert.All(paths, path => Assert.Contains(mounts, mount => path == mount || path.StartsWith(mount + "/", StringComparison.Ordinal)));
                Assert.Equal(mounts.Count, mounts.Distinct().Count());
            }
        }
    }

    [Fact]
    public void The_kubelet_asks_everyone_for_credentials()
    {
        var text = Text(SampleClusters.Of(20), "worker1", "/var/lib/kubelet/config.yaml");
        Assert.Equal(
            """
            apiVersion: kubelet.config.k8s.io/v1beta1
            kind: KubeletConfiguration
            authentication:
              anonymous:
                enabled: false
              webhook:
                enabled: true
              x509:
                clientCAFile: /etc/kubernetes/pki/ca.crt
            authorization:
              mode: Webhook
            clusterDNS:
            - 10.96.0.10
            clusterDomain: cluster.local
            healthzBindAddress: 127.0.0.1
            readOnlyPort: 0
            rotateCertificates: true
            tlsMinVersion: VersionTLS12
            tlsCipherSuites:
            - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
            - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
            - TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
            - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
            - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
            - TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
            tlsCertFile: /var/lib/kubelet/pki/kubelet.crt
            tlsPrivateKeyFile: /var/lib/kubelet/pki/kubelet.key
            staticPodPath: /etc/kubernetes/manifests

            """, text);
    }

    [Fact]
    public void A_kubelet_that_asks_the_cluster_for_its_certificate_gets_no_file()
    {
        var configuration = SampleClusters.Of(35) with { ServerTlsBootstrap = true };
        var text = Text(configuration, "worker1", "/var/lib/kubelet/config.yaml");
        Assert.Contains("serverTLSBootstrap: true", text, StringComparison.Ordinal);
        Assert.DoesNotContain("tlsCertFile", text, StringComparison.Ordinal);
        Assert.DoesNotContain(ClusterPlan.For(configuration).Files, file => file.Path.StartsWith("/var/lib/kubelet/pki", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(32, "apiserver.config.k8s.io/v1beta1")]
    [InlineData(34, "apiserver.config.k8s.io/v1")]
    public void Anonymous_requests_are_limited_to_health_checks(int minor, string version)
    {
        var document = Documents(Text(SampleClusters.Of(minor), "master1", "/etc/kubernetes/pki/authentication-config.yaml")).Single();
        Assert.Equal(version, (string)document["apiVersion"]!);
        Assert.Equal(["/livez", "/readyz", "/healthz"], document["anonymous"]!["conditions"]!.AsArray().Select(one => (string)one!["path"]!));
    }

    [Fact]
    public void Only_the_node_with_the_super_administrator_has_the_first_bindings()
    {
        var plan = ClusterPlan.For(SampleClusters.Of(35));
        Assert.Equal("master1", Assert.Single(plan.Files, file => file.Path == "/etc/kubernetes/bootstrap-rbac.yaml").Node.Name);
        Assert.Equal("master1", Assert.Single(plan.Files, file => file.Path == "/etc/kubernetes/super-admin.conf").Node.Name);
        var bindings = Documents(Text(plan.Configuration, "master1", "/etc/kubernetes/bootstrap-rbac.yaml"));
        Assert.Equal(
            ["cluster-admin", "system:kubelet-api-admin", "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient"],
            bindings.Select(binding => (string)binding["roleRef"]!["name"]!));
    }

    [Fact]
    public void A_file_of_variables_is_what_pki_flags_prints()
    {
        var configuration = SampleClusters.Of(20, ClusterLayout.Flat);
        var settings = new ComponentSettings(configuration, configuration.Nodes[0]);
        Assert.Equal(
            $"KUBE_SCHEDULER_ARGS=\"\\\n{string.Join(" \\\n", settings.FlagsOf(Component.KubeScheduler))}\"\n",
            Text(configuration, "master1", "/srv/kubernetes/kube-scheduler.env"));
        Assert.Equal(settings.EnvironmentOf(Component.Etcd), Text(configuration, "master1", "/srv/kubernetes/etcd.env"));
        Assert.Contains("\nETCD_CLIENT_CERT_AUTH=\"true\"\n", settings.EnvironmentOf(Component.Etcd), StringComparison.Ordinal);
    }

    private static IEnumerable<(PlannedFile File, string Text)> Settings(IEnumerable<PlannedFile> files) =>
        files.Where(file => file.Content is Setting).Select(file => (file, ((Setting)file.Content).Text));

    private static string Text(ClusterConfiguration configuration, string node, string path) => Assert.Single(
        Settings(ClusterPlan.For(configuration).Files), one => one.File.Node.Name == node && one.File.Path == path).Text;

    private static List<JsonNode> Documents(string text) => [.. text.Split("---\n").Select(part =>
    {
        Assert.True(YamlReader.TryRead(part, out var document, out var error), error);
        return document!;
    })];

    /// <summary>Files with certificates, keys, kubeconfigs and settings, wherever they stand in a text.</summary>
    [GeneratedRegex("(?<=[ =])/[a-z/.-]+[.](crt|key|pub|conf|csv|yaml)")]
    private static partial Regex Paths();
}
