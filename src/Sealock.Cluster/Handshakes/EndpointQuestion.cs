// SPDX-License-Identifier: Apache-2.0
using System.Security.Authentication;
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Handshakes;

/// <summary>Which endpoint is asked by handshake, and what is offered to it.</summary>
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

    /// <summary>The versions offered.</summary>
    public SslProtocols Versions { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>How long the name's resolution and the connection may take together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the handshake may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the server's answer to our client certificate is waited for: in TLS 1.3 a refusal comes after the handshake.
    /// Zero: not at all.
    /// </summary>
    public TimeSpan AnswerWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Host and port as users write them.</summary>
    public string Endpoint => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
