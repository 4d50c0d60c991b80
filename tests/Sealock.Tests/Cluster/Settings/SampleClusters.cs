// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Cluster.Configuration;

namespace Sealock.Tests.Cluster.Settings;

/// <summary>Configurations that settings are derived from in tests.</summary>
internal static class SampleClusters
{
    /// <summary>Two control-plane nodes and a worker with everything that can be asked for.</summary>
    public static ClusterConfiguration Of(int minor, ClusterLayout layout = ClusterLayout.Kubeadm) => new()
    {
        Name = "prod",
        EndpointHost = "api.example.com",
        PodCidrs = [IPNetwork.Parse("10.244.0.0/16")],
        KubernetesVersion = new(minor, 2),
        Layout = layout,
        TokenUsers = [new("jane", ["readers", "writers"])],
        Nodes =
        [
            new() { Name = "master1", IsControlPlane = true, Addresses = [IPAddress.Parse("10.0.0.1")] },
            new() { Name = "master2", IsControlPlane = true, Addresses = [IPAddress.Parse("fd00::2")] },
            new() { Name = "worker1", Addresses = [IPAddress.Parse("10.0.0.9")] },
        ],
    };

    /// <summary>All kinds of configurations, of every version that there is and some that there will be.</summary>
    public static IEnumerable<ClusterConfiguration> All() =>
        from minor in Enumerable.Range(20, 20)
        from layout in new[] { ClusterLayout.Kubeadm, ClusterLayout.Flat }
        from configuration in new[]
        {
            Of(minor, layout),
            Of(minor, layout) with { AuthorityKeysApart = true, PodCidrs = [], TokenUsers = [] },
            Of(minor, layout) with { ServerTlsBootstrap = true, IntermediateAuthority = true },
            Of(minor, layout) with { ExternalEtcd = ["https://etcd1:2379", "https://etcd2:2379"] },
        }
        select configuration;
}
