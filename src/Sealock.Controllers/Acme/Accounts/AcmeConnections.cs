// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Text;
using Sealock.Acme.Client;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Paths;

namespace Sealock.Controllers.Acme.Accounts;

/// <summary>
/// Clients of ACME servers, one for each server and way of trusting it, so that issuers share connections and nonces. They wait
/// for nothing: whoever is told to come back later does so through a loop.
/// </summary>
internal sealed class AcmeConnections(AcmeOptions options, AcmeMetrics metrics, TimeProvider time, Func<HttpMessageHandler>? handler = null) : IDisposable
{
    private const int Most = 1000;

    private readonly ConcurrentDictionary<(string Server, Print Trust, bool Verify), (AcmeClient Client, HttpClient Http)> _open = [];

    /// <summary>The client for an issuer's server; null, with the problem, where its settings cannot be used.</summary>
    public AcmeClient? Find(AcmeIssuerView issuer, out string problem)
    {
        problem = "";
        var key = (issuer.Server, issuer.CaBundle.Length == 0 ? default : Print.Of(issuer.CaBundle), !issuer.SkipTlsVerify);
        if (_open.TryGetValue(key, out var open))
            return open.Client;
        if (!Uri.TryCreate(issuer.Server, UriKind.Absolute, out var server) || server.Scheme != Uri.UriSchemeHttps)
        {
            problem = $"spec.acme.server is not the HTTPS URL of an ACME directory: {issuer.Server}";
            return null;
        }

        try
        {
            var trust = issuer.CaBundle.Length == 0 ? options.Trust : Fixed(TrustPool.FromPem(Encoding.UTF8.GetString(issuer.CaBundle)));
#pragma warning disable CA2000 // Disposed with the client, which is kept, or below.
            var http = new HttpClient(new CountingHandler(
                metrics, time, handler?.Invoke() ?? AcmeHttp.CreateHandler(trust, time, !issuer.SkipTlsVerify)))
            {
                Timeout = Timeout.InfiniteTimeSpan,
            };
#pragma warning restore CA2000
            open = (new AcmeClient(server, http, time, new AcmeClientOptions { WaitBudget = TimeSpan.Zero }), http);
        }
        catch (PkiFormatException fault)
        {
            problem = $"spec.acme.caBundle cannot be read: {fault.Message}";
            return null;
        }

        var kept = _open.GetOrAdd(key, open);
        if (kept.Http != open.Http)
            open.Http.Dispose();
        else if (_open.Count > Most && _open.Keys.FirstOrDefault(other => other != key) is { Server: not null } old)
            // Not disposed: somebody may be using it.
            _open.TryRemove(old, out _);
        return kept.Client;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var open in _open.Values)
            open.Http.Dispose();
    }

    private static Func<TrustPool> Fixed(TrustPool pool) => () => pool;

    private sealed class CountingHandler(AcmeMetrics metrics, TimeProvider time, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var begin = time.GetTimestamp();
            var status = 999;
            try
            {
                var response = await base.SendAsync(request, cancellationToken);
                status = (int)response.StatusCode;
                return response;
            }
            finally
            {
                metrics.Request(request, status, time.GetElapsedTime(begin));
            }
        }
    }
}
