// SPDX-License-Identifier: Apache-2.0
using System.Security.Authentication;
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Handshakes;

/// <summary>Explains why our own TLS library gave a handshake up.</summary>
internal static class LibraryDiagnosis
{
    // Reasons of OpenSSL's sslerr.h.
    private const int BadSignature = 123;
    private const int NoCiphersAvailable = 181;
    private const int NoProtocolsAvailable = 191;
    private const int UnsupportedProtocol = 258;
    private const int WrongVersionNumber = 267;
    private const int WrongCipherReturned = 261;
    private const int DhKeyTooSmall = 394;
    private const int EeKeyTooSmall = 399;
    private const int CaKeyTooSmall = 397;
    private const int CaMdTooWeak = 398;
    private const int WrongSignatureType = 370;
    private const int UnsafeLegacyRenegotiation = 338;
    private const int DecryptionFailed = 281;

    /// <summary>What to do to speak TLS 1.0 and 1.1 nevertheless.</summary>
    public const string OldVersionsRemedy =
        "this machine's OpenSSL speaks TLS 1.0 and 1.1 only at security level 0: to look at an old server, set OPENSSL_CONF to a "
        + "configuration whose system_default section says MinProtocol = TLSv1 and CipherString = DEFAULT:@SECLEVEL=0";

    /// <summary>True where versions below TLS 1.2 are to be offered.</summary>
    public static bool WantsOldVersions(EndpointQuestion question) =>
        (question.Versions & ~(SslProtocols.Tls12 | SslProtocols.Tls13)) != SslProtocols.None;

    public static HandshakeFailure Explain(Observation seen, HandshakeFacts facts, TlsFlow client)
    {
        var words = seen.Fault?.LibraryText ?? "no reason given";
        var next = HandshakeDiagnosis.NextStep(seen, facts);
        if (client.Messages.All(message => message.Type != TlsHandshakeType.ClientHello))
        {
            return new(HandshakeStep.ClientHello,
                $"the TLS library of this machine makes no client hello for the versions wanted ({words})",
                $"offer TLS 1.2 or 1.3; {OldVersionsRemedy}");
        }

        return seen.Fault?.LibraryReason switch
        {
            UnsupportedProtocol => new(HandshakeStep.ServerHello,
                $"the server chose {(facts.Version is { } version ? TlsNames.Version(version) : "a version")}, which was not offered ({words})",
                "the server speaks no version that is wanted here: raise its versions to TLS 1.2 or 1.3, or lower --tls-min to look at it"),
            WrongVersionNumber => new(HandshakeStep.ServerHello,
                $"what the server answered is not TLS ({words})", "check the port, and that TLS is switched on in the server"),
            WrongCipherReturned => new(HandshakeStep.ServerHello,
                $"the server chose a cipher suite that was not offered ({words})", "the server is at fault; see its log"),
            DhKeyTooSmall => new(HandshakeStep.KeyExchange,
                $"the server's Diffie-Hellman parameters are too small to be safe ({words})",
                "let the server use elliptic curves (ECDHE), or parameters of at least 2048 bits"),
            EeKeyTooSmall or CaKeyTooSmall or CaMdTooWeak => new(HandshakeStep.ServerHello,
                $"a certificate of the server is too weak for this machine's TLS library ({words})",
                "reissue it with ECDSA P-256 or RSA of at least 2048 bits, signed with SHA-256"),
            BadSignature => new(HandshakeStep.KeyExchange,
                $"the server's proof that it has its certificate's key does not verify ({words})",
                "the server's certificate and key do not belong together, or something changes the connection on its way"),
            WrongSignatureType => new(HandshakeStep.KeyExchange,
                $"the server signed with an algorithm that was not offered ({words})",
                "the server's certificate needs another key (ECDSA P-256 or RSA), or the server is at fault"),
            UnsafeLegacyRenegotiation => new(HandshakeStep.ServerHello,
                $"the server lacks secure renegotiation (RFC 5746), so the TLS library refuses it ({words})", "update the server"),
            DecryptionFailed => new(next,
                $"what the server sent does not decrypt ({words})", "something changes the connection on its way, or the server is at fault"),
            NoCiphersAvailable or NoProtocolsAvailable => new(HandshakeStep.ClientHello,
                $"the TLS library of this machine offers nothing that is wanted ({words})", "see its configuration (openssl.cnf)"),
            _ => new(next, $"the TLS library of this machine gave up: {words}",
                "see the server's log; if the server is sound, this machine's OpenSSL configuration may forbid what it uses"),
        };
    }
}
