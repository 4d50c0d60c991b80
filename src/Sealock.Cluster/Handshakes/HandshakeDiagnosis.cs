// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Handshakes;

/// <summary>Says of a connection that failed in which step, why, and what to do. Pure.</summary>
internal static class HandshakeDiagnosis
{
    /// <summary>The failure; null where the handshake completed and was not refused afterwards.</summary>
    public static HandshakeFailure? Explain(Observation seen) => Explain(seen, HandshakeFacts.Of(seen));

    /// <summary>The same, where more is known than this connection showed.</summary>
    public static HandshakeFailure? Explain(Observation seen, HandshakeFacts facts)
    {
        var (client, server) = seen.Flows;
        if (seen.ConnectedAt is null)
            return NotConnected(seen);
        if (server.Items.Count == 0 && server.Rest.Length > 0 && server.Problem is not null)
            return PlainTextReply.Explain(seen.Question, server.Rest.Span);
        var alert = server.Items.OfType<TlsAlertMessage>().LastOrDefault(item => item.IsFatal)?.Alert ?? seen.Fault?.Alert;
        if (alert is { } said)
            return AlertDiagnosis.Explain(said, seen, facts);
        if (seen.Fault is null)
            return seen.Aftermath == Aftermath.Ended ? Ended(seen, facts) : null;
        return seen.Fault.Kind switch
        {
            FaultKind.HandshakeTimeout => TimedOut(seen, facts),
            FaultKind.Reset => Reset(seen, facts),
            FaultKind.Closed => Ended(seen, facts),
            _ => LibraryDiagnosis.Explain(seen, facts, client),
        };
    }

    /// <summary>The step that the server had to take next.</summary>
    public static HandshakeStep NextStep(Observation seen, HandshakeFacts facts)
    {
        var server = seen.Flows.Server;
        if (facts.Choice is not { } choice)
            return HandshakeStep.ServerHello;
        if (seen.Library.CompletedAt is not null)
            return facts.CertificateRequested ? HandshakeStep.ClientVerification : HandshakeStep.Messages;
        if (choice.Version >= ClientHello.Tls13)
            return HandshakeStep.ServerFinished;
        if (!facts.Resumed && server.Messages.All(message => message.Type != TlsHandshakeType.ServerHelloDone))
            return HandshakeStep.ServerHello;
        return facts.CertificateRequested ? HandshakeStep.ClientVerification : HandshakeStep.ServerFinished;
    }

    private static HandshakeFailure NotConnected(Observation seen)
    {
        var (question, fault) = (seen.Question, seen.Fault);
        var (reason, remedy) = fault switch
        {
            { Kind: FaultKind.Unresolvable, Socket: SocketError.TryAgain } => (
                $"the name {question.Host} cannot be resolved at the moment: no name server answered",
                "check /etc/resolv.conf and the network, or give the IP address and the name with --servername"),
            { Kind: FaultKind.Unresolvable } => (
                $"the name {question.Host} has no address",
                $"check the spelling, DNS and /etc/hosts, or give the IP address, and the name with --servername {question.Host}"),
            { Kind: FaultKind.ConnectTimeout } => (
                $"no connection to {question.Endpoint} within {Seconds(question.ConnectTimeout)}: nothing answers there",
                "check the address, that the machine is up, and that no firewall drops the packets; --connect-timeout waits longer"),
            { Socket: SocketError.ConnectionRefused } => (
                $"{question.Endpoint} refuses the connection: nothing listens on that port, or a firewall rejects it",
                $"check that the server runs and listens there (on its machine: ss -ltnp 'sport = :{question.Port}'), and the port"),
            { Socket: SocketError.NetworkUnreachable or SocketError.HostUnreachable } => (
                $"there is no route to {question.Endpoint}",
                "check the address, the routing table (ip route) and VPNs"),
            _ => (
                $"no connection to {question.Endpoint}: {fault?.LibraryText ?? "unknown fault"}",
                "check the address and the network"),
        };
        return new(HandshakeStep.Connection, reason, remedy);
    }

    private static HandshakeFailure TimedOut(Observation seen, HandshakeFacts facts)
    {
        var time = Seconds(seen.Question.Timeout);
        return facts.Choice is null && seen.Received.Bytes.IsEmpty
            ? new(HandshakeStep.ServerHello,
                $"the server took the connection and said nothing within {time} after our client hello",
                "perhaps another protocol waits there for a whole line, the process hangs (see its log and load), or a load balancer "
                + "has no backend; check the port, and that TLS is switched on; --timeout waits longer")
            : new(NextStep(seen, facts),
                $"the server began to answer and did not finish the handshake within {time}",
                "see the server's log and load; packets that are too large for a tunnel (MTU) end like this, too; --timeout waits longer");
    }

    private static HandshakeFailure Reset(Observation seen, HandshakeFacts facts) => facts switch
    {
        { CertificateRequested: true, Choice: not null } => new(HandshakeStep.ClientVerification,
            "the server reset the connection after it had asked for a client certificate; it gave no reason",
            ClientCertificateRemedy(seen, facts)),
        { Choice: null } => new(HandshakeStep.ServerHello,
            "the server, or something before it, reset the connection after our client hello, without a reason",
            "check that the port speaks TLS, that the server is well (see its log), and that no firewall or proxy cuts the connection; "
            + "some cut it when they do not know the server name (--servername)"),
        _ => new(NextStep(seen, facts), "the server reset the connection in the middle of the handshake, without a reason", "see the server's log"),
    };

    private static HandshakeFailure Ended(Observation seen, HandshakeFacts facts) => facts switch
    {
        { CertificateRequested: true, Choice: not null } => new(HandshakeStep.ClientVerification,
            "the server closed the connection after it had asked for a client certificate; it gave no reason (no alert)",
            ClientCertificateRemedy(seen, facts)),
        { Choice: null } => new(HandshakeStep.ServerHello,
            "the server closed the connection after our client hello, without an answer (no alert)",
            "check that the port speaks TLS, and the server's log; some servers close like this when they do not know the server name "
            + "(--servername) or have no certificate"),
        _ => new(NextStep(seen, facts), "the server closed the connection in the middle of the handshake, without a reason (no alert)",
            "see the server's log"),
    };

    /// <summary>What to do where the server wants another certificate than it got.</summary>
    public static string ClientCertificateRemedy(Observation seen, HandshakeFacts facts)
    {
        var from = facts.Authorities switch
        {
            null or [] => "of the CA that the server trusts for clients (its --client-ca-file or ssl_client_certificate)",
            [var one] => $"issued by {one}",
            var some => $"issued by one of: {string.Join("; ", some.Take(5))}{(some.Count > 5 ? $"; and {some.Count - 5} more" : "")}",
        };
        return $"give a client certificate {from} with --cert and --key";
    }

    public static string Seconds(TimeSpan time) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");
}
