// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sealock.Api.Objects;

namespace Sealock.Gateway.Pipeline;

/// <summary>Reads whole request bodies within a limit.</summary>
internal static class RequestBody
{
    /// <summary>The body; empty where there is none.</summary>
    /// <exception cref="ApiException">413: it is longer than <paramref name="limit"/> bytes.</exception>
    public static ValueTask<ReadOnlyMemory<byte>> ReadAsync(
        HttpContext http, long limit, CancellationToken cancellationToken)
    {
        // What follows a request to upgrade is no body, though Kestrel would read it as one.
        if (http.Request.Method is "GET" or "HEAD" ||
            http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } ||
            http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true })
            return ValueTask.FromResult(ReadOnlyMemory<byte>.Empty);
        if (http.Request.ContentLength is { } announced && announced > limit)
            throw TooLarge(limit);
        return ReadPipeAsync(http.Request.BodyReader, limit, cancellationToken);
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadPipeAsync(
        PipeReader reader, long limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (buffer.Length > limit)
            {
                reader.AdvanceTo(buffer.End);
                throw TooLarge(limit);
            }

            if (result.IsCompleted)
            {
                var body = buffer.ToArray();
                reader.AdvanceTo(buffer.End);
                return body;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static ApiException TooLarge(long limit) =>
        ApiException.TooLarge($"Request entity too large: limit is {limit}");
}
