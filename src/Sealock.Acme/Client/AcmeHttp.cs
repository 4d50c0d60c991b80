// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Sealock.Pki.Paths;
using Sealock.Pki.Tls;

namespace Sealock.Acme.Client;

/// <summary>Connections to ACME servers and webhooks: HTTPS, verified against a given pool and nothing else; redirects are not followed.</summary>
public static class AcmeHttp
{
    internal const string NotTrusted = "its certificate is not trusted";

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    /// <summary>A handler for <see cref="HttpClient"/>; disposing it closes its connections.</summary>
    /// <param name="trust">Gives the CAs a server's certificate must lead to, at each handshake.</param>
    /// <param name="clock">The time at which certificates must be valid.</param>
    /// <param name="verify">False, INSECURE: every certificate is accepted. For whom the user has asked that of.</param>
    public static SocketsHttpHandler CreateHandler(Func<TrustPool> trust, TimeProvider clock, bool verify = true) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        MaxConnectionsPerServer = 32,
        MaxResponseHeadersLength = 64,
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context, trust, clock, verify, cancellationToken),
    };

    private static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, Func<TrustPool> trust, TimeProvider clock, bool verify, CancellationToken cancellationToken)
    {
        // Taken as it is and not wrapped again where the URL is https; for http it would be sent in the clear.
        if (context.InitialRequestMessage.RequestUri?.Scheme != Uri.UriSchemeHttps)
            throw new HttpRequestException("only HTTPS is spoken here");
        var host = context.DnsEndPoint.Host;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? tls = null;
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
            var verification = new PeerVerification(trust, host.Trim('[', ']'), clock);
            string? refusal = null;
            var options = verification.ClientOptions(host);
            options.RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
            {
                var verdict = verification.VerifyServer(certificate, chain);
                refusal = verdict.Reason;
                return verdict.IsTrusted || !verify;
            };
            try
            {
                await tls.AuthenticateAsClientAsync(options, cancellationToken);
            }
            catch (AuthenticationException) when (refusal is not null)
            {
                throw new AuthenticationException($"{NotTrusted}: {refusal}");
            }

            return tls;
        }
        catch
        {
            if (tls is not null)
                await tls.DisposeAsync();
            socket.Dispose();
            throw;
        }
    }
}
