// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Sealock.Controllers.Acme.Solvers;

/// <summary>
/// Looks at an HTTP-01 answer as a CA does: over plain HTTP on port 80, redirects followed. What is seen from here need not be
/// what the CA sees (<c>waitInsteadOfSelfCheck</c> leaves the look out).
/// </summary>
internal sealed class PlainProbe : IDisposable
{
    private const int LongestBody = 1024;
    private const int MostRedirects = 5;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    public PlainProbe(TimeProvider time)
    {
        _time = time;
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseCookies = false,
            UseProxy = false,
            AllowAutoRedirect = true,
            MaxAutomaticRedirections = MostRedirects,
            PooledConnectionLifetime = TimeSpan.Zero,
            MaxResponseHeadersLength = 16,
#pragma warning disable CA5359 // Where a redirect leads to HTTPS, CAs look at no certificate either: nothing secret is read or sent.
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
        });
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("sealock", null));
    }

    /// <summary>Null where the answer is seen; else what was seen instead, in one line.</summary>
    public async ValueTask<string?> MissingAsync(string host, string path, string expected, CancellationToken cancellationToken)
    {
        var authority = IPAddress.TryParse(host, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            ? $"[{host}]" : host;
        var url = $"http://{authority}{path}";
        using var limit = new CancellationTokenSource(Limit, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var answer = await _http.GetAsync(new Uri(url), HttpCompletionOption.ResponseHeadersRead, stop.Token);
            if (answer.StatusCode != HttpStatusCode.OK)
                return $"wrong status code '{(int)answer.StatusCode}', expected '200' (GET {url})";
            using var stream = await answer.Content.ReadAsStreamAsync(stop.Token);
            var body = new byte[LongestBody];
            var length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, stop.Token);
            return Encoding.UTF8.GetString(body, 0, length).Trim() == expected ? null : $"something else answers at {url}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no answer within {Limit.TotalSeconds:0} s (GET {url})";
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            return $"failed to perform self check GET request '{url}': {fault.InnerException?.Message ?? fault.Message}";
        }
    }

    public void Dispose() => _http.Dispose();
}
