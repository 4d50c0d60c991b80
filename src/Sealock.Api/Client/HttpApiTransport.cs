// SPDX-License-Identifier: Apache-2.0
using System.Net.Http.Headers;

namespace Sealock.Api.Client;

/// <summary>Reaches an API server over HTTP.</summary>
/// <param name="http">Sends the requests; its handler decides on TLS. Not disposed.</param>
/// <param name="baseAddress">The server, such as <c>https://127.0.0.1:6443</c>; a path prefix is kept.</param>
/// <param name="token">Gives the bearer token of each request; null for none.</param>
public sealed class HttpApiTransport(
    HttpMessageInvoker http, Uri baseAddress, Func<CancellationToken, ValueTask<string?>>? token = null) : IApiTransport
{
    private static readonly ProductInfoHeaderValue Product = new("sealock", "0.1");

    private readonly string root = baseAddress.GetLeftPart(UriPartial.Path).TrimEnd('/');

    /// <inheritdoc/>
    public async Task<TransportResponse> SendAsync(
        string method,
        string pathAndQuery,
        ReadOnlyMemory<byte> body,
        string? contentType,
        CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), root + pathAndQuery);
        request.Headers.UserAgent.Add(Product);
        request.Headers.Accept.ParseAdd("application/json");
        if (contentType is not null)
        {
            request.Content = new ReadOnlyMemoryContent(body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        if (token is not null && await token(cancellationToken) is { } bearer)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        var response = http is HttpClient client
            ? await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            : await http.SendAsync(request, cancellationToken);
        try
        {
            var content = await response.Content.ReadAsStreamAsync(cancellationToken);
            return new TransportResponse((int)response.StatusCode, content, response);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
