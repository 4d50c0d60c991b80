// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sealock.Api.Objects;
using Sealock.Gateway.Limits;

namespace Sealock.Gateway.Pipeline;

/// <summary>Reads whole request bodies within a limit, as long as they come fast enough.</summary>
internal static class RequestBody
{
    /// <summary>The body; empty where there is none.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="limit">How many bytes it may have at most.</param>
    /// <param name="admission">Asked where it turns out to be large.</param>
    /// <exception cref="ApiException">
    /// 413: it is longer than <paramref name="limit"/> bytes; 408: it comes too slowly; 429: there were too many large ones.
    /// </exception>
    public static ValueTask<ReadOnlyMemory<byte>> ReadAsync(GatewayExchange exchange, long limit, RequestAdmission? admission = null)
    {
        var http = exchange.Http;
        if (http.Request.Method is "GET" or "HEAD" || !MayHaveOne(http))
            return ValueTask.FromResult(ReadOnlyMemory<byte>.Empty);
        if (http.Request.ContentLength is { } announced && announced > limit)
            throw TooLarge(limit);
        return ReadPipeAsync(exchange, limit, admission);
    }

    /// <summary>Whether something may follow the request that is its body.</summary>
    public static bool MayHaveOne(HttpContext http) =>
        // What follows a request to upgrade is no body, though Kestrel would read it as one.
        http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false }
        && http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true };

    private static async ValueTask<ReadOnlyMemory<byte>> ReadPipeAsync(GatewayExchange exchange, long limit, RequestAdmission? admission)
    {
        var reader = exchange.Http.Request.BodyReader;
        using var pace = new BodyPace(reader, exchange.Limits, exchange.Clock);
        // Kestrel's readers are of no use any more once a token has ended a read, and what is left of the body is to be read.
        using var end = exchange.Cancellation.UnsafeRegister(static body => ((PipeReader)body!).CancelPendingRead(), reader);
        CountIfLarge(exchange.Http.Request.ContentLength ?? 0);
        while (true)
        {
            var reading = reader.ReadAsync(CancellationToken.None);
            if (!reading.IsCompleted)
                pace.Watch();
            var result = await reading;
            var buffer = result.Buffer;
            var length = pace.Received = buffer.Length;
            if (length > limit)
            {
                reader.AdvanceTo(buffer.End);
                throw TooLarge(limit);
            }

            if (result.IsCompleted)
            {
                var body = exchange.RoomForBody((int)length);
                buffer.CopyTo(body.Span);
                reader.AdvanceTo(buffer.End);
                exchange.BodyRead = true;
                CountIfLarge(length);
                return body;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            CountIfLarge(length);
            if (!result.IsCanceled)
                continue;
            // Kestrel, too, ends a read when the server is told to end: the body is still waited for.
            exchange.Cancellation.ThrowIfCancellationRequested();
            if (pace.TooSlow)
                throw new ApiException(408, "Timeout", "the request's body came too slowly");
        }

        void CountIfLarge(long bytes)
        {
            if (admission is null || bytes <= TrafficPolicy.LargeBodyBytes)
                return;
            admission.RequireLargeBody(exchange);
            admission = null;
        }
    }

    private static ApiException TooLarge(long limit) =>
        ApiException.TooLarge($"Request entity too large: limit is {limit}");
}
