// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Sealock.Cluster.Handshakes;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;
using Sealock.Pki.Rotation;
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Rotating;

/// <summary>
/// Asks endpoints what they serve and whom they trust: by a plain handshake, and by requests with short-lived client
/// certificates of the old and of the new CA, which name nobody who may do anything.
/// </summary>
public sealed class EndpointWitness : IDisposable
{
    private const int AtATime = 64;
    private const string ProbeName = "sealock-rotation-probe";
    private static readonly TimeSpan ProbeLifetime = TimeSpan.FromHours(1);

    private readonly AuthorityRotation _rotation;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _timeout;
    private readonly TrustPool _old;
    private readonly TrustPool _new;
    private readonly ServingCertificate? _oldClient;
    private readonly ServingCertificate? _newClient;

    /// <summary>Makes the client certificates, as far as keys are at hand and CAs have not expired.</summary>
    public EndpointWitness(AuthorityRotation rotation, ISigner? oldSigner, ISigner? newSigner, TimeProvider clock, TimeSpan timeout)
    {
        (_rotation, _clock, _timeout) = (rotation, clock, timeout);
        (_old, _new) = (new(rotation.Old.Trusted), new(rotation.New.Trusted));
        // Where the root stays, everybody goes on trusting the old intermediate's certificates, and that proves nothing.
        _oldClient = rotation.KeepsRoot ? null : Client(rotation.Old, oldSigner, clock.GetUtcNow());
        _newClient = Client(rotation.New, newSigner, clock.GetUtcNow());
    }

    /// <summary>Asks endpoints, several at a time. What goes wrong there is a value.</summary>
    public async Task<IReadOnlyList<EndpointFacts>> AskAsync(IReadOnlyList<ClusterEndpoint> endpoints, CancellationToken cancellationToken)
    {
        var answers = new EndpointFacts[endpoints.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, endpoints.Count),
            new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken },
            async (i, token) => answers[i] = await AskAsync(endpoints[i], token));
        return answers;
    }

    /// <summary>Asks one endpoint. What goes wrong there is a value.</summary>
    public async Task<EndpointFacts> AskAsync(ClusterEndpoint endpoint, CancellationToken cancellationToken)
    {
        var answer = await EndpointProbe.FetchAsync(
            new() { Host = endpoint.Host, Port = endpoint.Port, Timeout = _timeout, ClientCertificate = _newClient }, _clock, cancellationToken);
        if (answer.Leaf is not { } leaf)
            return new() { Endpoint = endpoint, Failure = answer.Failure ?? "it showed no certificate" };
        var facts = new EndpointFacts
        {
            Endpoint = endpoint,
            Leaf = leaf,
            ChainsToOld = Trusts(_old, answer),
            ChainsToNew = Trusts(_new, answer),
            SignedByOld = _rotation.Old.HasSigned(leaf),
            SignedByNew = _rotation.New.HasSigned(leaf),
        };
        if (!answer.ClientCertificateRequested)
            return facts;
        return facts with
        {
            OldClient = await AcceptsAsync(endpoint, _oldClient, cancellationToken),
            NewClient = await AcceptsAsync(endpoint, _newClient, cancellationToken),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _oldClient?.Dispose();
        _newClient?.Dispose();
    }

    private bool Trusts(TrustPool pool, EndpointAnswer answer) => ChainVerifier.Verify(
        answer.Chain[0], [.. answer.Chain.Skip(1)], pool,
        new() { At = _clock.GetUtcNow(), Purposes = [KeyPurposes.ServerAuth] }).IsTrusted;

    private static ServingCertificate? Client(AuthorityRoles roles, ISigner? signer, DateTimeOffset now)
    {
        if (signer is null)
            return null;
        using var key = KeyPair.Generate();
        var issued = new CertificateAuthority(roles.Signing, signer).Issue(
            new()
            {
                Subject = DistinguishedName.Create(ProbeName),
                PublicKey = key.PublicKey,
                Profile = CertificateProfile.Client,
                Lifetime = ProbeLifetime,
            },
            now);
        return issued.IsIssued ? ServingCertificate.Create(roles.ChainOf(issued.Certificate), key) : null;
    }

    /// <summary>With TLS 1.3 a server refuses a client only after the handshake, so a request has to be answered.</summary>
    private async Task<ClientAcceptance> AcceptsAsync(ClusterEndpoint endpoint, ServingCertificate? client, CancellationToken cancellationToken)
    {
        if (client is null)
            return ClientAcceptance.NotAsked;
        using var limit = new CancellationTokenSource(_timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var connected = false;
        try
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(endpoint.Host, endpoint.Port, either.Token);
            connected = true;
            await using var tls = new SslStream(tcp.GetStream());
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = endpoint.Host,
                    ClientCertificateContext = client.Context,
                    CertificateChainPolicy = PeerVerification.OfflinePolicy(),
                    AllowTlsResume = false,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ApplicationProtocols = [SslApplicationProtocol.Http11],
#pragma warning disable CA5359 // Nothing secret is sent, and who serves there has been judged before.
                    RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
                },
                either.Token);
            var request = $"GET /version HTTP/1.1\r\nHost: {endpoint.Address}\r\nConnection: close\r\n\r\n";
            await tls.WriteAsync(Encoding.ASCII.GetBytes(request), either.Token);
            var head = new byte[12]; // "HTTP/1.1 200"
            await tls.ReadExactlyAsync(head, either.Token);
            return Encoding.ASCII.GetString(head[9..]) is "400" or "401" or "495" or "496" ? ClientAcceptance.Refused : ClientAcceptance.Accepted;
        }
        catch (Exception fault) when (fault is IOException or SocketException or AuthenticationException)
        {
            return connected ? ClientAcceptance.Refused : ClientAcceptance.NotAsked;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ClientAcceptance.NotAsked;
        }
    }
}
