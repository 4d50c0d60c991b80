// SPDX-License-Identifier: Apache-2.0
using Sealock.Gateway.Limits;

namespace Sealock.Gateway.Listener;

/// <summary>
/// Counts the requests that a client takes back on one connection, and reads from it more slowly where there are too many: HTTP/2
/// bounds the streams that are open at a time, and one that is reset makes room for the next at once (CVE-2023-44487). A feature of
/// the connections of clients; those of proxies carry many clients' requests.
/// </summary>
internal sealed class StreamResets(ReadBrake brake, TrafficControl traffic, TimeProvider clock)
{
    // A client may end all of its watches at once: as many as a connection has streams.
    private static readonly Rate Most = new(PerSecond: 33, Burst: 250);

    private readonly TokenBucket _bucket = new(Most, clock);
    private int _slowed;

    /// <summary>A request was taken back, or its connection was lost.</summary>
    public void Add()
    {
        if (_bucket.TryTake(out _))
            return;
        brake.Press();
        if (Interlocked.Exchange(ref _slowed, 1) == 0)
            traffic.Refused(TrafficRefusal.StreamResets);
    }
}
