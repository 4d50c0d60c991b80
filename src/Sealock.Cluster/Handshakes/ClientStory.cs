// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Handshakes;

/// <summary>Tells what we sent, as the wire shows it.</summary>
internal static class ClientStory
{
    public static IEnumerable<HandshakeEvent> Tell(Observation seen, TlsFlow client, ServerHello? choice)
    {
        var isTls13 = choice is { Version: >= ClientHello.Tls13 };
        var (changed, finished) = (false, false);
        ClientHelloDetails? before = null;
        foreach (var (item, count, bytes, at) in HandshakeStory.Together(client.Items, seen.Sent))
        {
            switch (item)
            {
                case TlsHandshakeMessage { Type: TlsHandshakeType.ClientHello } message:
                    if (ClientHelloDetails.Read(message.Body.Span) is { } hello)
                    {
                        yield return before is null ? Hello(at, hello) : Again(at, before, hello);
                        before = hello;
                    }

                    break;
                case TlsHandshakeMessage { Type: TlsHandshakeType.Certificate }:
                    var (chain, problem) = HandshakeFacts.ReadChain(client);
                    yield return chain.Count == 0 && problem is null
                        ? HandshakeStory.Event(at, HandshakeStep.ClientCertificate, "client certificate sent: none (an empty list)")
                        : HandshakeStory.Event(at, HandshakeStep.ClientCertificate, "client certificate sent", HandshakeStory.Chain(chain, problem));
                    break;
                case TlsHandshakeMessage { Type: TlsHandshakeType.ClientKeyExchange }:
                    yield return HandshakeStory.Event(at, HandshakeStep.KeyExchange, "client key exchange sent");
                    break;
                case TlsHandshakeMessage { Type: TlsHandshakeType.CertificateVerify } message:
                    yield return HandshakeStory.Event(at, HandshakeStep.ClientCertificate, "proof sent that we have the certificate's key", Scheme(message, choice));
                    break;
                case TlsChangeCipherSpec when !isTls13 && choice is not null:
                    changed = true;
                    break;
                case TlsAlertMessage alert:
                    yield return HandshakeStory.Event(at, HandshakeDiagnosis.NextStep(seen, HandshakeFacts.Of(seen)), $"we sent: {HandshakeStory.Alert(alert)}");
                    break;
                case TlsEncryptedRecord { ContentType: 22 } when changed && !finished:
                    finished = true;
                    yield return HandshakeStory.Event(at, HandshakeStep.ClientFinished,
                        $"change of cipher sent, and \"finished\", encrypted ({HandshakeStory.Records(count, bytes)})");
                    break;
                case TlsEncryptedRecord when isTls13:
                    yield return HandshakeStory.Event(at, HandshakeStep.ClientFinished, $"encrypted, sent: {HandshakeStory.Records(count, bytes)}");
                    break;
            }
        }
    }

    private static HandshakeEvent Hello(TimeSpan at, ClientHelloDetails offer)
    {
        var hello = offer.Hello;
        var details = new List<HandshakeDetail>
        {
            new("versions", HandshakeStory.Versions(offer)),
            new("cipher suites", HandshakeStory.Names(hello.CipherSuites, TlsNames.CipherSuite)),
            new("server name (SNI)", hello.ServerName ?? "none"),
            new("protocols (ALPN)", hello.ApplicationProtocols.Count > 0 ? hello.ApplicationProtocols : ["none"]),
        };
        if (offer.Groups.Count > 0)
            details.Add(new("groups", HandshakeStory.Names(offer.Groups, TlsNames.Group)));
        if (offer.KeyShares.Count > 0)
            details.Add(new("key shares", HandshakeStory.Names(offer.KeyShares, TlsNames.Group)));
        if (offer.SignatureSchemes.Count > 0)
            details.Add(new("signatures", HandshakeStory.Names(offer.SignatureSchemes, TlsNames.SignatureScheme)));
        details.Add(new(HandshakeStory.SessionOfBefore, offer.OffersResumption ? "offered" : "none"));
        return HandshakeStory.Event(at, HandshakeStep.ClientHello, "client hello sent", details);
    }

    private static HandshakeEvent Again(TimeSpan at, ClientHelloDetails before, ClientHelloDetails now) =>
        HandshakeStory.Event(at, HandshakeStep.ClientHello, "client hello sent again, as the server wanted",
            new HandshakeDetail("key shares", HandshakeStory.Names(now.KeyShares, TlsNames.Group)),
            new HandshakeDetail("before", HandshakeStory.Names(before.KeyShares, TlsNames.Group)));

    private static IReadOnlyList<HandshakeDetail> Scheme(TlsHandshakeMessage message, ServerHello? choice) =>
        choice is { Version: >= ClientHello.Tls12 } && message.Body.Span is [var high, var low, ..]
            ? [new("signature", TlsNames.SignatureScheme((ushort)((high << 8) | low)))]
            : [];
}
