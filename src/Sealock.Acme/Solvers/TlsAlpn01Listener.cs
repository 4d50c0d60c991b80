// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Sealock.Acme.Challenges;
using Sealock.Acme.Messages;
using Sealock.Pki.Tls;

namespace Sealock.Acme.Solvers;

/// <summary>Answers TLS-ALPN-01 challenges (RFC 8737): handshakes for <c>acme-tls/1</c> and nothing else.</summary>
public sealed class TlsAlpn01Listener : IChallengeSolver, IAsyncDisposable
{
    private static readonly SslApplicationProtocol Protocol = new(TlsAlpn01Answer.Protocol);

    // A certificate that a handshake may be using is disposed with the listener, not when its answer is removed.
    private readonly ConcurrentDictionary<string, ServingCertificate> _answers = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentBag<ServingCertificate> _made = [];
    private readonly SolverListener _listener;
    private readonly TimeProvider _clock;

    private TlsAlpn01Listener(IPEndPoint address, TimeProvider clock)
    {
        _clock = clock;
        _listener = SolverListener.Start(address, ServeAsync, clock);
    }

    /// <inheritdoc/>
    public string Type => ChallengeTypes.TlsAlpn01;

    /// <summary>Where it listens. CAs come to port 443 only: another must be forwarded from there, without ending TLS.</summary>
    public IPEndPoint Address => _listener.Address;

    /// <summary>Begins to listen.</summary>
    /// <param name="address">Where; <see cref="IPAddress.IPv6Any"/> for every address of the machine. Port 0 for a free one.</param>
    /// <param name="clock">The time that certificates are made for.</param>
    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public static TlsAlpn01Listener Start(IPEndPoint address, TimeProvider clock) => new(address, clock);

    /// <inheritdoc/>
    public Task<string?> PresentAsync(ChallengeTask task, CancellationToken cancellationToken)
    {
        var answer = TlsAlpn01Answer.Create(task.Key, task.Authorization.Identifier, task.Challenge);
        var certificate = answer.CreateCertificate(_clock.GetUtcNow());
        _made.Add(certificate);
        _answers[answer.ServerName] = certificate;
        return Task.FromResult<string?>(null);
    }

    /// <inheritdoc/>
    public Task<string?> CleanUpAsync(ChallengeTask task, CancellationToken cancellationToken)
    {
        _answers.TryRemove(TlsAlpn01Answer.Create(task.Key, task.Authorization.Identifier, task.Challenge).ServerName, out _);
        return Task.FromResult<string?>(null);
    }

    /// <summary>Stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        foreach (var certificate in _made)
            certificate.Dispose();
    }

    private async Task ServeAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
        await tls.AuthenticateAsServerAsync(
            (_, hello, _, _) => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = _answers.TryGetValue(hello.ServerName.TrimEnd('.'), out var certificate)
                    ? certificate.Context
                    : throw new AuthenticationException("no challenge for that name"),
                ApplicationProtocols = [Protocol],
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateRevocationCheckMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
            }),
            state: null, cancellationToken);
        // The handshake says all; the validating server closes. A client without ALPN has nothing to look for here.
        if (tls.NegotiatedApplicationProtocol == Protocol)
            _ = await tls.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, cancellationToken);
    }
}
