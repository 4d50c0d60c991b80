// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Certificates;

namespace Sealock.EndToEnd.Rotation;

/// <summary>What a client comes with: a token, or a certificate.</summary>
/// <param name="Generation">How often it was replaced.</param>
/// <param name="Token">The token; empty: a certificate.</param>
/// <param name="Certificate">The certificate with its key.</param>
internal sealed record FleetIdentity(int Generation, string Token, X509Certificate2? Certificate);

/// <summary>How clients reach the server.</summary>
/// <param name="Host">The name that they ask for.</param>
/// <param name="Port">The port, of 127.0.0.1.</param>
/// <param name="Trusted">The CA of the serving certificate.</param>
internal sealed record FleetTarget(string Host, int Port, Certificate Trusted)
{
    /// <summary>A client with connections of its own.</summary>
    /// <param name="identity">What it comes with.</param>
    /// <param name="version">HTTP/1.1 or HTTP/2.</param>
    /// <param name="opened">Called for each connection that it opens.</param>
    /// <param name="shown">Called with the serving certificate of each handshake.</param>
    public HttpClient Client(FleetIdentity identity, Version version, Action opened, Action<X509Certificate2>? shown = null)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = Tls(identity.Certificate, shown),
            ConnectCallback = async (_, cancellationToken) =>
            {
                opened();
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri($"https://{Host}:{Port}"),
            DefaultRequestVersion = version,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(60),
        };
        if (identity.Token.Length > 0)
            client.DefaultRequestHeaders.Authorization = new("Bearer", identity.Token);
        return client;
    }

    /// <summary>The serving certificate that a handshake of its own is shown.</summary>
    public async Task<string> ShownAsync()
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, Port);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = Host, AllowTlsResume = false });
        return ((X509Certificate2)tls.RemoteCertificate!).Thumbprint;
    }

    private SslClientAuthenticationOptions Tls(X509Certificate2? own, Action<X509Certificate2>? shown) => new()
    {
        TargetHost = Host,
        ClientCertificates = own is null ? null : [own],
        LocalCertificateSelectionCallback = own is null ? null : (_, _, _, _, _) => own,
        RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
        {
            if (certificate is X509Certificate2 leaf)
                shown?.Invoke(leaf);
            return errors == SslPolicyErrors.None;
        },
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { X509CertificateLoader.LoadCertificate(Trusted.Der.Span) },
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        },
    };
}
