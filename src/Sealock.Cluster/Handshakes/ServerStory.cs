// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Handshakes;

/// <summary>Tells what the server sent, as the wire shows it.</summary>
internal static class ServerStory
{
    public const string TicketReceived = "session ticket received";

    public static IEnumerable<HandshakeEvent> Tell(Observation seen, TlsFlow server)
    {
        var facts = HandshakeFacts.Of(seen);
        var isTls13 = facts.Choice is { Version: >= ClientHello.Tls13 };
        var (changed, finished) = (false, false);
        foreach (var (item, count, bytes, at) in HandshakeStory.Together(server.Items, seen.Received))
        {
            switch (item)
            {
                case TlsHandshakeMessage message:
                    if (OfMessage(message, at, facts) is { } told)
                        yield return told;
                    break;
                case TlsChangeCipherSpec when !isTls13:
                    changed = true;
                    break;
                case TlsAlertMessage alert:
                    yield return HandshakeStory.Event(at, HandshakeDiagnosis.NextStep(seen, facts), $"the server sent: {HandshakeStory.Alert(alert)}");
                    break;
                case TlsEncryptedRecord { ContentType: 22 } when changed && !finished:
                    finished = true;
                    yield return HandshakeStory.Event(at, HandshakeStep.ServerFinished,
                        $"change of cipher received, and \"finished\", encrypted ({HandshakeStory.Records(count, bytes)})");
                    break;
                case TlsEncryptedRecord { ContentType: 21 } when changed:
                    yield return HandshakeStory.Event(at, HandshakeStep.Messages, "alert received, encrypted");
                    break;
                case TlsEncryptedRecord when isTls13:
                    var after = seen.Library.CompletedAt is { } completed && at > completed;
                    yield return HandshakeStory.Event(at, after ? HandshakeStep.Messages : HandshakeStep.ServerHello,
                        $"encrypted, received: {HandshakeStory.Records(count, bytes)}{(after ? "" : " (TLS 1.3 hides what follows the server hello)")}");
                    break;
            }
        }

        if (server.Problem is not null && server.Rest.Length > 0)
        {
            yield return HandshakeStory.Event(seen.Received.TimeOf(seen.Received.Bytes.Length), HandshakeStep.ServerHello,
                $"the server sent something that is not TLS: \"{PlainTextReply.FirstLine(server.Rest.Span)}\"");
        }

        if (seen.ServerClosedAt is { } closed)
            yield return HandshakeStory.Event(closed, HandshakeDiagnosis.NextStep(seen, facts), "the server closed the connection");
        else if (seen.Fault is { Kind: FaultKind.Reset, At: var reset })
            yield return HandshakeStory.Event(reset, HandshakeDiagnosis.NextStep(seen, facts), "the server reset the connection");
    }

    private static HandshakeEvent? OfMessage(TlsHandshakeMessage message, TimeSpan at, HandshakeFacts facts)
    {
        var body = message.Body.Span;
        switch (message.Type)
        {
            case TlsHandshakeType.ServerHello:
                return ServerHello.Read(body) is { } hello ? Hello(at, hello, facts) : null;
            case TlsHandshakeType.Certificate:
                return HandshakeStory.Event(at, HandshakeStep.ServerHello, "server certificate received",
                    HandshakeStory.Chain(facts.ServerChain, facts.ChainProblem));
            case TlsHandshakeType.CertificateStatus:
                return HandshakeStory.Event(at, HandshakeStep.ServerHello, "stapled OCSP answer received");
            case TlsHandshakeType.ServerKeyExchange when facts.Choice is { } choice:
                return KeyExchange(at, ServerKeyExchangeMessage.Read(body, choice.Version, choice.CipherSuite));
            case TlsHandshakeType.CertificateRequest when facts.Choice is { } choice:
                return CertificateRequestMessage.Read(body, choice.Version) is { } request ? Request(at, request) : null;
            case TlsHandshakeType.ServerHelloDone:
                return HandshakeStory.Event(at, HandshakeStep.ServerHello, "server hello done");
            case TlsHandshakeType.NewSessionTicket:
                return HandshakeStory.Event(at, HandshakeStep.ServerFinished, TicketReceived);
            default:
                return null;
        }
    }

    private static HandshakeEvent Hello(TimeSpan at, ServerHello hello, HandshakeFacts facts)
    {
        if (hello.IsRetryRequest)
        {
            return HandshakeStory.Event(at, HandshakeStep.ServerHello, "hello retry request received: the server wants another key share",
                new HandshakeDetail("version", TlsNames.Version(hello.Version)),
                new HandshakeDetail("group wanted", hello.Group is { } wanted ? TlsNames.Group(wanted) : "none"));
        }

        var details = new List<HandshakeDetail>
        {
            new("version", TlsNames.Version(hello.Version)),
            new("cipher suite", TlsNames.CipherSuite(hello.CipherSuite)),
        };
        if (hello.Version >= ClientHello.Tls13)
            details.Add(new("key share", hello.Group is { } group ? TlsNames.Group(group) : "none"));
        else
            details.Add(new("session id", hello.SessionId.IsEmpty ? "none" : Shorten(Convert.ToHexStringLower(hello.SessionId.Span))));
        if (hello.ApplicationProtocol is { } protocol)
            details.Add(new("protocol (ALPN)", protocol));
        details.Add(new(HandshakeStory.SessionOfBefore, facts.Resumed ? "resumed" : "none"));
        return HandshakeStory.Event(at, HandshakeStep.ServerHello, "server hello received", details);
    }

    private static HandshakeEvent KeyExchange(TimeSpan at, ServerKeyExchangeMessage? exchange)
    {
        var details = new List<HandshakeDetail>();
        if (exchange?.Group is { } group)
            details.Add(new("group", TlsNames.Group(group)));
        if (exchange?.PrimeBits is { } bits)
            details.Add(new("group", string.Create(CultureInfo.InvariantCulture, $"finite field of {bits} bits")));
        if (exchange?.SignatureScheme is { } scheme)
            details.Add(new("signature", TlsNames.SignatureScheme(scheme)));
        return HandshakeStory.Event(at, HandshakeStep.KeyExchange, "server key exchange received", details);
    }

    private static HandshakeEvent Request(TimeSpan at, CertificateRequestMessage request)
    {
        var details = new List<HandshakeDetail>
        {
            new("CAs named", request.Authorities.Count > 0 ? [.. request.Authorities.Select(name => name.ToString())] : ["none: any"]),
        };
        if (request.SignatureSchemes.Count > 0)
            details.Add(new("signatures", HandshakeStory.Names(request.SignatureSchemes, TlsNames.SignatureScheme)));
        return HandshakeStory.Event(at, HandshakeStep.ServerHello, LibraryStory.AskedForCertificate, details);
    }

    private static string Shorten(string hex) => hex.Length > 16 ? $"{hex[..16]}… ({hex.Length / 2} bytes)" : hex;
}
