// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text.RegularExpressions;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Settings;

namespace Sealock.EndToEnd.Cluster;

/// <summary>Flags beside what the real programs of the oldest version say that they know.</summary>
public sealed partial class FlagsOfRealProgramsTests
{
    [PeerTheory("kubernetes", "etcd")]
    [InlineData("etcd")]
    [InlineData("kube-apiserver")]
    [InlineData("kube-controller-manager")]
    [InlineData("kube-scheduler")]
    public async Task A_real_program_knows_every_flag(string component)
    {
        var help = await Tool.RunAsync(component == "etcd" ? "etcd" : Path.Combine(Peers.Kubernetes!, component), ["--help"]);
        var known = Name().Matches(help.Output + help.Errors).Select(match => match.Groups[1].Value).ToHashSet();
        var node = new ClusterNode { Name = "master1", IsControlPlane = true, Addresses = [IPAddress.Parse("10.0.0.1")] };
        foreach (var apart in new[] { false, true })
        {
            var configuration = new ClusterConfiguration
            {
                EndpointHost = "api.example.com",
                Nodes = [node],
                KubernetesVersion = KubernetesVersion.Oldest,
                PodCidrs = [IPNetwork.Parse("10.244.0.0/16")],
                TokenUsers = [new("jane", [])],
                AuthorityKeysApart = apart,
            };
            var flags = new ComponentSettings(configuration, node).FlagsOf(Component.All.Single(one => one.Name == component));
            Assert.DoesNotContain(flags, flag => !known.Contains(flag.Name));
        }
    }

    [GeneratedRegex("^ +--([a-z0-9-]+)", RegexOptions.Multiline)]
    private static partial Regex Name();
}
