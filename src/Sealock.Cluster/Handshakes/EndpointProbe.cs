// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Handshakes;

/// <summary>Asks an endpoint by one handshake which certificate it serves.</summary>
public static class EndpointProbe
{
    private const int MaxCertificates = 20;

    /// <summary>
    /// Connects, makes a handshake that trusts anyone, and closes. Failures of the endpoint or the network are values;
    /// only cancellation throws.
    /// </summary>
    public static async Task<EndpointAnswer> FetchAsync(
        EndpointQuestion question, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(question.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var chain = new List<Certificate>();
        var requested = false;
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = question.ServerName ?? question.Host,
            ApplicationProtocols = [.. question.ApplicationProtocols.Select(protocol => new SslApplicationProtocol(protocol))],
            CertificateChainPolicy = PeerVerification.OfflinePolicy(),
            AllowTlsResume = false,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, certificate, platformChain, _) =>
            {
                Collect(chain, certificate, platformChain);
                return true;
            },
        };
        if (question.ClientCertificate is { } own)
        {
            options.ClientCertificateContext = own.Context;
        }
        else
        {
            options.LocalCertificateSelectionCallback = (_, _, _, remote, _) =>
            {
                // It is asked once before anything is sent, too; then there is no server's certificate yet.
                requested |= remote is not null;
                return null!;
            };
        }

        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(question.Host, question.Port, either.Token);
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsClientAsync(options, either.Token);
            return new()
            {
                Chain = chain,
                Version = tls.SslProtocol == SslProtocols.Tls13 ? "TLS 1.3" : "TLS 1.2",
                CipherSuite = tls.NegotiatedCipherSuite.ToString(),
                ApplicationProtocol = tls.NegotiatedApplicationProtocol.Protocol.IsEmpty ? null : tls.NegotiatedApplicationProtocol.ToString(),
                ClientCertificateRequested = requested || tls.IsMutuallyAuthenticated,
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new() { Chain = chain, Failure = $"no answer within {question.Timeout.TotalSeconds:0.#} s", ClientCertificateRequested = requested };
        }
        catch (Exception fault) when (fault is IOException or SocketException or AuthenticationException or PkiFormatException)
        {
            return new() { Chain = chain, Failure = fault.GetBaseException().Message, ClientCertificateRequested = requested };
        }
    }

    private static void Collect(List<Certificate> chain, X509Certificate? leaf, X509Chain? platformChain)
    {
        if (leaf is null)
            return;
        chain.Clear();
        chain.Add(Certificate.Parse(leaf.GetRawCertData()));
        foreach (var extra in (platformChain?.ChainPolicy.ExtraStore ?? []).Take(MaxCertificates))
        {
            var certificate = Certificate.Parse(extra.RawDataMemory);
            if (!chain.Contains(certificate))
                chain.Add(certificate);
        }
    }
}
