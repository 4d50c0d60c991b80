// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Verifying;
using Sealock.Pki.Certificates;
using Sealock.Pki.Inspection;

namespace Sealock.Cluster.Listing;

/// <summary>One certificate in a list.</summary>
public sealed record CertificateRow
{
    /// <summary>The node; empty where it is not known, and in the folder of authorities.</summary>
    public required string Node { get; init; }

    /// <summary>The certificate's name: <c>apiserver</c>, <c>admin.conf</c>, <c>etcd-ca</c>…</summary>
    public required string Name { get; init; }

    /// <summary><c>ca</c>, <c>server</c>, <c>client</c>, <c>peer</c>, or <c>any</c> where it does not say.</summary>
    public required string Type { get; init; }

    /// <summary>The file that holds it, as a path here.</summary>
    public required string Path { get; init; }

    /// <summary>The file's path on its node.</summary>
    public required string PathOnNode { get; init; }

    /// <summary>The certificate; null where it is missing or cannot be read.</summary>
    public required Certificate? Certificate { get; init; }

    /// <summary>The authority that signed it, by its name here or its common name; empty where unknown.</summary>
    public string Authority { get; init; } = "";

    /// <summary>True where the authority's key is not here, so that somebody else signs.</summary>
    public bool IsExternallyManaged { get; init; }

    /// <summary>True for a CA certificate that another row shows already.</summary>
    public bool IsCopy { get; init; }

    /// <summary>What is embedded in a kubeconfig: <c>user</c> or <c>cluster</c>, and its entry's name; null for files.</summary>
    public (string Kind, string Key)? Embedded { get; init; }

    /// <summary>What is wrong with it.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>True for a CA's certificate.</summary>
    public bool IsAuthority => Type == "ca";

    /// <summary>The worst of its findings; null where there is none.</summary>
    public Severity? Worst => Findings.Count == 0 ? null : Findings.Max(finding => finding.Severity);

    /// <summary>Where a moment stands in its validity; null where there is no certificate.</summary>
    public ValidityState? StateAt(DateTimeOffset now, TimeSpan within) =>
        Certificate is { } certificate ? ValidityText.StateAt(now, certificate.NotBefore, certificate.NotAfter, within) : null;
}
