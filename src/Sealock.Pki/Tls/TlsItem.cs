// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Pki.Tls;

/// <summary>One thing that one side of a connection sent, in the order of the wire.</summary>
/// <param name="End">How many bytes of this side were sent when it was complete.</param>
public abstract record TlsItem(int End);

/// <summary>A handshake message that can be read.</summary>
/// <param name="Type">Its type (RFC 8446 4, RFC 5246 7.4).</param>
/// <param name="Body">Its content without the header.</param>
/// <param name="End">See <see cref="TlsItem"/>.</param>
public sealed record TlsHandshakeMessage(TlsHandshakeType Type, ReadOnlyMemory<byte> Body, int End) : TlsItem(End);

/// <summary>ChangeCipherSpec: in TLS 1.2 what follows is encrypted; in TLS 1.3 it means nothing.</summary>
/// <param name="End">See <see cref="TlsItem"/>.</param>
public sealed record TlsChangeCipherSpec(int End) : TlsItem(End);

/// <summary>An alert that can be read.</summary>
/// <param name="IsFatal">Whether its level says that the connection ends.</param>
/// <param name="Alert">What it says.</param>
/// <param name="End">See <see cref="TlsItem"/>.</param>
public sealed record TlsAlertMessage(bool IsFatal, TlsAlert Alert, int End) : TlsItem(End);

/// <summary>A record that only the two sides can read.</summary>
/// <param name="ContentType">The outer type: 22 handshake, 21 alert (TLS 1.2), 23 any (TLS 1.3) or data.</param>
/// <param name="Length">Bytes of it.</param>
/// <param name="End">See <see cref="TlsItem"/>.</param>
public sealed record TlsEncryptedRecord(byte ContentType, int Length, int End) : TlsItem(End);

/// <summary>Types of handshake messages that are sent in the clear in one version or other.</summary>
public enum TlsHandshakeType : byte
{
    /// <summary>The client begins.</summary>
    ClientHello = 1,

    /// <summary>The server chooses (a HelloRetryRequest in TLS 1.3 has this type too).</summary>
    ServerHello = 2,

    /// <summary>A ticket by which the session can be resumed.</summary>
    NewSessionTicket = 4,

    /// <summary>A certificate chain.</summary>
    Certificate = 11,

    /// <summary>The server's part of the key exchange.</summary>
    ServerKeyExchange = 12,

    /// <summary>The server asks for a client certificate.</summary>
    CertificateRequest = 13,

    /// <summary>The server's first flight is over.</summary>
    ServerHelloDone = 14,

    /// <summary>The client proves that it has the certificate's key.</summary>
    CertificateVerify = 15,

    /// <summary>The client's part of the key exchange.</summary>
    ClientKeyExchange = 16,

    /// <summary>The end of one side's part.</summary>
    Finished = 20,

    /// <summary>A stapled OCSP answer.</summary>
    CertificateStatus = 22,
}
