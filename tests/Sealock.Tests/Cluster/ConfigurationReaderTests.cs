// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;

namespace Sealock.Tests.Cluster;

public sealed class ConfigurationReaderTests
{
    private const string Minimal = """
        endpoint: api.example.com:6443
        nodes:
        - {name: master1, role: control-plane, addresses: [10.0.0.1]}
        """;

    [Fact]
    public void A_short_file_has_kubeadms_defaults()
    {
        var (configuration, mistakes) = ConfigurationReader.Read(Minimal);
        Assert.Empty(mistakes);
        Assert.Equal("https://api.example.com:6443", configuration!.EndpointUrl);
        Assert.Equal("10.96.0.1", configuration.ApiServiceAddress.ToString());
        Assert.Equal("10.96.0.10", configuration.DnsServiceAddress.ToString());
        Assert.Equal("cluster.local", configuration.DnsDomain);
        Assert.Equal(TimeSpan.FromDays(365), configuration.CertificateLifetime);
    }

    [Fact]
    public void What_is_written_reads_as_it_was()
    {
        var text = """
            apiVersion: sealock.dev/v1
            kind: ClusterConfiguration
            name: prod
            kubernetesVersion: 1.33.2
            endpoint: '[fd00::1]:8443'
            serviceCIDR: 10.24.0.0/16,fd01::/112
            podCIDR: 10.25.0.0/16
            dnsDomain: kubic.local
            layout: flat
            keyAlgorithm: RSA-3072
            lifetimes:
              ca: 3650d
              certificates: 90d
            intermediateCA: true
            caKeysApart: true
            certSANs:
            - kubemaster
            - '*.example.com'
            etcd:
              external:
              - https://etcd1:2379
            owner: kube:kube
            images:
              repository: registry.example.com/k8s
              etcd: registry.example.com/etcd:3.5.24-0
            tokens:
            - user: kubelet
              groups:
              - system:nodes
            serverTLSBootstrap: true
            nodes:
            - name: kubemaster
              role: control-plane
              addresses:
              - 10.0.0.1
              dnsNames:
              - kubemaster.example.com
              ssh: root@10.0.0.1:2222
            - name: kubeminion1
              role: worker
              addresses:
              - 10.0.0.2

            """.ReplaceLineEndings("\n");
        var (configuration, mistakes) = ConfigurationReader.Read(text);
        Assert.Empty(mistakes);
        Assert.Equal(text, ConfigurationWriter.Write(configuration!));
    }

    [Theory]
    [InlineData("{}", "nodes is missing")]
    [InlineData("nodes: []\nendpoint: a", "nodes has no control plane")]
    [InlineData("[1]", "expected fields")]
    [InlineData("endpoint: a\nnodes: [{name: a, role: master, addresses: [10.0.0.1]}]", "nodes[0].role is \"master\"; write control-plane or worker")]
    [InlineData("endpoint: a\nnodes: [{name: a, role: control-plane, addresses: [a.example.com]}]", "nodes[0].addresses has \"a.example.com\"")]
    [InlineData("endpoint: a\nnodes: [{name: A_, role: control-plane, addresses: [10.0.0.1]}]", "nodes has the name \"A_\"")]
    [InlineData("endpoint: a\nnodes: [{name: a, role: control-plane, addresses: [10.0.0.1]}, {name: a, addresses: [10.0.0.2]}]", "nodes has a 2 times")]
    [InlineData("endpoint: a\nnodes: [{name: a, role: control-plane, addresses: [10.0.0.1]}, {name: b, addresses: [10.0.0.1]}]", "nodes a and b both have")]
    [InlineData(Minimal + "\nservicCIDR: 10.0.0.0/8", "servicCIDR is not known")]
    [InlineData(Minimal + "\nserviceCIDR: 10.0.0.0", "serviceCIDR has \"10.0.0.0\"")]
    [InlineData(Minimal + "\nserviceCIDR: 10.0.0.0/30", "serviceCIDR must be")]
    [InlineData(Minimal + "\nkeyAlgorithm: DSA", "keyAlgorithm is \"DSA\"")]
    [InlineData(Minimal + "\nlifetimes: {ca: 10d, certificates: 20d}", "longer than lifetimes.ca")]
    [InlineData(Minimal + "\nlifetimes: {certificates: 1s}", "lifetimes.certificates must lie")]
    [InlineData(Minimal + "\netcd: {external: ['http://10.0.0.9:2379']}", "write https URLs")]
    [InlineData(Minimal + "\netcd: {external: ['https://10.0.0.9:2379 --x']}", "write https URLs")]
    [InlineData(Minimal + "\nowner: kube", "write user:group")]
    [InlineData(Minimal + "\nkubernetesVersion: 1.19.3", "kubernetesVersion is 1.19.3; settings are made for 1.20.0 and later")]
    [InlineData(Minimal + "\nkubernetesVersion: 1.20\nserviceCIDR: 10.24.0.0/16,fd01::/112", "serviceCIDR has two ranges")]
    [InlineData(Minimal + "\nkubernetesVersion: 1.32\nserviceCIDR: 10.0.0.0/8", "serviceCIDR has 10.0.0.0/8; API servers before 1.33")]
    [InlineData(Minimal + "\npodCIDR: 10.24.0.0/16,fd01::/64", "podCIDR has more ranges")]
    [InlineData(Minimal + "\nkubernetesVersion: latest", "kubernetesVersion is \"latest\"")]
    [InlineData(Minimal + "\nimages: {repository: 'a b'}", "images has \"a b\"")]
    [InlineData(Minimal + "\ntokens: [{user: 'a,b'}]", "tokens has the name \"a,b\"")]
    [InlineData(Minimal + "\ntokens: [{user: a}, {user: a}]", "tokens has a 2 times")]
    [InlineData(Minimal + "\ntokens: [a]", "tokens[0] is no object")]
    [InlineData(Minimal + "\ncaKeysApart: maybe", "caKeysApart is neither")]
    [InlineData("endpoint: a:99999\nnodes: [{name: a, role: control-plane, addresses: [10.0.0.1]}]", "endpoint is \"a:99999\"")]
    [InlineData("a: [", "yaml:")]
    public void A_mistake_names_the_field_and_what_to_write(string text, string mistake)
    {
        var (configuration, mistakes) = ConfigurationReader.Read(text);
        Assert.Null(configuration);
        Assert.Contains(mistakes, m => m.Contains(mistake, StringComparison.Ordinal));
    }
}
