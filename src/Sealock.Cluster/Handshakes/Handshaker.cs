// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Handshakes;

/// <summary>Makes a handshake and tells it step by step, from what is on the wire and what the TLS library reports.</summary>
public static class Handshaker
{
    /// <summary>
    /// Connects, makes the handshake and closes; no data is sent. Where that helps, further connections ask for what the first
    /// could not show: the CAs the server names, and whether a session is resumed. Only cancellation throws.
    /// </summary>
    public static async Task<HandshakeReport> TellAsync(HandshakeQuestion question, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (start, at) = (clock.GetTimestamp(), clock.GetUtcNow());
        Task<Observation> Observe(ConnectionPurpose purpose) =>
            TlsConnection.ObserveAsync(question.Endpoint, purpose, clock, () => clock.GetElapsedTime(start), cancellationToken);

        var seen = await Observe(ConnectionPurpose.Tell);
        var events = new List<HandshakeEvent>(HandshakeStory.Tell(seen));
        var connections = 1;
        var facts = HandshakeFacts.Of(seen);
        if (facts is { CertificateRequested: true, Authorities: null, Version: not null })
        {
            // The library tells the names only to those who have not chosen a certificate yet.
            var other = await Observe(ConnectionPurpose.AskForAuthorities);
            connections++;
            facts = facts with { Authorities = HandshakeFacts.Of(other).Authorities };
            events.AddRange(HandshakeStory.Tell(other, connections).Where(told => told.Text == LibraryStory.AskedForCertificate));
        }

        var failure = HandshakeDiagnosis.Explain(seen, facts);
        var verdict = new List<Judgement>
        {
            failure is null
                ? new(JudgementSubject.Handshake, JudgementOutcome.Fine, $"complete {Milliseconds(Duration(seen))} after the connection")
                : new(JudgementSubject.Handshake, JudgementOutcome.Failed, $"step {(int)failure.Step}, {StepNames.Of(failure.Step)}: {failure.Reason}", failure.Remedy),
        };
        verdict.AddRange(ServerJudge.Judge(facts.ServerChain, question.Trusted, question.ExpectedName, at));
        if (failure is null)
        {
            verdict.Add(ClientCertificateJudge.Judge(seen, facts));
            if (question.TryResumption)
                verdict.Add(await TryResumptionAsync(Observe, question.Endpoint, events, connections));
        }

        return new()
        {
            Endpoint = question.Endpoint.Endpoint,
            Address = seen.Address,
            At = at,
            Events = events,
            Version = facts.Version is { } version ? TlsNames.Version(version) : null,
            CipherSuite = facts.CipherSuite is { } suite ? TlsNames.CipherSuite(suite) : null,
            Group = facts.Group,
            ApplicationProtocol = facts.ApplicationProtocol,
            Chain = facts.ServerChain,
            ClientCertificateRequested = facts.CertificateRequested,
            Authorities = facts.Authorities,
            Failure = failure,
            Verdict = verdict,
        };
    }

    /// <summary>From the connection to the last message of the handshake: the library's work after it does not count.</summary>
    private static TimeSpan Duration(Observation seen)
    {
        var completed = seen.Library.CompletedAt ?? seen.EndedAt;
        var last = seen.Sent.Chunks.Concat(seen.Received.Chunks).Select(chunk => chunk.At).Where(at => at <= completed).DefaultIfEmpty(completed).Max();
        return last - (seen.ConnectedAt ?? TimeSpan.Zero);
    }

    private static async Task<Judgement> TryResumptionAsync(
        Func<ConnectionPurpose, Task<Observation>> observe, EndpointQuestion question, List<HandshakeEvent> events, int connections)
    {
        if (question.ServerName is "" || IPAddress.TryParse(question.ServerName ?? question.Host, out _))
        {
            return new(JudgementSubject.Resumption, JudgementOutcome.Untold,
                "not tried: the TLS library keeps sessions by server name, and none was sent", "name the server with --servername");
        }

        var first = await observe(ConnectionPurpose.Resume);
        events.AddRange(Tickets(HandshakeStory.Tell(first, connections + 1)));
        var second = await observe(ConnectionPurpose.Resume);
        events.AddRange(HandshakeStory.Tell(second, connections + 2)
            .Where(told => told.Source == HandshakeSource.Wire && told.Step is HandshakeStep.ClientHello or HandshakeStep.ServerHello)
            .Select(OfResumption).OfType<HandshakeEvent>());
        var facts = HandshakeFacts.Of(second);
        return facts switch
        {
            { Choice: null } => new(JudgementSubject.Resumption, JudgementOutcome.Untold,
                $"cannot be told: another connection failed ({HandshakeDiagnosis.Explain(second, facts)?.Reason ?? "no server hello"})"),
            { Resumed: true } => new(JudgementSubject.Resumption, JudgementOutcome.Fine, "the server resumes sessions"),
            { Offer.OffersResumption: true } => new(JudgementSubject.Resumption, JudgementOutcome.Untold,
                "the server did not resume the session that was offered: each connection is a full handshake"),
            _ => new(JudgementSubject.Resumption, JudgementOutcome.Untold,
                first.Library.SentCertificate
                    ? "not told: the TLS library keeps no session where a client certificate was sent"
                    : "the server gave no session that could be offered again"),
        };
    }

    /// <summary>Of a connection that only fetches a session: what it got after the handshake.</summary>
    private static IEnumerable<HandshakeEvent> Tickets(IEnumerable<HandshakeEvent> told) => told.Where(one =>
        one.Step is HandshakeStep.Connection || one.Source == HandshakeSource.Wire
        && (one.Step == HandshakeStep.Messages || one.Text == ServerStory.TicketReceived));

    /// <summary>Of a connection that offers a session: what was offered and what became of it.</summary>
    private static HandshakeEvent? OfResumption(HandshakeEvent told)
    {
        var details = told.Details.Where(detail => detail.Name == HandshakeStory.SessionOfBefore).ToList();
        return details.Count > 0 ? told with { Details = details } : null;
    }

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms");
}
