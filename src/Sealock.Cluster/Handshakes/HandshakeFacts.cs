// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Handshakes;

/// <summary>What is known of a handshake, from the wire where it can be seen there, else from the TLS library.</summary>
internal sealed record HandshakeFacts
{
    /// <summary>What we offered; null where nothing was sent.</summary>
    public ClientHelloDetails? Offer { get; init; }

    /// <summary>What the server chose; null where it did not come to it.</summary>
    public ServerHello? Choice { get; init; }

    public ushort? Version { get; init; }

    public ushort? CipherSuite { get; init; }

    public string? ApplicationProtocol { get; init; }

    public IReadOnlyList<Certificate> ServerChain { get; init; } = [];

    public string? ChainProblem { get; init; }

    public bool CertificateRequested { get; init; }

    /// <summary>The CAs the server named; null where that is not known.</summary>
    public IReadOnlyList<string>? Authorities { get; init; }

    /// <summary>The group of the key exchange by name; null where there is none or it is not known.</summary>
    public string? Group { get; init; }

    /// <summary>True where the session of before goes on.</summary>
    public bool Resumed { get; init; }

    public static HandshakeFacts Of(Observation seen)
    {
        var (client, server) = seen.Flows;
        var offer = Bodies(client, TlsHandshakeType.ClientHello).Select(body => ClientHelloDetails.Read(body.Span)).FirstOrDefault();
        var choice = server.ServerHello;
        var request = choice is null ? null : Bodies(server, TlsHandshakeType.CertificateRequest)
            .Select(body => CertificateRequestMessage.Read(body.Span, choice.Version)).FirstOrDefault();
        var (chain, problem) = Bodies(server, TlsHandshakeType.Certificate).Any()
            ? ReadChain(server)
            : (seen.Library.ServerChain, seen.Library.ChainProblem);
        return new()
        {
            Offer = offer,
            Choice = choice,
            Version = choice?.Version ?? (seen.Library.Version != 0 ? seen.Library.Version : null),
            CipherSuite = choice?.CipherSuite ?? (seen.Library.CipherSuite != 0 ? seen.Library.CipherSuite : null),
            ApplicationProtocol = choice?.ApplicationProtocol ?? seen.Library.ApplicationProtocol,
            ServerChain = chain,
            ChainProblem = problem,
            CertificateRequested = request is not null || seen.Library.AskedForCertificateAt is not null || seen.Library.SentCertificate,
            Authorities = request?.Authorities.Select(name => name.ToString()).ToList() ?? seen.Library.Authorities,
            Group = choice is null ? null : GroupOf(choice, server),
            Resumed = choice is not null && (choice.AcceptsPreSharedKey || IsSessionOfBefore(client, choice)),
        };
    }

    /// <summary>The chain of a Certificate message that is in the clear.</summary>
    public static (IReadOnlyList<Certificate> Chain, string? Problem) ReadChain(TlsFlow flow)
    {
        foreach (var body in Bodies(flow, TlsHandshakeType.Certificate))
        {
            if (Tls12Messages.ReadCertificates(body.Span) is not { } ders)
                return ([], "the certificate message is malformed");
            var chain = new List<Certificate>();
            try
            {
                foreach (var der in ders)
                    chain.Add(Certificate.Parse(der));
                return (chain, null);
            }
            catch (PkiFormatException error)
            {
                return (chain, error.Message);
            }
        }

        return ([], null);
    }

    private static string? GroupOf(ServerHello choice, TlsFlow server)
    {
        if (choice.Group is { } group)
            return TlsNames.Group(group);
        var exchange = Bodies(server, TlsHandshakeType.ServerKeyExchange)
            .Select(body => ServerKeyExchangeMessage.Read(body.Span, choice.Version, choice.CipherSuite)).FirstOrDefault();
        return exchange switch
        {
            { Group: { } curve } => TlsNames.Group(curve),
            { PrimeBits: { } bits } => $"finite field of {bits} bits",
            _ => null,
        };
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Bodies(TlsFlow flow, TlsHandshakeType type) =>
        flow.Messages.Where(message => message.Type == type).Select(message => message.Body);

    /// <summary>RFC 5246 7.3: up to TLS 1.2 the server repeats the session id that the client offered, and sends no certificate.</summary>
    private static bool IsSessionOfBefore(TlsFlow client, ServerHello choice) =>
        choice.Version < ClientHello.Tls13 && choice.SessionId.Length > 0
        && Bodies(client, TlsHandshakeType.ClientHello).Select(body => ClientHelloDetails.Read(body.Span)).FirstOrDefault() is { } hello
        && hello.SessionId.Span.SequenceEqual(choice.SessionId.Span);
}
