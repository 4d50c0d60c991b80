// SPDX-License-Identifier: Apache-2.0
using Microsoft.AspNetCore.Http;

namespace Sealock.EndToEnd.Support;

/// <summary>An HTTPS server in front of an ACME server, which turns requests away as a test says, or does something before they pass.</summary>
internal sealed class BusyProxy : IAsyncDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        SslOptions = new() { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    });

    private HttpsServer? _server;

    /// <summary>The CA that its certificate is from, in PEM.</summary>
    public string Ca => _server!.Ca;

    /// <summary>Its URL.</summary>
    public string Url => _server!.Url;

    /// <summary>The Retry-After that a request to a path is turned away with (429); null lets it pass.</summary>
    public Func<string, string?> RetryAfter { get; set; } = _ => null;

    /// <summary>Done before a request to a path passes.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Requests by path and when they came, also those that were turned away.</summary>
    public List<(string Path, DateTimeOffset At)> Requests { get; } = [];

    public static async Task<BusyProxy> StartAsync(string target)
    {
        var proxy = new BusyProxy();
        proxy._server = await HttpsServer.StartAsync(context => proxy.AnswerAsync(context, target));
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _http.Dispose();
    }

    private async Task AnswerAsync(HttpContext context, string target)
    {
        var path = context.Request.Path.Value ?? "";
        string? refusal;
        lock (Requests)
        {
            Requests.Add((path, TimeProvider.System.GetUtcNow()));
            refusal = RetryAfter(path);
        }

        if (refusal is not null)
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = refusal;
            context.Response.ContentType = "application/problem+json";
            if (!HttpMethods.IsHead(context.Request.Method))
                await context.Response.WriteAsync("""{"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many new orders"}""");
            return;
        }

        await Before(path);
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(target + path));
        // The URLs in its answers, and those that are signed, are then this proxy's.
        request.Headers.Host = context.Request.Host.Value;
        request.Headers.TryAddWithoutValidation("User-Agent", "proxy");
        if (context.Request.ContentType is { } type)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            request.Content = new ByteArrayContent(body.ToArray());
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        using var answer = await _http.SendAsync(request);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var header in answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key is not ("Transfer-Encoding" or "Content-Length")))
            context.Response.Headers[header.Key] = header.Value.ToArray();
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        if (bytes.Length > 0)
            await context.Response.Body.WriteAsync(bytes);
    }
}
