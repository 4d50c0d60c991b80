// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Sealock.Bench.Hostile.Attacks;

/// <summary>Holds whoever shares it to a rate. What was missed is not made up for.</summary>
internal sealed class Pacer(double perSecond)
{
    private static readonly TimeSpan MostBehind = TimeSpan.FromMilliseconds(50);

    private readonly long _origin = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();
    private TimeSpan _next;

    /// <summary>Waits for the turn to do something <paramref name="count"/> times.</summary>
    public Task WaitAsync(int count, CancellationToken cancellationToken)
    {
        TimeSpan turn;
        var now = Stopwatch.GetElapsedTime(_origin);
        lock (_gate)
        {
            turn = _next < now - MostBehind ? now - MostBehind : _next;
            _next = turn + TimeSpan.FromSeconds(count / perSecond);
        }

        return turn <= now ? Task.CompletedTask : Task.Delay(turn - now, cancellationToken);
    }
}
