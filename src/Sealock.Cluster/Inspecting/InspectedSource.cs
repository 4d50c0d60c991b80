// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Handshakes;
using Sealock.Pki.Inspection;

namespace Sealock.Cluster.Inspecting;

/// <summary>One thing found at a place. Compared by reference: the same certificate may be found twice.</summary>
/// <param name="content">What was found.</param>
public sealed class InspectedItem(PkiContent content)
{
    /// <summary>What was found.</summary>
    public PkiContent Content { get; } = content;

    /// <summary>The facts of a certificate, told once; null where it is none.</summary>
    public CertificateFacts? Facts { get; } = content is CertificateContent certificate ? CertificateFacts.Of(certificate.Certificate) : null;

    /// <summary>Where in the source, e.g. <c>users[admin].client-certificate-data</c> or <c>tls.crt</c>; empty for a plain file.</summary>
    public string Entry { get; init; } = "";

    /// <summary>Certificates and keys of one group should fit each other: a file's, a kubeconfig user's, a pair of flags'.</summary>
    public required string Group { get; init; }
}

/// <summary>A file, an object in a file, an endpoint: what was found there, or why nothing was.</summary>
public sealed record InspectedSource
{
    /// <summary>The path as it was given or named, <c>standard input</c>, or <c>host:port</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it is: <c>PEM</c>, <c>PKCS#12</c>, <c>kubeconfig</c>, <c>Secret default/web</c>, <c>TLS 1.3</c>…</summary>
    public string Format { get; init; } = "";

    /// <summary>Who names this file, e.g. <c>kube-apiserver.yaml: --tls-cert-file</c>; null where the user did.</summary>
    public string? NamedBy { get; init; }

    /// <summary>What was found, in order.</summary>
    public IReadOnlyList<InspectedItem> Items { get; init; } = [];

    /// <summary>True where the certificates are a chain that somebody serves, leaf first.</summary>
    public bool IsServedChain { get; init; }

    /// <summary>For an endpoint: the name its certificate has to carry; null where there is none.</summary>
    public string? ExpectedHost { get; init; }

    /// <summary>For an endpoint: what else its handshake showed; null for others.</summary>
    public EndpointAnswer? Answer { get; init; }

    /// <summary>Why it could not be read, with the remedy, in one line; null where it could.</summary>
    public string? Failure { get; init; }
}
