// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Controllers.Issuance.Probing;

/// <summary>An endpoint that is to serve a certificate.</summary>
/// <param name="Host">Name or address to connect to.</param>
/// <param name="Port">Port.</param>
/// <param name="ServerName">The name that is asked for (SNI).</param>
public sealed record ProbeTarget(string Host, int Port, string ServerName);

/// <summary>What an endpoint serves. Why it serves nothing is not told: that would tell strangers how the network is made.</summary>
/// <param name="Leaf">DER of the leaf; empty where no handshake came about.</param>
public sealed record ProbeAnswer(ReadOnlyMemory<byte> Leaf)
{
    /// <summary>No handshake came about.</summary>
    public static ProbeAnswer None { get; } = new(ReadOnlyMemory<byte>.Empty);

    /// <summary>It was not asked, as one sees from the target alone.</summary>
    public static ProbeAnswer NotAllowed { get; } = new(ReadOnlyMemory<byte>.Empty) { IsRefused = true };

    /// <summary>Whether it was not asked because it may not be.</summary>
    public bool IsRefused { get; private init; }
}

/// <summary>Makes one handshake with an endpoint and says what it served; never throws for what the endpoint does.</summary>
public delegate ValueTask<ProbeAnswer> ProbeEndpoint(ProbeTarget target, CancellationToken cancellationToken);
