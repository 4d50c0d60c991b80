// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Pki.Tls;

/// <summary>What an alert says (IANA "TLS Alerts").</summary>
public enum TlsAlert : byte
{
    /// <summary>The end of the connection, in order.</summary>
    CloseNotify = 0,

    /// <summary>A message that does not belong here.</summary>
    UnexpectedMessage = 10,

    /// <summary>A record that does not decrypt.</summary>
    BadRecordMac = 20,

    /// <summary>Decryption failed (old).</summary>
    DecryptionFailed = 21,

    /// <summary>A record that is too large.</summary>
    RecordOverflow = 22,

    /// <summary>Decompression failed (old).</summary>
    DecompressionFailure = 30,

    /// <summary>No acceptable set of parameters.</summary>
    HandshakeFailure = 40,

    /// <summary>No certificate (SSL 3.0).</summary>
    NoCertificate = 41,

    /// <summary>The certificate is corrupt or does not verify.</summary>
    BadCertificate = 42,

    /// <summary>The certificate is of an unsupported type.</summary>
    UnsupportedCertificate = 43,

    /// <summary>The certificate is revoked.</summary>
    CertificateRevoked = 44,

    /// <summary>The certificate is not valid now.</summary>
    CertificateExpired = 45,

    /// <summary>Something else is wrong with the certificate.</summary>
    CertificateUnknown = 46,

    /// <summary>A field out of range.</summary>
    IllegalParameter = 47,

    /// <summary>The certificate's CA is not known.</summary>
    UnknownCa = 48,

    /// <summary>The certificate is valid and not allowed.</summary>
    AccessDenied = 49,

    /// <summary>A message cannot be read.</summary>
    DecodeError = 50,

    /// <summary>A signature or Finished does not verify.</summary>
    DecryptError = 51,

    /// <summary>The version is known and not supported.</summary>
    ProtocolVersion = 70,

    /// <summary>The server wants stronger parameters.</summary>
    InsufficientSecurity = 71,

    /// <summary>A fault of the other side itself.</summary>
    InternalError = 80,

    /// <summary>A retry with a lower version than both support.</summary>
    InappropriateFallback = 86,

    /// <summary>The handshake is given up.</summary>
    UserCanceled = 90,

    /// <summary>Renegotiation is refused (old).</summary>
    NoRenegotiation = 100,

    /// <summary>An extension is missing.</summary>
    MissingExtension = 109,

    /// <summary>An extension does not belong here.</summary>
    UnsupportedExtension = 110,

    /// <summary>The server name (SNI) is not known.</summary>
    UnrecognizedName = 112,

    /// <summary>The stapled OCSP answer is bad.</summary>
    BadCertificateStatusResponse = 113,

    /// <summary>The pre-shared key's identity is not known.</summary>
    UnknownPskIdentity = 115,

    /// <summary>A client certificate is required.</summary>
    CertificateRequired = 116,

    /// <summary>No application protocol (ALPN) in common.</summary>
    NoApplicationProtocol = 120,
}
