// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Handshakes;

/// <summary>Which endpoint is asked for its certificate, and what is offered to it.</summary>
public sealed record EndpointQuestion
{
    /// <summary>DNS name or IP address to connect to.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port.</summary>
    public required int Port { get; init; }

    /// <summary>The server name sent (SNI). Null: the host, where it is a name. Empty: none.</summary>
    public string? ServerName { get; init; }

    /// <summary>Application protocols offered (ALPN), in order of preference.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];

    /// <summary>Presented where the server asks for a client certificate. Stays the caller's.</summary>
    public ServingCertificate? ClientCertificate { get; init; }

    /// <summary>For the connection and the handshake together.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
