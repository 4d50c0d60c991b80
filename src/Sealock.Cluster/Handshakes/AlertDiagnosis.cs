// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Handshakes;

/// <summary>Explains the alert by which a server ended a handshake.</summary>
internal static class AlertDiagnosis
{
    public static HandshakeFailure Explain(TlsAlert alert, Observation seen, HandshakeFacts facts)
    {
        var (step, reason, remedy) = Meaning(alert, seen, facts);
        return new(step, $"{reason} (alert {TlsNames.Alert(alert)})", remedy);
    }

    private static (HandshakeStep Step, string Reason, string Remedy) Meaning(TlsAlert alert, Observation seen, HandshakeFacts facts)
    {
        var own = seen.Question.ClientCertificate?.Certificate;
        if (facts.CertificateRequested && IsAboutCertificates(alert))
        {
            return own is null
                ? (HandshakeStep.ClientVerification, "the server requires a client certificate, and none was sent",
                    HandshakeDiagnosis.ClientCertificateRemedy(seen, facts))
                : OfOurCertificate(alert, seen, facts);
        }

        return alert switch
        {
            TlsAlert.ProtocolVersion => (HandshakeStep.ServerHello,
                $"the server speaks none of the versions offered ({Offered(facts)})",
                LibraryDiagnosis.WantsOldVersions(seen.Question)
                    ? $"let the server allow TLS 1.2 and 1.3; {LibraryDiagnosis.OldVersionsRemedy}"
                    : "offer others with --tls-min and --tls-max (TLS 1.0 and 1.1 are unsafe), or let the server allow TLS 1.2 and 1.3"),
            TlsAlert.HandshakeFailure => (HandshakeStep.ServerHello,
                "the server accepts nothing of what was offered: no cipher suite, group or signature algorithm in common, or it has no certificate for this name",
                "compare the server's suites and curves, and the key of its certificate (ECDSA or RSA), with the client hello above; see its log"),
            TlsAlert.InsufficientSecurity => (HandshakeStep.ServerHello,
                "the server wants stronger cipher suites than were offered", "compare the server's suites with the client hello above"),
            TlsAlert.NoApplicationProtocol => (HandshakeStep.ServerHello,
                facts.Offer?.Hello.ApplicationProtocols is { Count: > 0 } protocols
                    ? $"the server speaks none of the application protocols offered by ALPN ({string.Join(", ", protocols)})"
                    : "the server demands an application protocol (ALPN), and none was offered",
                "offer another with --alpn (h2 and http/1.1 are usual), or leave --alpn out"),
            TlsAlert.UnrecognizedName => (HandshakeStep.ServerHello,
                facts.Offer?.Hello.ServerName is { } name
                    ? $"the server has no certificate for the server name {name}"
                    : "the server demands a server name (SNI), and none was sent",
                "give a name that the server serves with --servername, or add this one to its configuration"),
            TlsAlert.InternalError => (HandshakeDiagnosis.NextStep(seen, facts),
                "the server had a fault of its own", "see the server's log; often its certificate or key cannot be used, or it has none for this name"),
            TlsAlert.InappropriateFallback => (HandshakeStep.ServerHello,
                "the server speaks a higher version than was offered, and refuses the lower one", "raise --tls-max"),
            TlsAlert.BadRecordMac or TlsAlert.DecryptError or TlsAlert.DecryptionFailed => (HandshakeDiagnosis.NextStep(seen, facts),
                "the server could not decrypt or verify what we sent",
                "something changes the connection on its way (a proxy that breaks TLS open?), or the server is at fault; see its log"),
            TlsAlert.CloseNotify or TlsAlert.UserCanceled => (HandshakeDiagnosis.NextStep(seen, facts),
                "the server gave the handshake up without a reason", "see the server's log"),
            TlsAlert.AccessDenied => (HandshakeDiagnosis.NextStep(seen, facts),
                "the server denies access", "see the server's rules for this address, name or certificate"),
            _ when IsAboutCertificates(alert) => (HandshakeDiagnosis.NextStep(seen, facts),
                "the server refuses a certificate, though it asked for none", "see the server's log"),
            _ => (HandshakeDiagnosis.NextStep(seen, facts), "the server ended the handshake", "see the server's log"),
        };
    }

    private static (HandshakeStep Step, string Reason, string Remedy) OfOurCertificate(TlsAlert alert, Observation seen, HandshakeFacts facts)
    {
        var own = seen.Question.ClientCertificate!.Certificate; // The caller has seen that there is one.
        var what = $"the server refuses our certificate {own.Subject}";
        var other = HandshakeDiagnosis.ClientCertificateRemedy(seen, facts);
        var (reason, remedy) = alert switch
        {
            TlsAlert.UnknownCa => ($"{what}: it does not know the CA that issued it ({own.Issuer})",
                $"{other}; or add that CA to those the server trusts for clients"),
            TlsAlert.CertificateExpired => ($"{what}: it is not valid now for the server (it is valid from {own.NotBefore:u} to {own.NotAfter:u})",
                "renew it, or set the server's clock right"),
            TlsAlert.CertificateRevoked => ($"{what}: it is revoked", "get a new one with --cert and --key"),
            TlsAlert.UnsupportedCertificate => ($"{what}: it is not good for this purpose or of an unsupported kind",
                "give one with the extended key usage client auth, and a key that the server supports"),
            TlsAlert.AccessDenied => ($"{what}: it is valid, and not allowed in", "see the server's rules on names"),
            TlsAlert.DecryptError => ($"{what}: the proof that we have its key does not verify", "give the key that belongs to the certificate"),
            TlsAlert.CertificateRequired => ("the server requires a client certificate, and ours was not sent: the server does not name our CA or supports no algorithm of our key",
                other),
            _ => ($"{what}: it does not verify", $"{other}; it needs the extended key usage client auth, and its intermediate CAs in the same file"),
        };
        return (HandshakeStep.ClientVerification, reason, remedy);
    }

    private static bool IsAboutCertificates(TlsAlert alert) => alert is TlsAlert.HandshakeFailure or TlsAlert.NoCertificate
        or TlsAlert.BadCertificate or TlsAlert.UnsupportedCertificate or TlsAlert.CertificateRevoked or TlsAlert.CertificateExpired
        or TlsAlert.CertificateUnknown or TlsAlert.UnknownCa or TlsAlert.AccessDenied or TlsAlert.DecryptError or TlsAlert.CertificateRequired;

    private static string Offered(HandshakeFacts facts) =>
        facts.Offer is { } offer ? string.Join(", ", HandshakeStory.Versions(offer)) : "none";
}
