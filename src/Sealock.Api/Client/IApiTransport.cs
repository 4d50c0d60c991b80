// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Client;

/// <summary>
/// Carries requests of the client to an API server: into this process, or over HTTPS to any kube-apiserver. Answers
/// are the same JSON either way, so everything above it is written once.
/// </summary>
public interface IApiTransport
{
    /// <summary>
    /// Sends a request. The answer's body is read while it arrives, so a watch works the same way. A failed answer
    /// (status 400 and above) is returned, not thrown; what could not be sent throws
    /// <see cref="HttpRequestException"/>.
    /// </summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="pathAndQuery">Absolute path with its query, percent-encoded.</param>
    /// <param name="body">JSON body; empty for none.</param>
    /// <param name="contentType">Media type of the body; null for none.</param>
    /// <param name="cancellationToken">Ends the request, also while the body is read.</param>
    Task<TransportResponse> SendAsync(
        string method,
        string pathAndQuery,
        ReadOnlyMemory<byte> body,
        string? contentType,
        CancellationToken cancellationToken);
}

/// <summary>An answer: status and body. Dispose it to end the request.</summary>
public sealed class TransportResponse(int statusCode, Stream body, IDisposable? owner = null) : IDisposable
{
    /// <summary>HTTP status code.</summary>
    public int StatusCode { get; } = statusCode;

    /// <summary>The body as it arrives.</summary>
    public Stream Body { get; } = body;

    /// <inheritdoc/>
    public void Dispose()
    {
        Body.Dispose();
        owner?.Dispose();
    }
}
