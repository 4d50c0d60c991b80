// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using Sealock.Pki.Certificates;
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Handshakes;

/// <summary>All that was seen of one connection and all that the TLS library reported. Times count from the start.</summary>
internal sealed record Observation
{
    public required EndpointQuestion Question { get; init; }

    /// <summary>The address connected to; null where there was no connection.</summary>
    public string? Address { get; init; }

    public TimeSpan? ConnectedAt { get; init; }

    public WireSide Sent { get; init; } = WireSide.Silent;

    public WireSide Received { get; init; } = WireSide.Silent;

    /// <summary>When the server ended its sending; null where it did not.</summary>
    public TimeSpan? ServerClosedAt { get; init; }

    public LibraryReport Library { get; init; } = new();

    /// <summary>What ended it; null where the handshake completed and nothing came after it.</summary>
    public Fault? Fault { get; init; }

    /// <summary>What became of the session after the handshake.</summary>
    public Aftermath Aftermath { get; init; }

    /// <summary>When that was known.</summary>
    public TimeSpan EndedAt { get; init; }

    /// <summary>Both sides as far as they can be read.</summary>
    public (TlsFlow Client, TlsFlow Server) Flows => _flows ??= TlsFlow.ReadBoth(Sent.Bytes, Received.Bytes);

    private (TlsFlow Client, TlsFlow Server)? _flows;
}

/// <summary>What the TLS library reported.</summary>
internal sealed record LibraryReport
{
    /// <summary>The server's chain, leaf first; empty where none was reported.</summary>
    public IReadOnlyList<Certificate> ServerChain { get; init; } = [];

    public TimeSpan? ServerChainAt { get; init; }

    /// <summary>What of the chain could not be read, in plain words; null for nothing.</summary>
    public string? ChainProblem { get; init; }

    /// <summary>When the library asked us for a client certificate; null where it did not.</summary>
    public TimeSpan? AskedForCertificateAt { get; init; }

    /// <summary>The CAs the server named then; null where the library does not tell.</summary>
    public IReadOnlyList<string>? Authorities { get; init; }

    public TimeSpan? CompletedAt { get; init; }

    /// <summary>The version on the wire's terms; 0 where none was agreed on.</summary>
    public ushort Version { get; init; }

    public ushort CipherSuite { get; init; }

    public string? ApplicationProtocol { get; init; }

    /// <summary>True where our certificate was used.</summary>
    public bool SentCertificate { get; init; }
}

/// <summary>What became of a session after the handshake.</summary>
internal enum Aftermath
{
    /// <summary>Nothing was waited for.</summary>
    NotWaited,

    /// <summary>The server sent something after our last message that the library took: it goes on.</summary>
    Continued,

    /// <summary>The server sent nothing for as long as was waited.</summary>
    Silent,

    /// <summary>The server sent application data first.</summary>
    Data,

    /// <summary>The server ended it.</summary>
    Ended,
}

/// <summary>Where something failed.</summary>
internal enum FaultKind
{
    /// <summary>The name has no address.</summary>
    Unresolvable,

    /// <summary>There is no connection; see the socket's error.</summary>
    NotConnected,

    /// <summary>There is no connection in time.</summary>
    ConnectTimeout,

    /// <summary>The handshake is not over in time.</summary>
    HandshakeTimeout,

    /// <summary>The server reset the connection.</summary>
    Reset,

    /// <summary>The server closed the connection.</summary>
    Closed,

    /// <summary>The TLS library gave up.</summary>
    Tls,
}

/// <summary>What ended a connection.</summary>
/// <param name="Kind">Where.</param>
/// <param name="At">When.</param>
internal sealed record Fault(FaultKind Kind, TimeSpan At)
{
    /// <summary>The socket's error; <see cref="SocketError.Success"/> where it was none.</summary>
    public SocketError Socket { get; init; }

    /// <summary>OpenSSL's reason (from 1000 on: an alert received); 0 where it gave none.</summary>
    public int LibraryReason { get; init; }

    /// <summary>The library's own words.</summary>
    public string? LibraryText { get; init; }

    /// <summary>The alert that the library says was received; null where none.</summary>
    public TlsAlert? Alert => LibraryReason is >= 1000 and < 1256 ? (TlsAlert)(LibraryReason - 1000) : null;
}
