// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;

namespace Sealock.Cluster.Planning;

/// <summary>A leaf certificate of one node, as the configuration wants it. Every node has keys of its own.</summary>
public sealed record PlannedCertificate
{
    /// <summary>Its name on the command line, as kubeadm has it: <c>apiserver</c>, <c>etcd-peer</c>, <c>admin.conf</c>…</summary>
    public required string Name { get; init; }

    /// <summary>The node that it stands on.</summary>
    public required ClusterNode Node { get; init; }

    /// <summary>Who signs it.</summary>
    public required PlannedAuthority Authority { get; init; }

    /// <summary>Whom it names.</summary>
    public required DistinguishedName Subject { get; init; }

    /// <summary>Its usages.</summary>
    public required CertificateProfile Profile { get; init; }

    /// <summary>The server's names; none for pure clients.</summary>
    public SubjectAlternativeNames Names { get; init; } = SubjectAlternativeNames.None;

    /// <summary>Where TLS shows it, as host and port on the node; null for clients.</summary>
    public int? ServedPort { get; init; }

    /// <summary>The name in messages and tables: the certificate's, and the node's beside it.</summary>
    public string Title => $"{Node.Name}/{Name}";

    /// <inheritdoc/>
    public override string ToString() => Title;
}
