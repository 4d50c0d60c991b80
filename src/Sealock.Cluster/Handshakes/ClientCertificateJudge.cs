// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Handshakes;

/// <summary>Says what became of our certificate in a handshake that completed. Pure.</summary>
internal static class ClientCertificateJudge
{
    private const string PerRequest = "it may check that again at each request, as kube-apiserver and nginx do";

    public static Judgement Judge(Observation seen, HandshakeFacts facts)
    {
        var own = seen.Question.ClientCertificate?.Certificate;
        if (!facts.CertificateRequested)
        {
            return new(JudgementSubject.ClientCertificate, own is null ? JudgementOutcome.Fine : JudgementOutcome.Untold,
                own is null ? "the server asked for none" : $"the server asked for none, so {own.Subject} was not sent");
        }

        if (own is null)
        {
            return new(JudgementSubject.ClientCertificate, JudgementOutcome.Untold,
                $"the server asked for one, got none, and {GoesOn(seen)}; {PerRequest}",
                $"to show one, {HandshakeDiagnosis.ClientCertificateRemedy(seen, facts)}");
        }

        var stranger = facts.Authorities is { Count: > 0 } named
            && !seen.Question.ClientCertificate!.Chain.Any(certificate => named.Contains(certificate.Issuer.ToString()));
        var note = stranger ? $". Its CA ({own.Issuer}) is none of those the server named" : "";
        return new(JudgementSubject.ClientCertificate, JudgementOutcome.Fine,
            $"the server asked for one, got {own.Subject}, and {GoesOn(seen)}{note}; {PerRequest}");
    }

    private static string GoesOn(Observation seen) =>
        seen.Library.Version < ClientHello.Tls13 || seen.Aftermath is Aftermath.Continued or Aftermath.Data
            ? "went on"
            : $"sent no alert within {HandshakeDiagnosis.Seconds(seen.Question.AnswerWait)}";
}
