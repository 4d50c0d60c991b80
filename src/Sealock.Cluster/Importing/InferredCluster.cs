// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Sets;

namespace Sealock.Cluster.Importing;

/// <summary>A cluster as it was understood from the files that stand of it.</summary>
public sealed record InferredCluster
{
    /// <summary>What the files say, and usual values where they say nothing. A worker alone gives one without control plane.</summary>
    public required ClusterConfiguration Configuration { get; init; }

    /// <summary>The set in place: authorities and nodes' files where they were found.</summary>
    public required SetFolder Folder { get; init; }

    /// <summary>What was assumed because no file says it, in plain words.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>What is unreadable or malformed, each with its path.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>
    /// Names of planned certificates and authorities that stand nowhere and that the maker of such sets does not make
    /// either (kubeadm: <c>kubelet-serving</c>, <c>kube-proxy.conf</c>…): their absence is no defect.
    /// </summary>
    public required IReadOnlySet<string> LeftOut { get; init; }
}
