// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Bench.Hostile.Attacks;

/// <summary>All attacks.</summary>
internal static class Arsenal
{
    /// <summary>All attacks, at a strength of their own.</summary>
    /// <param name="connections">The share of their connections; 1 for full strength.</param>
    /// <param name="rate">The share of their rates.</param>
    public static IReadOnlyList<Attack> All(double connections = 1, double rate = 1)
    {
        return
        [
            new Held("slow-handshakes", "slow-loris, ClientHello", Stage.Handshake, Of(1000, 250)),
            new Held("slow-lines", "slow-loris, request line", Stage.RequestLine, Of(1000, 250)),
            new Held("slow-headers", "slow-loris, headers", Stage.Headers, Of(1000, 250)),
            new Held("slow-bodies", "slow-loris, bodies", Stage.Body, Of(1000, 250)),
            new Held("idle", "idle connections", Stage.Idle, Of(5000, 400)),
            new Storm(Of(50, 200)),
            Bombs.Headers(Of(20, 100)),
            Bombs.Bodies(Of(6, 6)),
            Floods.RapidReset(Of(20, 10000)),
            Floods.Continuation(Of(20, 10000)),
            Floods.Pings(Of(20, 20000)),
            Floods.Settings(Of(20, 20000)),
            new ClosedWindows(Of(100, 1000)),
        ];

        Strength Of(int most, double perSecond) => new(Math.Max(2, (int)(most * connections)), perSecond * rate);
    }
}
