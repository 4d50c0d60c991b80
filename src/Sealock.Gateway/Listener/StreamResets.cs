// SPDX-License-Identifier: Apache-2.0
using Microsoft.AspNetCore.Connections;
using Sealock.Gateway.Limits;

namespace Sealock.Gateway.Listener;

/// <summary>
/// Counts the requests that a client takes back on one connection, and closes it where there are too many: HTTP/2 bounds the streams
/// that are open at a time, and one that is reset makes room for the next at once (CVE-2023-44487). A feature of the connections of
/// clients; those of proxies carry many clients' requests.
/// </summary>
internal sealed class StreamResets(ConnectionContext connection, TrafficControl traffic, TimeProvider clock)
{
    // A client that ends all of its watches at once stays far below.
    private static readonly Rate Most = new(PerSecond: 33, Burst: 1000);

    private readonly TokenBucket _bucket = new(Most, clock);
    private int _closed;

    /// <summary>A request was taken back, or its connection was lost.</summary>
    public void Add()
    {
        if (_bucket.TryTake(out _) || Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        traffic.Refused(TrafficRefusal.StreamResets);
        connection.Abort(new ConnectionAbortedException("the client took too many requests back"));
    }
}
