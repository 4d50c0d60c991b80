// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;

namespace Sealock.Pki.Tls;

/// <summary>Messages that are in the clear up to TLS 1.2, and hidden from TLS 1.3 on.</summary>
public static class Tls12Messages
{
    /// <summary>No more certificates of a chain are read.</summary>
    public const int MaxCertificates = 50;

    /// <summary>No more names of authorities are read.</summary>
    public const int MaxAuthorities = 2000;

    /// <summary>Reads the DER of a Certificate message, leaf first (RFC 5246 7.4.2); null where it is malformed.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>>? ReadCertificates(ReadOnlySpan<byte> body)
    {
        var message = new TlsCursor(body);
        var list = new TlsCursor(message.Vector24());
        var certificates = new List<ReadOnlyMemory<byte>>();
        while (!list.AtEnd && !list.Failed && certificates.Count < MaxCertificates)
        {
            var certificate = list.Vector24();
            if (!list.Failed)
                certificates.Add(certificate.ToArray());
        }
        return message.Failed || list.Failed || !message.AtEnd ? null : certificates;
    }
}

/// <summary>How a server up to TLS 1.2 asks for a client certificate (RFC 5246 7.4.4).</summary>
public sealed record CertificateRequestMessage
{
    /// <summary>The signature schemes it takes; empty before TLS 1.2.</summary>
    public IReadOnlyList<ushort> SignatureSchemes { get; init; } = [];

    /// <summary>The CAs it names; empty for any. A name that cannot be read is left out.</summary>
    public IReadOnlyList<DistinguishedName> Authorities { get; init; } = [];

    /// <summary>Reads the body; null where it is malformed.</summary>
    public static CertificateRequestMessage? Read(ReadOnlySpan<byte> body, ushort version)
    {
        var message = new TlsCursor(body);
        message.Vector8();
        ushort[] schemes = [];
        if (version >= ClientHello.Tls12)
            schemes = ClientHelloReader.UInt16List(message.Vector16(), ref message);
        var list = new TlsCursor(message.Vector16());
        var authorities = new List<DistinguishedName>();
        while (!list.AtEnd && !list.Failed && authorities.Count < Tls12Messages.MaxAuthorities)
        {
            var name = list.Vector16();
            if (!list.Failed && TryReadName(name.ToArray()) is { } authority)
                authorities.Add(authority);
        }
        return message.Failed || list.Failed || !message.AtEnd ? null : new() { SignatureSchemes = schemes, Authorities = authorities };
    }

    private static DistinguishedName? TryReadName(byte[] der)
    {
        try
        {
            return DistinguishedName.Parse(der);
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }
}

/// <summary>The server's part of an ephemeral key exchange up to TLS 1.2 (RFC 8422 5.4, RFC 5246 7.4.3).</summary>
public sealed record ServerKeyExchangeMessage
{
    /// <summary>The curve of an elliptic exchange; null for a finite field.</summary>
    public ushort? Group { get; init; }

    /// <summary>Bits of the prime of a finite field; null for a curve.</summary>
    public int? PrimeBits { get; init; }

    /// <summary>What the server's certificate signed it with; null before TLS 1.2 and where nothing is signed.</summary>
    public ushort? SignatureScheme { get; init; }

    /// <summary>Reads the body; null where it is malformed or of another kind.</summary>
    /// <param name="body">The message.</param>
    /// <param name="version">The version agreed on.</param>
    /// <param name="cipherSuite">The suite agreed on, which tells the kind.</param>
    public static ServerKeyExchangeMessage? Read(ReadOnlySpan<byte> body, ushort version, ushort cipherSuite)
    {
        var suite = TlsNames.CipherSuite(cipherSuite);
        var message = new TlsCursor(body);
        ServerKeyExchangeMessage? exchange = null;
        if (suite.StartsWith("TLS_ECDHE_", StringComparison.Ordinal))
        {
            var isNamed = message.Byte() == 3;
            exchange = new() { Group = message.UInt16() };
            message.Vector8();
            if (!isNamed)
                return null;
        }
        else if (suite.StartsWith("TLS_DHE_", StringComparison.Ordinal))
        {
            var prime = message.Vector16().TrimStart((byte)0);
            exchange = new() { PrimeBits = prime.IsEmpty ? 0 : (8 * prime.Length) - System.Numerics.BitOperations.LeadingZeroCount((uint)prime[0] << 24) };
            message.Vector16();
            message.Vector16();
        }
        if (exchange is not null && version >= ClientHello.Tls12 && !message.AtEnd)
            exchange = exchange with { SignatureScheme = message.UInt16() };
        return message.Failed ? null : exchange;
    }
}
