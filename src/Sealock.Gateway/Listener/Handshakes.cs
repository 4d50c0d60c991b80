// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Sealock.Gateway.Addresses;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Metrics;
using Sealock.Pki.Tls;

namespace Sealock.Gateway.Listener;

/// <summary>
/// Chooses the options of each handshake from the current snapshot, and bounds how many handshakes run at a time, so
/// that a storm of new connections leaves processor time to requests on open ones. Addresses take turns.
/// </summary>
internal sealed class Handshakes : IDisposable
{
    // A handshake that takes longer waits for its client and not for the processor: stalled ones hold no slot.
    private static readonly TimeSpan SlotLifetime = TimeSpan.FromMilliseconds(250);

    private static readonly TlsCipherSuite[] Tls13Suites =
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_AES_128_GCM_SHA256,
    ];

    private static readonly TlsCipherSuite[] GoodTls12Suites =
    [
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ];

    /// <summary>What an ACME server offers that validates by TLS-ALPN-01 (RFC 8737 section 3).</summary>
    private const string AcmeProtocol = "acme-tls/1";

    private readonly ServingSource _serving;
    private readonly Func<string, ServingCertificate?> _challenges;
    private readonly HandshakeMetrics _metrics;
    private readonly bool _tls12Allowed;
    private readonly CipherSuitesPolicy _tls12Suites;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _patience;
    private readonly FairSlots<AddressKey> _slots;
    private readonly HandshakeThreads _threads = new();

    /// <summary>Creates it with what the options say about TLS.</summary>
    public Handshakes(ServingSource serving, HandshakeMetrics metrics, GatewayOptions options)
    {
        _serving = serving;
        _challenges = options.ChallengeCertificate;
        _metrics = metrics;
        _clock = options.Clock;
        _tls12Allowed = options.MinimumTls != SslProtocols.Tls13;
        _tls12Suites = new CipherSuitesPolicy(
            Tls13Suites.Union(options.CipherSuites.IsEmpty ? GoodTls12Suites : options.CipherSuites));
        _patience = options.Limits.HandshakeTimeout;
        _slots = new FairSlots<AddressKey>(options.Limits.MaxHandshakes);
    }

    /// <summary>How many handshakes wait for their turn.</summary>
    public int Waiting => _slots.Waiting;

    /// <summary>The callback that Kestrel asks for each handshake's options.</summary>
    public ValueTask<SslServerAuthenticationOptions> OptionsFor(TlsHandshakeCallbackContext context)
    {
        var connection = new ClientConnection();
        context.Connection.Features.Set(connection);
        var hello = context.Connection.Features.Get<ClientHello>();
        if (hello is { ApplicationProtocols: [AcmeProtocol] } && _challenges(context.ClientHelloInfo.ServerName) is { } challenge)
            return ValueTask.FromResult(ChallengeOptions(challenge));
        var snapshot = _serving.Current;
        // The name as it was sent: the platform's is decoded (IDNA), and certificates hold the encoded form.
        var name = hello is null ? context.ClientHelloInfo.ServerName : hello.ServerName ?? "";
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _serving.CertificateFor(name, context.Connection.LocalEndPoint).Context,
            EnabledSslProtocols = SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            AllowRenegotiation = false,
            CertificateChainPolicy = PeerVerification.OfflinePolicy(),
        };

        // The suites of TLS 1.3 are all good. Those of TLS 1.2 have to be chosen, and choosing switches session
        // resumption off in .NET: so only for clients that offer no better. TLS 1.3 stays on for them, so that a client
        // that was made to go back to 1.2 learns of it (RFC 7507, and RFC 8446 section 4.1.3).
        if (_tls12Allowed && hello is not { OffersTls13: true })
        {
            options.EnabledSslProtocols |= SslProtocols.Tls12;
            options.CipherSuitesPolicy = _tls12Suites;
        }

        if (snapshot.ClientCas is not null)
        {
            options.ClientCertificateRequired = true;
#pragma warning disable CA5359 // It is the client's certificate, and the authenticator judges it on every request.
            options.RemoteCertificateValidationCallback = connection.Accept;
#pragma warning restore CA5359
        }

        return ValueTask.FromResult(options);
    }

    /// <summary>
    /// For a validation: the challenge's certificate, no other protocol, and nothing that is asked of the client.
    /// </summary>
    private static SslServerAuthenticationOptions ChallengeOptions(ServingCertificate challenge) => new()
    {
        ServerCertificateContext = challenge.Context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [new SslApplicationProtocol(AcmeProtocol)],
        AllowRenegotiation = false,
        AllowTlsResume = false,
        CertificateChainPolicy = PeerVerification.OfflinePolicy(),
    };

    /// <summary>
    /// Connection middleware that stands before TLS: waits for a slot, and counts handshakes that fail.
    /// </summary>
    public async Task Begin(ConnectionContext context, ConnectionDelegate next)
    {
        if (!_slots.TryTake() && !await WaitForSlotAsync(context))
        {
            _metrics.Failed("no_slot");
            return;
        }

        using var handshake = new Handshake(_slots);
        context.Features.Set(handshake);
        HandshakeLog.Attend(handshake);
        var transport = context.Transport;
        context.Transport = handshake.Tap = new HandshakeTap(transport, _threads);
        try
        {
            // The hello has come already: TLS begins to compute at once.
            await _threads.TakeTurn();
            // What waits for a thread waits for the processor.
            using var limit = _clock.CreateTimer(
                static state => ((Handshake)state!).ReleaseSlot(), handshake, SlotLifetime, Timeout.InfiniteTimeSpan);
            if (!context.ConnectionClosed.IsCancellationRequested)
                await next(context);
        }
        finally
        {
            await _threads.Leave();
            context.Transport = transport;
            if (!handshake.Completed)
                _metrics.Failed(handshake.Reason ?? HandshakeFault.Closed);
        }
    }

    private async ValueTask<bool> WaitForSlotAsync(ConnectionContext context)
    {
        using var patience = new CancellationTokenSource(_patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.ConnectionClosed);
        try
        {
            await _slots.WaitAsync(AddressKey.Of(context.Features.Get<ConnectionOrigin>()?.Address ?? IPAddress.None), either.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Connection middleware that stands behind TLS: the handshake is complete.</summary>
    public async Task Complete(ConnectionContext context, ConnectionDelegate next)
    {
        HandshakeLog.Attend(null);
        // Plain HTTP from a proxy at which TLS ends comes here too.
        if (context.Features.Get<Handshake>() is { } handshake)
        {
            handshake.Completed = true;
            handshake.ReleaseSlot();
            var tls = context.Features.Get<ITlsHandshakeFeature>();
            _metrics.Succeeded(tls?.Protocol ?? SslProtocols.None, tls?.NegotiatedCipherSuite, handshake.Tap?.Hello);
            handshake.Tap?.End();
            await _threads.Leave();
        }

        // The handshake says all: no request is ever read from a validation (RFC 8737 section 3).
        if (context.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual("acme-tls/1"u8) != true)
            await next(context);
    }

    /// <inheritdoc/>
    public void Dispose() => _threads.Dispose();

    private sealed class Handshake(FairSlots<AddressKey> slots) : IHandshakeWitness, IDisposable
    {
        private int _released;

        public bool Completed { get; set; }

        public HandshakeTap? Tap { get; set; }

        public string? Reason { get; private set; }

        public void Hear(Exception? fault) => Reason = HandshakeFault.ReasonOf(fault);

        public void ReleaseSlot()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
                slots.Release();
        }

        public void Dispose() => ReleaseSlot();
    }
}
