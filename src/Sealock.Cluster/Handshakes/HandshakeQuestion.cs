// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Paths;

namespace Sealock.Cluster.Handshakes;

/// <summary>A handshake to be told and judged.</summary>
public sealed record HandshakeQuestion
{
    /// <summary>With whom, and what is offered.</summary>
    public required EndpointQuestion Endpoint { get; init; }

    /// <summary>The CAs against which the server's chain is verified; null: it is not.</summary>
    public TrustPool? Trusted { get; init; }

    /// <summary>Whether two more connections try if a session is resumed.</summary>
    public bool TryResumption { get; init; } = true;

    /// <summary>The name that the server's certificate must have: the server name, else the host.</summary>
    public string ExpectedName => Endpoint.ServerName is { Length: > 0 } name ? name : Endpoint.Host;
}
