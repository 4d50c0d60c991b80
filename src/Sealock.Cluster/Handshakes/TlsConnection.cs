// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Handshakes;

/// <summary>What a connection is made for.</summary>
internal enum ConnectionPurpose
{
    /// <summary>To tell all of a handshake: no session of before is offered.</summary>
    Tell,

    /// <summary>To learn which CAs the server names when it asks for a client certificate: sends none.</summary>
    AskForAuthorities,

    /// <summary>To keep or use a session: the one purpose for which the library's session cache is on.</summary>
    Resume,
}

/// <summary>Makes one connection with one handshake, trusting anyone, and tells what happened. Sends no data.</summary>
internal sealed class TlsConnection
{
    private const int MaxCertificates = 50;

    private readonly EndpointQuestion _question;
    private readonly ConnectionPurpose _purpose;
    private readonly TimeProvider _clock;
    private readonly Func<TimeSpan> _elapsed;
    private LibraryReport _report = new();

    private TlsConnection(EndpointQuestion question, ConnectionPurpose purpose, TimeProvider clock, Func<TimeSpan> elapsed)
    {
        _question = question;
        _purpose = purpose;
        _clock = clock;
        _elapsed = elapsed;
    }

    /// <summary>Makes the connection. What the endpoint or the network does is in the answer; only cancellation throws.</summary>
    /// <param name="question">Which endpoint, and what is offered.</param>
    /// <param name="purpose">What for.</param>
    /// <param name="clock">For the limits.</param>
    /// <param name="elapsed">Time since the start.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task<Observation> ObserveAsync(
        EndpointQuestion question, ConnectionPurpose purpose, TimeProvider clock, Func<TimeSpan> elapsed,
        CancellationToken cancellationToken) =>
        new TlsConnection(question, purpose, clock, elapsed).RunAsync(cancellationToken);

    private async Task<Observation> RunAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (await ConnectAsync(socket, cancellationToken) is { } fault)
            return new() { Question = _question, Fault = fault, EndedAt = fault.At };
        var connected = new Observation { Question = _question, Address = AddressOf(socket), ConnectedAt = _elapsed() };
        await using var wire = new RecordingStream(new NetworkStream(socket), _elapsed);
        await using var tls = new SslStream(wire, leaveInnerStreamOpen: true);
        fault = await HandshakeAsync(tls, wire, cancellationToken);
        var aftermath = Aftermath.NotWaited;
        if (fault is null)
            (aftermath, fault) = await WaitForAnswerAsync(tls, wire, cancellationToken);
        wire.Stop();
        var observation = connected with
        {
            Sent = wire.Sent,
            Received = wire.Received,
            ServerClosedAt = wire.EndOfReceived,
            Library = _report,
            Fault = fault,
            Aftermath = aftermath,
            EndedAt = _elapsed(),
        };
        if (fault is null)
            await CloseAsync(tls);
        return observation;
    }

    private async Task<Fault?> ConnectAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_question.ConnectTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(_question.Host, either.Token);
            if (addresses.Length == 0)
                return new(FaultKind.Unresolvable, _elapsed()) { Socket = SocketError.NoData };
            await socket.ConnectAsync(addresses, _question.Port, either.Token);
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(FaultKind.ConnectTimeout, _elapsed());
        }
        catch (SocketException error)
        {
            return FaultReader.OfConnecting(error, _elapsed());
        }
    }

    private async Task<Fault?> HandshakeAsync(SslStream tls, RecordingStream wire, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_question.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await tls.AuthenticateAsClientAsync(Options(), either.Token);
            _report = _report with
            {
                CompletedAt = _elapsed(),
                Version = VersionOf(tls),
                CipherSuite = (ushort)tls.NegotiatedCipherSuite,
                ApplicationProtocol = tls.NegotiatedApplicationProtocol.Protocol.IsEmpty ? null : tls.NegotiatedApplicationProtocol.ToString(),
                SentCertificate = tls.IsMutuallyAuthenticated,
            };
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(FaultKind.HandshakeTimeout, _elapsed());
        }
        catch (Exception error) when (FaultReader.IsOfConnection(error))
        {
            return FaultReader.OfHandshake(error, wire.EndOfReceived is not null, _elapsed());
        }
    }

    private SslClientAuthenticationOptions Options()
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = _question.ServerName ?? _question.Host,
            ApplicationProtocols = [.. _question.ApplicationProtocols.Select(protocol => new SslApplicationProtocol(protocol))],
            CertificateChainPolicy = PeerVerification.OfflinePolicy(),
            AllowTlsResume = _purpose == ConnectionPurpose.Resume,
            EnabledSslProtocols = _question.Versions,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) => Collect(certificate, chain),
        };
        if (_question.ClientCertificate is { } own && _purpose != ConnectionPurpose.AskForAuthorities)
        {
            options.ClientCertificateContext = own.Context;
        }
        else if (_purpose != ConnectionPurpose.Resume)
        {
            options.LocalCertificateSelectionCallback = (_, _, _, remote, authorities) =>
            {
                // It is asked once before anything is sent, too; then there is no server's certificate yet.
                if (remote is not null)
                    _report = _report with { AskedForCertificateAt = _elapsed(), Authorities = [.. authorities.Select(Rfc4514)] };
                return null!;
            };
        }

        return options;
    }

    private static string? AddressOf(Socket socket) => socket.RemoteEndPoint is not IPEndPoint { Address: var address, Port: var port }
        ? null
        : new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port).ToString();

    /// <summary>A name in the library's writing, in ours.</summary>
    private static string Rfc4514(string name)
    {
        try
        {
            return DistinguishedName.Parse(new X500DistinguishedName(name).RawData).ToString();
        }
        catch (Exception error) when (error is PkiFormatException or CryptographicException)
        {
            return name;
        }
    }

    /// <summary>Keeps the server's chain. Whoever it is is taken for the moment: the verdict is given at the end, on the whole.</summary>
    private bool Collect(X509Certificate? leaf, X509Chain? chain)
    {
        var certificates = new List<Certificate>();
        string? problem = null;
        // On Linux the store holds the chain as it was sent, the leaf in it, and twice where it was sent twice.
        var all = (chain?.ChainPolicy.ExtraStore ?? []).Select(extra => extra.RawDataMemory).ToList();
        if (leaf is not null && (all.Count == 0 || !all[0].Span.SequenceEqual(leaf.GetRawCertData())))
            all.Insert(0, leaf.GetRawCertData());
        foreach (var der in all.Take(MaxCertificates))
        {
            try
            {
                certificates.Add(Certificate.Parse(der));
            }
            catch (PkiFormatException error)
            {
                problem ??= error.Message;
            }
        }

        _report = _report with { ServerChain = certificates, ServerChainAt = _elapsed(), ChainProblem = problem };
        return leaf is not null;
    }

    /// <summary>
    /// In TLS 1.3 the server checks our certificate after we are done: what it sends next tells. A session's ticket comes
    /// then, too.
    /// </summary>
    private async Task<(Aftermath, Fault?)> WaitForAnswerAsync(SslStream tls, RecordingStream wire, CancellationToken cancellationToken)
    {
        var asked = _report.AskedForCertificateAt is not null || _report.SentCertificate;
        if (_purpose == ConnectionPurpose.AskForAuthorities || _report.Version < ClientHello.Tls13 || _question.AnswerWait <= TimeSpan.Zero || !(asked || _purpose == ConnectionPurpose.Resume))
            return (Aftermath.NotWaited, null);
        using var limit = new CancellationTokenSource(_question.AnswerWait, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var answered = wire.AnsweredAsync();
        var reading = tls.ReadAsync(new byte[1], either.Token).AsTask();
        if (await Task.WhenAny(reading, answered) == answered && !reading.IsCompleted)
        {
            await limit.CancelAsync();
            await IgnoreAsync(reading);
            return (Aftermath.Continued, null);
        }

        try
        {
            return (await reading == 0 ? Aftermath.Ended : Aftermath.Data, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (Aftermath.Silent, null);
        }
        catch (Exception error) when (FaultReader.IsOfConnection(error))
        {
            return (Aftermath.Ended, FaultReader.OfHandshake(error, wire.EndOfReceived is not null, _elapsed()));
        }
    }

    private async Task CloseAsync(SslStream tls)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), _clock);
        try
        {
            await tls.ShutdownAsync().WaitAsync(limit.Token);
        }
        catch (Exception error) when (FaultReader.IsOfConnection(error) || error is OperationCanceledException)
        {
            // All is known already; the server need not hear the farewell.
        }
    }

    private static async Task IgnoreAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception error) when (FaultReader.IsOfConnection(error) || error is OperationCanceledException)
        {
            // Cancelled on purpose.
        }
    }

#pragma warning disable CA5397, CS0618, SYSLIB0039 // Old versions are named so that they can be told, not so that they are used.
    private static ushort VersionOf(SslStream tls) => tls.SslProtocol switch
    {
        System.Security.Authentication.SslProtocols.Tls => 0x0301,
        System.Security.Authentication.SslProtocols.Tls11 => 0x0302,
        System.Security.Authentication.SslProtocols.Tls12 => ClientHello.Tls12,
        System.Security.Authentication.SslProtocols.Tls13 => ClientHello.Tls13,
        _ => 0,
    };
#pragma warning restore CA5397, CS0618, SYSLIB0039
}
