// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Handshakes;

/// <summary>Tells what the TLS library reported and the wire does not show.</summary>
internal static class LibraryStory
{
    public const string AskedForCertificate = "client certificate asked for";

    public static IEnumerable<HandshakeEvent> Tell(Observation seen)
    {
        var (library, server) = (seen.Library, seen.Flows.Server);
        var inTheClear = server.Messages.Any(message => message.Type == TlsHandshakeType.Certificate);
        if (library.AskedForCertificateAt is { } asked && server.Messages.All(message => message.Type != TlsHandshakeType.CertificateRequest))
        {
            yield return Event(asked, HandshakeStep.ServerHello, AskedForCertificate, Authorities(library));
            if (seen.Question.ClientCertificate is null)
                yield return Event(asked, HandshakeStep.ClientCertificate, "client certificate sent: none");
        }

        if (library.ServerChainAt is { } at && !inTheClear)
        {
            yield return Event(at, HandshakeStep.ServerHello, "server certificate received",
                HandshakeStory.Chain(library.ServerChain, library.ChainProblem));
        }

        if (library.CompletedAt is { } completed)
        {
            if (library is { SentCertificate: true, Version: >= ClientHello.Tls13 } && seen.Question.ClientCertificate is { } own)
            {
                yield return Event(completed, HandshakeStep.ClientCertificate, "client certificate asked for and sent",
                    HandshakeStory.Chain(own.Chain, null));
            }
            else if (library is { SentCertificate: false, Version: >= ClientHello.Tls13 } && library.AskedForCertificateAt is null)
            {
                yield return Event(completed, HandshakeStep.ServerHello, "no client certificate asked for");
            }

            yield return Event(completed, HandshakeStep.ServerFinished, "handshake complete: both \"finished\" verified",
                new HandshakeDetail("version", TlsNames.Version(library.Version)),
                new HandshakeDetail("cipher suite", TlsNames.CipherSuite(library.CipherSuite)),
                new HandshakeDetail("protocol (ALPN)", library.ApplicationProtocol ?? "none"));
        }

        foreach (var told in End(seen))
            yield return told;
    }

    private static IEnumerable<HandshakeEvent> End(Observation seen)
    {
        if (seen.Fault is { Kind: FaultKind.Tls } fault)
        {
            if (fault.Alert is not null && seen.Flows.Server.Items.OfType<TlsAlertMessage>().Any())
                yield break;
            yield return Event(fault.At, HandshakeDiagnosis.NextStep(seen, HandshakeFacts.Of(seen)),
                fault.Alert is { } alert
                    ? $"the server sent: alert {TlsNames.Alert(alert)} ({(byte)alert})"
                    : $"given up: {fault.LibraryText}");
            yield break;
        }

        var text = seen.Aftermath switch
        {
            Aftermath.Continued => "no alert: the server goes on after our \"finished\"",
            Aftermath.Data => "data received: the server goes on after our \"finished\"",
            Aftermath.Silent => $"no alert within {HandshakeDiagnosis.Seconds(seen.Question.AnswerWait)} after our \"finished\"",
            Aftermath.Ended when seen.Fault is null => "end of the session received",
            _ => null,
        };
        if (text is not null)
            yield return Event(seen.EndedAt, HandshakeStep.Messages, text);
    }

    private static HandshakeDetail Authorities(LibraryReport library) =>
        new("CAs named", library.Authorities is { Count: > 0 } named ? named : ["none: any"]);

    private static HandshakeEvent Event(TimeSpan at, HandshakeStep step, string text, params IReadOnlyList<HandshakeDetail> details) =>
        new() { At = at, Source = HandshakeSource.Library, Step = step, Text = text, Details = details };
}
