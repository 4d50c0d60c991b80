// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Sealock.Gateway.Authentication;

namespace Sealock.Gateway.Listener;

/// <summary>
/// What is known of one TLS connection: the client's certificate as it was presented, and whom it was last found to
/// stand for. A feature of the connection, seen by all of its requests.
/// </summary>
internal sealed class ClientConnection
{
    private const int MaxIntermediates = 20;

    private volatile CertificateVerdict? _verdict;

    /// <summary>The client's certificate, DER; empty where none was presented.</summary>
    public ReadOnlyMemory<byte> Certificate { get; private set; }

    /// <summary>Certificates that were sent with it, DER.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Chain { get; private set; } = [];

    /// <summary>What the authenticator last found, remembered here for the next request.</summary>
    public CertificateVerdict? Verdict
    {
        get => _verdict;
        set => _verdict = value;
    }

    /// <summary>
    /// SslStream's question during the handshake. Every certificate passes, as with kube-apiserver: one that does not
    /// verify is answered 401, which tells the user more than a broken handshake.
    /// </summary>
    public bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            return true;
        Certificate = certificate.GetRawCertData();
        foreach (var extra in (chain?.ChainPolicy.ExtraStore ?? []).Take(MaxIntermediates))
            Chain = Chain.Add(extra.RawData);
        return true;
    }
}
