// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Controllers.Issuance.Probing;

/// <summary>An endpoint that is to serve a certificate.</summary>
/// <param name="Host">Name or address to connect to.</param>
/// <param name="Port">Port.</param>
/// <param name="ServerName">The name that is asked for (SNI).</param>
public sealed record ProbeTarget(string Host, int Port, string ServerName);

/// <summary>What an endpoint serves.</summary>
/// <param name="Leaf">DER of the leaf; empty where no handshake came about.</param>
/// <param name="Problem">Why none came about; empty where one did.</param>
public sealed record ProbeAnswer(ReadOnlyMemory<byte> Leaf, string Problem);

/// <summary>Makes one handshake with an endpoint and says what it served; never throws for what the endpoint does.</summary>
public delegate ValueTask<ProbeAnswer> ProbeEndpoint(ProbeTarget target, CancellationToken cancellationToken);
