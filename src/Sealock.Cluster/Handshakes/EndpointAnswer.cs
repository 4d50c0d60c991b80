// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Sealock.Pki.Certificates;

namespace Sealock.Cluster.Handshakes;

/// <summary>What an endpoint showed in a handshake. Nothing in it is verified: that is for the asker and its pool.</summary>
public sealed record EndpointAnswer
{
    /// <summary>The certificates the server sent, leaf first; empty where it came to none.</summary>
    public IReadOnlyList<Certificate> Chain { get; init; } = [];

    /// <summary>The certificate that is served; null where it came to none.</summary>
    public Certificate? Leaf => Chain.Count > 0 ? Chain[0] : null;

    /// <summary>The version in words, such as <c>TLS 1.3</c>; null where none was agreed on.</summary>
    public string? Version { get; init; }

    /// <summary>The cipher suite by its IANA name; null where none was agreed on.</summary>
    public string? CipherSuite { get; init; }

    /// <summary>The application protocol agreed on; null for none.</summary>
    public string? ApplicationProtocol { get; init; }

    /// <summary>True where the server asked for a client certificate.</summary>
    public bool ClientCertificateRequested { get; init; }

    /// <summary>Why the handshake did not complete, in plain words; null where it did.</summary>
    public string? Failure { get; init; }

    /// <summary>True where the handshake completed (a server may still refuse requests).</summary>
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Completed => Failure is null;
}
