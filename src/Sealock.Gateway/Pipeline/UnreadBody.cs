// SPDX-License-Identifier: Apache-2.0
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sealock.Gateway.Pipeline;

/// <summary>
/// What is left of a body when its request is answered. It is read on for a while: a connection that is closed while its client
/// still sends is reset, and the answer may be lost with it (RFC 9112 section 9.6).
/// </summary>
internal static class UnreadBody
{
    private static readonly TimeSpan AtLeast = TimeSpan.FromSeconds(1);

    /// <summary>Whether there is one: over HTTP/2, where a stream ends alone, Kestrel says so.</summary>
    public static bool IsLeft(GatewayExchange exchange) =>
        !exchange.BodyRead && exchange.Http.Request.Protocol.StartsWith("HTTP/1", StringComparison.Ordinal) && RequestBody.MayHaveOne(exchange.Http);

    /// <summary>
    /// Completes the answer, and reads the body to its end, so that the next request can be read; closes the connection where that
    /// takes too long.
    /// </summary>
    public static async Task DiscardAsync(GatewayExchange exchange)
    {
        var (http, limits, clock) = (exchange.Http, exchange.Limits, exchange.Clock);
        var stopping = http.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        try
        {
            await http.Response.CompleteAsync();
            var reader = http.Request.BodyReader;
            var left = limits.BodyGrace - clock.GetElapsedTime(exchange.Started);
            using var limit = new CancellationTokenSource(left > AtLeast ? left : AtLeast, clock);
            using var over = limit.Token.UnsafeRegister(static body => ((PipeReader)body!).CancelPendingRead(), reader);
            // The answer is still on its way then.
            using var stop = stopping.UnsafeRegister(static limit => ((CancellationTokenSource)limit!).CancelAfter(AtLeast), limit);
            for (var discarded = 0L; ;)
            {
                var result = await reader.ReadAsync(CancellationToken.None);
                discarded += result.Buffer.Length;
                reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    return;
                if (limit.IsCancellationRequested || discarded > limits.MaxBodyBytes)
                    Stop(http);
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client has gone, has sent what is no body, or is heard no more: Kestrel closes the connection.
        }
    }

    /// <summary>The connection ends both ways, and with it the body. What was sent still arrives: aborting would put it at risk.</summary>
    private static void Stop(HttpContext http)
    {
        try
        {
            http.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            throw new IOException("the connection is lost", gone);
        }
    }
}
