// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using Sealock.Cluster.Handshakes;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Tls;
using Sealock.Tests.Pki;

namespace Sealock.Tests.Cluster.Handshakes;

public sealed class DiagnosisTests
{
    public static TheoryData<string, HandshakeStep, string, string> NoConnection => new()
    {
        { "HostNotFound", HandshakeStep.Connection, "the name localhost has no address", "/etc/hosts" },
        { "TryAgain", HandshakeStep.Connection, "no name server answered", "/etc/resolv.conf" },
        { "ConnectionRefused", HandshakeStep.Connection, "localhost:6443 refuses the connection", "ss -ltnp" },
        { "HostUnreachable", HandshakeStep.Connection, "no route to localhost:6443", "ip route" },
        { "TimedOut", HandshakeStep.Connection, "within 5 s", "firewall" },
    };

    [Theory]
    [MemberData(nameof(NoConnection))]
    public void A_connection_that_fails_is_explained(string error, HandshakeStep step, string reason, string remedy)
    {
        var fault = FaultReader.OfConnecting(new SocketException((int)Enum.Parse<SocketError>(error)), Observed.Ms(1));
        Check(new() { Question = Observed.Question, Fault = fault }, step, reason, remedy);
    }

    public static TheoryData<string, string> Plain => new()
    {
        { "HTTP/1.0 400 Bad Request\r\nConnection: close\r\n\r\n", "speaks plain HTTP on port 6443, not HTTPS (it answered \"HTTP/1.0 400 Bad Request\")" },
        { "HTTP/1.1 400 Bad Request\r\n\r\n400 Bad Request", "plain HTTP" },
        { "<!DOCTYPE HTML PUBLIC", "plain HTTP" },
        { "<html><head>", "plain HTTP" },
        { "SSH-2.0-OpenSSH_9.2p1\r\n", "speaks SSH, not TLS (it said \"SSH-2.0-OpenSSH_9.2p1\")" },
        { "220 mail.example.com ESMTP\r\n", "SMTP or FTP" },
        { "\u0000\u0000\u0000\u001b\u001b[31m", "does not speak TLS (it answered \".....[31m\")" },
    };

    [Theory]
    [MemberData(nameof(Plain))]
    public void An_answer_that_is_not_tls_is_explained_and_shown_harmlessly(string answer, string reason) => Check(
        Observed.Answered(answer) with { Fault = new(FaultKind.Tls, Observed.Ms(4)) { LibraryText = "Cannot determine the frame size" } },
        HandshakeStep.ServerHello, reason, "port");

    [Theory]
    [InlineData("tls12-protocol-version", HandshakeStep.ServerHello, "none of the versions offered (TLS 1.3) (alert protocol_version)", "--tls-min")]
    [InlineData("tls12-no-shared-cipher", HandshakeStep.ServerHello, "no cipher suite, group or signature algorithm in common", "curves")]
    [InlineData("tls12-client-certificate-required", HandshakeStep.ClientVerification, "requires a client certificate, and none was sent",
        "issued by O=Acme,CN=test-ca with --cert and --key")]
    public void Alerts_on_the_wire_are_explained(string recording, HandshakeStep step, string reason, string remedy) =>
        Check(Observed.Of(recording), step, reason, remedy);

    [Theory]
    [InlineData("tls13-client-certificate-required", TlsAlert.CertificateRequired)]
    [InlineData("etcd-tls13-client-certificate-required", TlsAlert.BadCertificate)]
    public void A_refusal_after_the_handshake_of_tls_1_3_is_explained(string recording, TlsAlert alert) => Check(
        Observed.Of(recording).CompletedAndAsked("CN=ca one", "CN=ca two").Refused(alert), HandshakeStep.ClientVerification,
        $"requires a client certificate, and none was sent (alert {TlsNames.Alert(alert)})", "issued by one of: CN=ca one; CN=ca two");

    [Theory]
    [InlineData(TlsAlert.UnknownCa, "it does not know the CA that issued it (CN=own-ca)")]
    [InlineData(TlsAlert.BadCertificate, "it does not verify")]
    [InlineData(TlsAlert.CertificateExpired, "it is not valid now for the server")]
    [InlineData(TlsAlert.CertificateRevoked, "it is revoked")]
    [InlineData(TlsAlert.UnsupportedCertificate, "it is not good for this purpose")]
    [InlineData(TlsAlert.AccessDenied, "it is valid, and not allowed in")]
    [InlineData(TlsAlert.DecryptError, "the proof that we have its key does not verify")]
    public void Why_our_certificate_is_refused_is_explained(TlsAlert alert, string reason)
    {
        using var own = Own();
        Check(Of(own, Observed.Of("tls13-client-certificate-accepted").CompletedAndAsked().Refused(alert)),
            HandshakeStep.ClientVerification, $"refuses our certificate CN=own: {reason}", null);
    }

    [Theory]
    [InlineData(TlsAlert.NoApplicationProtocol, "speaks none of the application protocols offered by ALPN", "--alpn")]
    [InlineData(TlsAlert.UnrecognizedName, "no certificate for the server name localhost", "--servername")]
    [InlineData(TlsAlert.InternalError, "a fault of its own", "server's log")]
    [InlineData(TlsAlert.InsufficientSecurity, "stronger cipher suites", "suites")]
    [InlineData(TlsAlert.InappropriateFallback, "higher version", "--tls-max")]
    [InlineData(TlsAlert.IllegalParameter, "ended the handshake (alert illegal_parameter)", "log")]
    public void Refusals_of_the_client_hello_are_explained(TlsAlert alert, string reason, string remedy)
    {
        var pieces = RecordedHandshake.Read(alert == TlsAlert.NoApplicationProtocol ? "tls12-alpn" : "tls13-resumed").Pieces;
        Check(Observed.Of([pieces[0], (false, [21, 3, 3, 0, 2, 2, (byte)alert])]), HandshakeStep.ServerHello, reason, remedy);
    }

    [Fact]
    public void A_warning_is_no_failure()
    {
        var pieces = RecordedHandshake.Read("tls12-alpn").Pieces;
        Assert.Null(HandshakeDiagnosis.Explain(Observed.Of([pieces[0], (false, [21, 3, 3, 0, 2, 1, 112]), .. pieces.Skip(1)])));
    }

    public static TheoryData<string, int, string, string> Cuts => new()
    {
        { "HandshakeTimeout", 0, "said nothing within 10 s after our client hello", "--timeout" },
        { "HandshakeTimeout", 1, "began to answer and did not finish", "MTU" },
        { "Reset", 0, "reset the connection after our client hello", "--servername" },
        { "Reset", 1, "reset the connection in the middle", "log" },
        { "Closed", 0, "closed the connection after our client hello, without an answer", "--servername" },
        { "Closed", 1, "closed the connection in the middle", "log" },
    };

    [Theory]
    [MemberData(nameof(Cuts))]
    public void Silence_resets_and_closed_connections_are_explained(string kind, int answers, string reason, string remedy)
    {
        var pieces = RecordedHandshake.Read("tls12-alpn").Pieces;
        var seen = Observed.Of([pieces[0], .. pieces.Where(piece => !piece.FromClient).Take(answers).Select(piece => (false, piece.Bytes[..300]))]);
        Check(seen with { Fault = new(Enum.Parse<FaultKind>(kind), Observed.Ms(9)) { Socket = SocketError.ConnectionReset } },
            HandshakeStep.ServerHello, reason, remedy);
    }

    [Theory]
    [InlineData("Reset")]
    [InlineData("Closed")]
    public void A_server_that_goes_without_a_word_after_it_asked_for_a_certificate_is_explained(string kind) => Check(
        Observed.Of("tls13-client-certificate-required").CompletedAndAsked() with { Fault = new(Enum.Parse<FaultKind>(kind), Observed.Ms(9)) },
        HandshakeStep.ClientVerification, "after it had asked for a client certificate", "--cert and --key");

    [Fact]
    public void A_server_that_ends_the_session_instead_of_an_answer_to_no_certificate_is_explained() => Check(
        Observed.Of("tls13-client-certificate-required").CompletedAndAsked("CN=ca") with { Aftermath = Aftermath.Ended },
        HandshakeStep.ClientVerification, "closed the connection after it had asked for a client certificate", "issued by CN=ca");

    [Theory]
    [InlineData(258, HandshakeStep.ServerHello, "chose TLS 1.2, which was not offered")]
    [InlineData(394, HandshakeStep.KeyExchange, "Diffie-Hellman parameters are too small")]
    [InlineData(123, HandshakeStep.KeyExchange, "proof that it has its certificate's key does not verify")]
    [InlineData(398, HandshakeStep.ServerHello, "too weak for this machine's TLS library")]
    [InlineData(5, HandshakeStep.ServerHello, "gave up: some words")]
    public void What_our_library_refuses_is_explained(int reason, HandshakeStep step, string text)
    {
        var pieces = RecordedHandshake.Read("tls12-alpn").Pieces;
        var seen = Observed.Of([pieces[0], (false, pieces[1].Bytes[..300])]);
        Check(seen with { Fault = new(FaultKind.Tls, Observed.Ms(9)) { LibraryReason = reason, LibraryText = "some words" } }, step, text, null);
    }

    [Fact]
    public void Versions_that_the_library_does_not_offer_are_its_fault_and_not_the_servers() => Check(
        Observed.Of([(true, [21, 3, 1, 0, 2, 2, 80])]) with { Fault = new(FaultKind.Tls, Observed.Ms(2)) { LibraryReason = 181, LibraryText = "no ciphers available" } },
        HandshakeStep.ClientHello, "makes no client hello for the versions wanted (no ciphers available)", "OPENSSL_CONF");

    private static void Check(Observation seen, HandshakeStep step, string reason, string? remedy)
    {
        var failure = HandshakeDiagnosis.Explain(seen);
        Assert.NotNull(failure);
        Assert.Contains(reason, failure.Reason, StringComparison.Ordinal);
        Assert.Contains(remedy ?? "", failure.Remedy, StringComparison.Ordinal);
        Assert.Equal(step, failure.Step);
    }

    private static Observation Of(ServingCertificate own, Observation seen) =>
        seen with { Question = seen.Question with { ClientCertificate = own } };

    private static ServingCertificate Own()
    {
        using var key = KeyPair.Generate();
        var now = TimeProvider.System.GetUtcNow();
        var authority = CertificateAuthority.CreateRoot("own-ca", key, now);
        var leaf = authority.Issue(new()
        {
            Subject = DistinguishedName.Create("own"),
            PublicKey = key.PublicKey,
            Profile = CertificateProfile.Client,
        }, now).Require();
        return ServingCertificate.Create([leaf], key);
    }
}
