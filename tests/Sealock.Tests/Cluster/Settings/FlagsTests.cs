// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Settings;

namespace Sealock.Tests.Cluster.Settings;

public sealed class FlagsTests
{
    private static readonly string Data = Path.Combine(AppContext.BaseDirectory, "Cluster", "Settings", "Data");

    [Theory]
    [InlineData(20, ClusterLayout.Kubeadm, "master1")]
    [InlineData(35, ClusterLayout.Kubeadm, "master2")]
    [InlineData(20, ClusterLayout.Flat, "master1")]
    [InlineData(35, ClusterLayout.Flat, "worker1")]
    public void Flags_are_those_that_were_reviewed(int minor, ClusterLayout layout, string name)
    {
        var configuration = SampleClusters.Of(minor, layout);
        var settings = new ComponentSettings(configuration, configuration.Nodes.Single(node => node.Name == name));
        var text = string.Concat(settings.Components.Select(component => $"# {component}\n{string.Join('\n', settings.FlagsOf(component))}\n"));
        var file = Path.Combine(Data, $"{name}-1.{minor}-{layout.ToString().ToLowerInvariant()}.txt");
        Assert.Equal(File.ReadAllText(file), text);
    }

    [Fact]
    public void The_newest_version_knows_every_flag()
    {
        var known = File.ReadLines(Path.Combine(Data, "known-1.35.txt")).Where(line => !line.StartsWith('#'))
            .Select(line => line.Split(": ")).SelectMany(line => line[1].Split(' ').Select(flag => (line[0], flag))).ToHashSet();
        var emitted = SampleClusters.All().Where(configuration => configuration.KubernetesVersion.IsAtLeast(35))
            .SelectMany(Flags).Select(one => (one.Component.Name, one.Flag.Name)).Distinct();
        Assert.DoesNotContain(emitted, flag => !known.Contains(flag));
    }

    [Fact]
    public void No_flag_leaves_https()
    {
        Assert.All(SampleClusters.All().SelectMany(Flags).DistinctBy(one => one.Flag), one =>
        {
            Assert.DoesNotContain("http://", one.Flag.Value, StringComparison.Ordinal);
            Assert.DoesNotMatch("[ \t\n\"'$`\\\\]", one.Flag.ToString());
            if (one.Flag.Name is "port" or "insecure-port")
                Assert.Equal("0", one.Flag.Value);
        });
    }

    [Fact]
    public void Every_file_that_a_flag_names_is_planned_for_its_node()
    {
        foreach (var configuration in SampleClusters.All())
        {
            var planned = ClusterPlan.For(configuration).Files.Select(file => (file.Node.Name, file.Path)).ToHashSet();
            var named = Flags(configuration)
                .Where(one => one.Flag.Value.StartsWith('/') && one.Flag.Name != "data-dir")
                .Where(one => configuration.ExternalEtcd.Count == 0 || !one.Flag.Name.StartsWith("etcd-", StringComparison.Ordinal))
                .Select(one => (one.Node.Name, one.Flag.Value));
            Assert.DoesNotContain(named, file => !planned.Contains(file));
        }
    }

    [Fact]
    public void A_flag_stands_once_and_in_order()
    {
        foreach (var flags in SampleClusters.All().SelectMany(Flags).GroupBy(one => (one.Configuration, one.Node, one.Component)))
        {
            var names = flags.Select(one => one.Flag.Name).ToList();
            Assert.Equal(names.Distinct().Order(StringComparer.Ordinal), names);
        }
    }

    [Theory]
    [InlineData(20, ClusterLayout.Kubeadm, "--anonymous-auth=true")]
    [InlineData(20, ClusterLayout.Flat, "--anonymous-auth=false")]
    [InlineData(31, ClusterLayout.Flat, "--anonymous-auth=false")]
    [InlineData(32, ClusterLayout.Kubeadm, "--authentication-config=/etc/kubernetes/pki/authentication-config.yaml")]
    [InlineData(32, ClusterLayout.Flat, "--authentication-config=/srv/kubernetes/authentication-config.yaml")]
    public void Without_credentials_there_are_health_checks_where_a_kubelet_needs_them(int minor, ClusterLayout layout, string expected)
    {
        var configuration = SampleClusters.Of(minor, layout);
        var flags = new ComponentSettings(configuration, configuration.Nodes[0]).FlagsOf(Component.KubeApiServer).Select(flag => flag.ToString());
        Assert.Equal(expected, Assert.Single(flags, flag => flag.StartsWith("--a", StringComparison.Ordinal)
            && (flag.Contains("anonymous", StringComparison.Ordinal) || flag.Contains("authentication-config", StringComparison.Ordinal))));
    }

    [Fact]
    public void Without_a_key_of_the_authority_nothing_is_signed()
    {
        var configuration = SampleClusters.Of(35) with { AuthorityKeysApart = true };
        var flags = new ComponentSettings(configuration, configuration.Nodes[0]).FlagsOf(Component.KubeControllerManager);
        Assert.DoesNotContain(flags, flag => flag.Name.StartsWith("cluster-signing", StringComparison.Ordinal));
        Assert.Contains(flags, flag => flag == new CommandFlag("controllers", "*,-csrsigning"));
    }

    [Fact]
    public void Nodes_with_loopback_addresses_keep_out_of_each_others_way()
    {
        var configuration = SampleClusters.Of(20) with
        {
            Nodes = [new() { Name = "one", IsControlPlane = true, Addresses = [IPAddress.Parse("127.9.0.1")] }],
        };
        var bound = Flags(configuration).Where(one => one.Flag.Name is "bind-address" or "listen-client-urls" or "listen-peer-urls")
            .Select(one => one.Flag.Value);
        Assert.All(bound, value => Assert.Matches("^(https://)?127[.]9[.]0[.]1(:[0-9]+)?$", value));
        Assert.DoesNotContain(Flags(configuration), one => one.Flag.Name == "node-ip");
    }

    [Theory]
    [InlineData("10.96.0.0/16", "10.0.0.1")]
    [InlineData("10.96.0.0/16,fd01::/112", "10.0.0.1,fd00::1")]
    public void A_node_of_both_families_says_so_where_services_have_both(string serviceCidrs, string expected)
    {
        var configuration = SampleClusters.Of(35) with { ServiceCidrs = [.. serviceCidrs.Split(',').Select(text => IPNetwork.Parse(text))] };
        ClusterNode node = new() { Name = "both", Addresses = [.. new[] { "10.0.0.1", "10.0.0.2", "fd00::1" }.Select(IPAddress.Parse)] };
        Assert.Equal(expected, Assert.Single(new ComponentSettings(configuration, node).FlagsOf(Component.Kubelet), flag => flag.Name == "node-ip").Value);
    }

    [Fact]
    public void A_root_stands_before_every_path()
    {
        var configuration = SampleClusters.Of(35);
        var node = configuration.Nodes[0];
        Assert.All(new ComponentSettings(configuration, node, "/mnt/").Components, component => Assert.Equal(
            new ComponentSettings(configuration, node).FlagsOf(component)
                .Select(flag => flag.Value.StartsWith('/') ? flag with { Value = "/mnt" + flag.Value } : flag),
            new ComponentSettings(configuration, node, "/mnt/").FlagsOf(component)));
    }

    private static IEnumerable<(ClusterConfiguration Configuration, ClusterNode Node, Component Component, CommandFlag Flag)> Flags(
        ClusterConfiguration configuration) =>
        from node in configuration.Nodes
        let settings = new ComponentSettings(configuration, node)
        from component in settings.Components
        from flag in settings.FlagsOf(component)
        select (configuration, node, component, flag);
}
