// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sealock.Gateway.Pipeline;

namespace Sealock.Gateway.Limits;

/// <summary>
/// The watches and streams that are open, so that they can be ended when the server stops or a user must go.
/// </summary>
internal sealed partial class LongRunningRequests(ILogger log)
{
    private readonly ConcurrentDictionary<Stay, byte> _open = new();
    private volatile string? _closed;

    /// <summary>How many are open.</summary>
    public int Count => _open.Count;

    /// <summary>Notes a request until the answer is disposed.</summary>
    public IDisposable Enter(GatewayExchange exchange)
    {
        var stay = new Stay(this, exchange);
        _open.TryAdd(stay, 0);
        if (_closed is { } reason)
            exchange.Stop(reason);
        return stay;
    }

    /// <summary>Ends all of them, and those that are still to come.</summary>
    public void Close(string reason)
    {
        _closed = reason;
        Stop(_ => true, reason);
    }

    /// <summary>
    /// Ends those that <paramref name="which"/> names; <paramref name="reason"/> tells the client why.
    /// </summary>
    public void Stop(Func<GatewayExchange, bool> which, string reason)
    {
        foreach (var (stay, _) in _open)
        {
            try
            {
                stay.Stop(which, reason);
            }
#pragma warning disable CA1031 // Whatever one request does when it is ended must not keep the others from their end.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                LogStumbled(fault);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "A watch or stream stumbled over its end")]
    private partial void LogStumbled(Exception fault);

    private sealed class Stay(LongRunningRequests owner, GatewayExchange exchange) : IDisposable
    {
        private readonly Lock _gate = new();
        private bool _over;

        // The exchange serves another request afterwards, which must not be the one that is stopped.
        public void Stop(Func<GatewayExchange, bool> which, string reason)
        {
            lock (_gate)
            {
                if (!_over && which(exchange))
                    exchange.Stop(reason);
            }
        }

        public void Dispose()
        {
            lock (_gate)
                _over = true;
            owner._open.TryRemove(this, out _);
        }
    }
}
