// SPDX-License-Identifier: Apache-2.0
using System.IO.Pipelines;
using System.Text.Json.Nodes;
using Sealock.Api.Security;

namespace Sealock.Api.Serving;

/// <summary>
/// A request to the API after authentication, however it came in: over HTTP, or from a controller in this process.
/// </summary>
public sealed class ApiRequest
{
    /// <summary>What it is about.</summary>
    public required RequestInfo Info { get; init; }

    /// <summary>Who asks, after impersonation.</summary>
    public required UserInfo User { get; init; }

    /// <summary>Query parameters.</summary>
    public QueryParameters Query { get; init; } = QueryParameters.Empty;

    /// <summary>The <c>Accept</c> header, or empty.</summary>
    public string Accept { get; init; } = "";

    /// <summary>Path and query as they were sent; empty where nobody asks for them.</summary>
    public string RequestUri { get; init; } = "";

    /// <summary>The <c>Content-Type</c> header, or empty.</summary>
    public string ContentType { get; init; } = "";

    /// <summary>The <c>User-Agent</c> header, or empty.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>The <c>Accept-Encoding</c> header, or empty.</summary>
    public string AcceptEncoding { get; init; } = "";

    /// <summary>The <c>If-None-Match</c> header, or empty.</summary>
    public string IfNoneMatch { get; init; } = "";

    /// <summary>The whole body, read within the limit of 3 MiB.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>
    /// Told the object in the body once it is decoded, before anything is changed in it. It must not keep or change it.
    /// Not told of patches, which are no objects.
    /// </summary>
    public Action<JsonObject>? OnDecoded { get; set; }
}

/// <summary>Answers requests; expected failures are thrown as <see cref="Objects.ApiException"/>.</summary>
public delegate ValueTask<ApiResponse> ApiHandler(ApiRequest request, CancellationToken cancellationToken);

/// <summary>An answer. It is written once.</summary>
public abstract class ApiResponse
{
    /// <summary>HTTP status code.</summary>
    public int StatusCode { get; init; } = 200;

    /// <summary>Media type.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>The <c>Content-Encoding</c> of the body; null where it is not encoded.</summary>
    public string? ContentEncoding { get; init; }

    /// <summary>Entity tag with its quotes, or null.</summary>
    public string? ETag { get; init; }

    /// <summary>Texts for <c>Warning: 299 - "…"</c> headers.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Length of the body in bytes where it is known beforehand.</summary>
    public abstract long? ContentLength { get; }

    /// <summary>Writes the body; a watch writes, and flushes, until it ends.</summary>
    public abstract ValueTask WriteAsync(PipeWriter output, CancellationToken cancellationToken);
}

/// <summary>An answer whose body is in memory.</summary>
public sealed class BytesResponse(ReadOnlyMemory<byte> body) : ApiResponse
{
    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Body { get; } = body;

    /// <inheritdoc/>
    public override long? ContentLength => Body.Length;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(PipeWriter output, CancellationToken cancellationToken) =>
        await output.WriteAsync(Body, cancellationToken);
}
