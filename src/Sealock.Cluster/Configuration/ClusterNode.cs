// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Sealock.Cluster.Configuration;

/// <summary>One machine of a cluster.</summary>
public sealed record ClusterNode
{
    /// <summary>The node's name in the cluster: a DNS name in lower case, at most 63 characters a label.</summary>
    public required string Name { get; init; }

    /// <summary>Whether an API server (and, unless etcd stands elsewhere, an etcd member) runs here.</summary>
    public bool IsControlPlane { get; init; }

    /// <summary>Its addresses; the first is the one that it advertises.</summary>
    public required IReadOnlyList<IPAddress> Addresses { get; init; }

    /// <summary>Further DNS names.</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = [];

    /// <summary>How ssh reaches it, as <c>[user@]host[:port]</c>; null: its first address.</summary>
    public string? Ssh { get; init; }

    /// <summary>The address that it advertises.</summary>
    public IPAddress Address => Addresses[0];

    /// <inheritdoc/>
    public override string ToString() => Name;
}
