// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Planning;

/// <summary>A certificate authority of a cluster.</summary>
/// <param name="Name">Its name on the command line: <c>ca</c>, <c>front-proxy-ca</c> or <c>etcd-ca</c>.</param>
/// <param name="CommonName">The common name of its certificate.</param>
/// <param name="Stem">The path of its files without extension, under a folder of authorities: <c>etcd/ca</c>.</param>
public sealed record PlannedAuthority(string Name, string CommonName, string Stem)
{
    /// <summary>Signs for API servers, kubelets and their clients.</summary>
    public static PlannedAuthority Cluster { get; } = new("ca", "kubernetes", "ca");

    /// <summary>Signs for the API server where it speaks to extension API servers in users' names.</summary>
    public static PlannedAuthority FrontProxy { get; } = new("front-proxy-ca", "front-proxy-ca", "front-proxy-ca");

    /// <summary>Signs for etcd members and etcd's clients.</summary>
    public static PlannedAuthority Etcd { get; } = new("etcd-ca", "etcd-ca", "etcd/ca");

    /// <inheritdoc/>
    public override string ToString() => Name;
}
