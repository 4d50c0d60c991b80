// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Sealock.Gateway.Metrics;

namespace Sealock.Gateway.Listener;

/// <summary>
/// Chooses the options of each handshake from the current snapshot, and bounds how many handshakes run at a time, so
/// that a storm of new connections leaves processor time to requests on open ones.
/// </summary>
internal sealed class Handshakes : IDisposable
{
    // A handshake that takes longer waits for its client and not for the processor: stalled ones hold no slot.
    private static readonly TimeSpan SlotLifetime = TimeSpan.FromMilliseconds(250);

    private readonly ServingSource _serving;
    private readonly GatewayMetrics _metrics;
    private readonly SslProtocols _protocols;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _slots;

    /// <summary>Creates it; <paramref name="minimum"/> is TLS 1.2 or TLS 1.3.</summary>
    public Handshakes(
        ServingSource serving, GatewayMetrics metrics, SslProtocols minimum, int concurrency, TimeProvider clock)
    {
        _clock = clock;
        _serving = serving;
        _metrics = metrics;
        _protocols = minimum == SslProtocols.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13;
        _slots = new SemaphoreSlim(concurrency);
    }

    /// <summary>The callback that Kestrel asks for each handshake's options.</summary>
    public ValueTask<SslServerAuthenticationOptions> OptionsFor(TlsHandshakeCallbackContext context)
    {
        var connection = new ClientConnection();
        context.Connection.Features.Set(connection);
        var snapshot = _serving.Current;
        var local = context.Connection.LocalEndPoint is IPEndPoint { Address: var address } ? address.ToString() : "";
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = snapshot.CertificateFor(context.ClientHelloInfo.ServerName, local).Context,
            EnabledSslProtocols = _protocols,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            AllowRenegotiation = false,
        };
        if (snapshot.ClientCas is not null)
        {
            options.ClientCertificateRequired = true;
            options.RemoteCertificateValidationCallback = connection.Accept;
        }

        // Without a policy of its own, SslStream would fetch what a stranger's certificate names.
        options.CertificateChainPolicy = new X509ChainPolicy
        {
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck,
            TrustMode = X509ChainTrustMode.CustomRootTrust,
        };
        return ValueTask.FromResult(options);
    }

    /// <summary>Connection middleware that stands before TLS: waits for a slot, and counts handshakes that fail.</summary>
    public async Task Begin(ConnectionContext context, ConnectionDelegate next)
    {
        try
        {
            await _slots.WaitAsync(context.ConnectionClosed);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        using var handshake = new Handshake(_slots);
        using var limit = _clock.CreateTimer(
            static state => ((Handshake)state!).ReleaseSlot(), handshake, SlotLifetime, Timeout.InfiniteTimeSpan);
        context.Features.Set(handshake);
        await next(context);
        if (!handshake.Completed)
            _metrics.HandshakeFailed();
    }

    /// <summary>Connection middleware that stands behind TLS: the handshake is complete.</summary>
    public Task Complete(ConnectionContext context, ConnectionDelegate next)
    {
        if (context.Features.Get<Handshake>() is { } handshake)
        {
            handshake.Completed = true;
            handshake.ReleaseSlot();
        }

        _metrics.HandshakeCompleted(context.Features.Get<ITlsHandshakeFeature>()?.Protocol ?? SslProtocols.None);
        return next(context);
    }

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    private sealed class Handshake(SemaphoreSlim slots) : IDisposable
    {
        private int _released;

        public bool Completed { get; set; }

        public void ReleaseSlot()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
                slots.Release();
        }

        public void Dispose() => ReleaseSlot();
    }
}
