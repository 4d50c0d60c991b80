// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;

namespace Sealock.Cluster.Planning;

/// <summary>All that a cluster's configuration asks for. Pure: the same configuration gives the same plan.</summary>
public sealed class ClusterPlan
{
    private ClusterPlan(
        ClusterConfiguration configuration,
        IReadOnlyList<PlannedAuthority> authorities,
        IReadOnlyList<PlannedCertificate> certificates,
        IReadOnlyList<PlannedFile> files)
    {
        Configuration = configuration;
        Authorities = authorities;
        Certificates = certificates;
        Files = files;
    }

    /// <summary>What the plan follows from.</summary>
    public ClusterConfiguration Configuration { get; }

    /// <summary>The authorities.</summary>
    public IReadOnlyList<PlannedAuthority> Authorities { get; }

    /// <summary>The leaf certificates of all nodes, node by node.</summary>
    public IReadOnlyList<PlannedCertificate> Certificates { get; }

    /// <summary>The files of all nodes, node by node.</summary>
    public IReadOnlyList<PlannedFile> Files { get; }

    /// <summary>The plan of a configuration that has passed <see cref="ConfigurationCheck"/>.</summary>
    public static ClusterPlan For(ClusterConfiguration configuration)
    {
        var (certificateTable, fileTable) = (new CertificateTable(configuration), new FileTable(configuration));
        var certificates = new List<PlannedCertificate>();
        var files = new List<PlannedFile>();
        foreach (var node in configuration.Nodes)
        {
            var own = certificateTable.Of(node).ToList();
            certificates.AddRange(own);
            files.AddRange(fileTable.Of(node, own));
        }

        IReadOnlyList<PlannedAuthority> authorities = configuration.ExternalEtcd.Count == 0
            ? [PlannedAuthority.Cluster, PlannedAuthority.FrontProxy, PlannedAuthority.Etcd]
            : [PlannedAuthority.Cluster, PlannedAuthority.FrontProxy];
        return new(configuration, authorities, certificates, files);
    }
}
