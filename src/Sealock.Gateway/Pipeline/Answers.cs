// SPDX-License-Identifier: Apache-2.0
using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Sealock.Api.Objects;
using Sealock.Api.Serving;

namespace Sealock.Gateway.Pipeline;

/// <summary>Writes answers to HTTP.</summary>
internal static class Answers
{
    // kube-apiserver's threshold: below it, compressing costs more than it saves.
    private const int CompressFrom = 128 * 1024;

    /// <summary>Media type of plain text.</summary>
    public const string PlainText = "text/plain; charset=utf-8";

    /// <summary>Headers that every answer carries.</summary>
    public static void SetCommonHeaders(HttpResponse response, string auditId)
    {
        var headers = response.Headers;
        headers.CacheControl = "no-cache, private";
        headers.StrictTransportSecurity = "max-age=31536000";
        headers.XContentTypeOptions = "nosniff";
        headers["Audit-Id"] = auditId;
    }

    /// <summary>Writes an answer of the API.</summary>
    public static ValueTask WriteAsync(
        HttpContext http, ApiResponse answer, bool longRunning, CancellationToken cancellationToken)
    {
        var response = http.Response;
        response.StatusCode = answer.StatusCode;
        if (answer.ETag is { } tag)
        {
            response.Headers.ETag = tag;
            if (Matches(http.Request, tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return ValueTask.CompletedTask;
            }
        }

        response.ContentType = answer.ContentType;
        foreach (var warning in WarningHeader.Values(answer.Warnings))
            response.Headers.Append(WarningHeader.Name, warning);
        if (answer.ContentEncoding is { } coding)
        {
            response.Headers.ContentEncoding = coding;
            response.Headers.Append("Vary", "Accept-Encoding");
        }

        if (longRunning)
            return WriteLiveAsync(http, answer, cancellationToken);
        if (answer.ContentEncoding is null && answer.ContentLength >= CompressFrom && AcceptsGzip(http.Request))
            return WriteCompressedAsync(response, answer, cancellationToken);
        response.ContentLength = answer.ContentLength;
        return answer.WriteAsync(response.BodyWriter, cancellationToken);
    }

    /// <summary>Writes text.</summary>
    public static async ValueTask WriteTextAsync(
        HttpContext http, int status, string type, ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        http.Response.ContentLength = text.Length;
        await http.Response.BodyWriter.WriteAsync(text, cancellationToken);
    }

    /// <summary>Writes an error as <c>metav1.Status</c>.</summary>
    public static ValueTask WriteErrorAsync(HttpContext http, QueryParameters query, ApiException error)
    {
        var headers = http.Request.Headers;
        var (body, type) = ErrorAnswers.Write(error, headers.Accept.ToString(), query, headers.UserAgent.ToString());
        if (error.Details is { RetryAfterSeconds: > 0 and var seconds })
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return WriteTextAsync(http, error.Code, type, body, http.RequestAborted);
    }

    /// <summary>
    /// A watch: headers go out before the first event, and a client that reads slowly is not hurried.
    /// </summary>
    private static async ValueTask WriteLiveAsync(
        HttpContext http, ApiResponse answer, CancellationToken cancellationToken)
    {
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        await http.Response.BodyWriter.FlushAsync(cancellationToken);
        await answer.WriteAsync(http.Response.BodyWriter, cancellationToken);
    }

    private static async ValueTask WriteCompressedAsync(
        HttpResponse response, ApiResponse answer, CancellationToken cancellationToken)
    {
        response.Headers.ContentEncoding = "gzip";
        response.Headers.Append("Vary", "Accept-Encoding");
        await using var gzip = new GZipStream(response.BodyWriter.AsStream(leaveOpen: true), CompressionLevel.Fastest);
        var options = new StreamPipeWriterOptions(minimumBufferSize: 32 * 1024, leaveOpen: true);
        var writer = PipeWriter.Create(gzip, options);
        await answer.WriteAsync(writer, cancellationToken);
        await writer.CompleteAsync();
    }

    private static bool AcceptsGzip(HttpRequest request)
    {
        var codings = request.Headers.AcceptEncoding.ToString().AsSpan();
        foreach (var range in codings.Split(','))
        {
            if (codings[range].Trim().Equals("gzip", StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static bool Matches(HttpRequest request, string tag)
    {
        var asked = request.Headers.IfNoneMatch;
        if (asked.Count == 0 || request.Method is not ("GET" or "HEAD"))
            return false;
        foreach (var candidate in asked.ToString().Split(',', StringSplitOptions.TrimEntries))
        {
            var opaque = candidate.StartsWith("W/", StringComparison.Ordinal) ? candidate[2..] : candidate;
            if (opaque == "*" || opaque == tag)
                return true;
        }

        return false;
    }
}
