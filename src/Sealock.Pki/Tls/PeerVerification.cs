// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Certificates;
using Sealock.Pki.Paths;

namespace Sealock.Pki.Tls;

/// <summary>
/// Verifies the other side of a TLS connection against a pool and nothing else: as a callback for clients, and as a
/// decision for servers that ask for client certificates.
/// </summary>
/// <param name="pool">Gives the pool at each handshake, so that it can be swapped.</param>
/// <param name="hostName">The DNS name or IP address a server must have; null to accept any.</param>
/// <param name="clock">The time at which certificates must be valid.</param>
public sealed class PeerVerification(Func<TrustPool> pool, string? hostName, TimeProvider clock)
{
    private const int MaxIntermediates = 20;

    /// <summary>Verifies against one pool that stays.</summary>
    public PeerVerification(TrustPool pool, string? hostName, TimeProvider clock)
        : this(() => pool, hostName, clock)
    {
    }

    /// <summary>Verifies the server's certificate; fits <see cref="RemoteCertificateValidationCallback"/>.</summary>
    public bool AcceptServer(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        VerifyServer(certificate, chain).IsTrusted;

    /// <summary>
    /// Client options that verify with this pool. The platform's own verification is kept from fetching anything.
    /// </summary>
    public SslClientAuthenticationOptions ClientOptions(string targetHost, ServingCertificate? own = null) => new()
    {
        TargetHost = targetHost,
        RemoteCertificateValidationCallback = AcceptServer,
        CertificateChainPolicy = OfflinePolicy(),
        ClientCertificateContext = own?.Context,
        EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13,
    };

    /// <summary>Verifies the certificate a server presented: purpose server auth, and the host name.</summary>
    public ChainVerdict VerifyServer(X509Certificate? certificate, X509Chain? chain) =>
        Verify(certificate, chain, KeyPurposes.ServerAuth, hostName);

    /// <summary>Verifies the certificate a client presented: purpose client auth.</summary>
    public ChainVerdict VerifyClient(X509Certificate? certificate, X509Chain? chain) =>
        Verify(certificate, chain, KeyPurposes.ClientAuth, null);

    /// <summary>Verifies a client's chain that is parsed already, leaf first.</summary>
    public ChainVerdict VerifyClient(IReadOnlyList<Certificate> presented) =>
        presented.Count == 0
            ? ChainVerdict.Refused(ChainFailure.NoCertificate, "no certificate was presented")
            : ChainVerifier.Verify(presented[0], [.. presented.Skip(1).Take(MaxIntermediates)], pool(), new()
            {
                At = clock.GetUtcNow(),
                Purposes = [KeyPurposes.ClientAuth],
            });

    /// <summary>
    /// A fresh policy for one handshake under which the platform fetches and trusts nothing: without it a server would
    /// call the URL in a stranger's certificate. Handshakes add to it, so it must not be shared.
    /// </summary>
    public static X509ChainPolicy OfflinePolicy() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
        VerificationFlags = X509VerificationFlags.AllFlags,
    };

    private ChainVerdict Verify(X509Certificate? certificate, X509Chain? chain, string purpose, string? host)
    {
        if (certificate is null)
            return ChainVerdict.Refused(ChainFailure.NoCertificate, "no certificate was presented");
        try
        {
            var leaf = Certificate.Parse(certificate.GetRawCertData());
            var intermediates = new List<Certificate>();
            foreach (var extra in (chain?.ChainPolicy.ExtraStore ?? []).Take(MaxIntermediates))
                intermediates.Add(Certificate.Parse(extra.RawDataMemory));
            return ChainVerifier.Verify(leaf, intermediates, pool(), new()
            {
                At = clock.GetUtcNow(),
                Purposes = [purpose],
                HostName = host,
            });
        }
        catch (PkiFormatException e)
        {
            return ChainVerdict.Refused(ChainFailure.Malformed, e.Message);
        }
    }
}
