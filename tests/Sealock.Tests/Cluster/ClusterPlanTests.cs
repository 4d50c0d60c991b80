// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;

namespace Sealock.Tests.Cluster;

public sealed class ClusterPlanTests
{
    private static readonly ClusterNode Master = new() { Name = "master1", IsControlPlane = true, Addresses = [IPAddress.Parse("10.0.0.1")] };
    private static readonly ClusterNode Worker = new() { Name = "worker1", Addresses = [IPAddress.Parse("10.0.0.9")] };
    private static readonly ClusterConfiguration Configuration = new() { EndpointHost = "api.example.com", Nodes = [Master, Worker] };

    [Theory]
    [InlineData("apiserver", "CN=kube-apiserver", "DNS:api.example.com, DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc, DNS:kubernetes.default.svc.cluster.local, DNS:master1, IP:10.0.0.1, IP:10.96.0.1")]
    [InlineData("apiserver-kubelet-client", "CN=kube-apiserver-kubelet-client,O=kubeadm:cluster-admins", "")]
    [InlineData("etcd-server", "CN=master1", "DNS:localhost, DNS:master1, IP:10.0.0.1, IP:127.0.0.1, IP:::1")]
    [InlineData("super-admin.conf", "CN=kubernetes-super-admin,O=system:masters", "")]
    [InlineData("kubelet.conf", "CN=system:node:master1,O=system:nodes", "")]
    public void A_control_plane_node_has_kubeadms_certificates(string name, string subject, string names)
    {
        var certificate = Assert.Single(ClusterPlan.For(Configuration).Certificates, c => c.Node == Master && c.Name == name);
        Assert.Equal(subject, certificate.Subject.ToString());
        Assert.Equal(names, certificate.Names.ToString());
    }

    [Fact]
    public void A_worker_gets_its_own_files_and_no_authoritys_key()
    {
        var files = ClusterPlan.For(Configuration).Files.Where(file => file.Node == Worker).Select(file => file.Path);
        Assert.Equal(
            [
                "/etc/kubernetes/kube-proxy.conf", "/etc/kubernetes/kubelet.conf", "/etc/kubernetes/pki/ca.crt",
                "/var/lib/kube-proxy/config.conf", "/var/lib/kubelet/config.yaml", "/var/lib/kubelet/kubeadm-flags.env",
                "/var/lib/kubelet/pki/kubelet.crt", "/var/lib/kubelet/pki/kubelet.key",
            ],
            files.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Keys_of_authorities_stay_off_the_nodes_where_they_are_kept_apart()
    {
        var files = ClusterPlan.For(Configuration with { AuthorityKeysApart = true }).Files;
        Assert.DoesNotContain(files, file => file.Content is AuthorityKey);
    }

    [Fact]
    public void The_flat_layout_has_one_folder_and_no_two_files_of_one_name()
    {
        var files = ClusterPlan.For(Configuration with { Layout = ClusterLayout.Flat }).Files;
        Assert.All(files, file => Assert.Equal("/srv/kubernetes", Path.GetDirectoryName(file.Path)));
        Assert.All(files.GroupBy(file => (file.Node, file.Path)), same => Assert.Single(same));
        Assert.Contains(files, file => file.Path == "/srv/kubernetes/server.crt");
        Assert.Contains(files, file => file.Path == "/srv/kubernetes/worker1.key");
    }
}
