// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client;
using Sealock.Pki.Paths;
using Sealock.Pki.Tls;

namespace Sealock.Hosting;

/// <summary>HTTPS to a server that is verified against given CAs and nothing else.</summary>
internal static class VerifiedHttp
{
    /// <summary>A client that follows no redirects and goes through no proxy.</summary>
    /// <param name="trust">The CAs.</param>
    /// <param name="host">The name that the server's certificate must have.</param>
    /// <param name="own">The client's own certificate; null for none.</param>
    /// <param name="clock">The clock.</param>
    public static HttpClient Create(TrustPool trust, string host, ServingCertificate? own, TimeProvider clock)
    {
        var verification = new PeerVerification(trust, host, clock);
        var tls = verification.ClientOptions(host, own);
        // Thrown, so that the reason is not lost.
        tls.RemoteCertificateValidationCallback = (_, presented, chain, _) => verification.VerifyServer(presented, chain) is { IsTrusted: false } verdict
            ? throw new UntrustedServerException(verdict.Reason) : true;
        return new HttpClient(new SocketsHttpHandler { SslOptions = tls, UseProxy = false, UseCookies = false, AllowAutoRedirect = false })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }
}
