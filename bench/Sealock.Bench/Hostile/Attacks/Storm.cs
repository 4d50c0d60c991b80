// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;

namespace Sealock.Bench.Hostile.Attacks;

/// <summary>New connections with full handshakes, closed as soon as they stand.</summary>
internal sealed class Storm(Strength strength) : Attack("handshakes", "TLS handshakes", "handshakes", strength)
{
    public override double OpenedPerSecond => Strength.PerSecond;

    protected override async Task AttackAsync(Victim victim, int number, Pacer pacer, Tally tally, CancellationToken cancellationToken)
    {
        await using var stream = await victim.ConnectTlsAsync(SslApplicationProtocol.Http11, cancellationToken);
        tally.Connected();
        tally.Did(1);
    }
}
