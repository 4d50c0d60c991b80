// SPDX-License-Identifier: Apache-2.0
using System.IO.Pipelines;
using Sealock.Gateway.Limits;

namespace Sealock.Gateway.Pipeline;

/// <summary>
/// Ends the wait for a body that comes too slowly. Kestrel has such a bound too, but looks at all connections at once, once a second:
/// a thousand slow ones would end together.
/// </summary>
internal sealed class BodyPace(PipeReader body, GatewayLimits limits, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    private readonly long _began = clock.GetTimestamp();
    private long _received;
    private volatile bool _tooSlow;
    private ITimer? _timer;

    /// <summary>Bytes that have come.</summary>
    public long Received
    {
        get => Volatile.Read(ref _received);
        set => Volatile.Write(ref _received, value);
    }

    /// <summary>Whether the wait was ended.</summary>
    public bool TooSlow => _tooSlow;

    /// <summary>From now on the body is waited for, as long as it keeps up.</summary>
    public void Watch() => _timer ??= clock.CreateTimer(static state => ((BodyPace)state!).Look(), this, limits.BodyGrace, Glance);

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        if (Received >= clock.GetElapsedTime(_began).TotalSeconds * limits.SlowestBytesPerSecond)
            return;
        _tooSlow = true;
        body.CancelPendingRead();
    }
}
