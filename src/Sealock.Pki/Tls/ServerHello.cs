// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Pki.Tls;

/// <summary>What a server chose (RFC 8446 4.1.3, RFC 5246 7.4.1.3), or what it wants changed first.</summary>
public sealed record ServerHello
{
    /// <summary>The random value that makes a ServerHello a HelloRetryRequest (RFC 8446 4.1.3).</summary>
    private static ReadOnlySpan<byte> RetryRandom =>
    [
        0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
        0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
    ];

    /// <summary>The version chosen: that of supported_versions, or the message's own.</summary>
    public required ushort Version { get; init; }

    /// <summary>True for a HelloRetryRequest.</summary>
    public bool IsRetryRequest { get; init; }

    /// <summary>The session id: in TLS 1.2 the session's, in TLS 1.3 the client's repeated.</summary>
    public ReadOnlyMemory<byte> SessionId { get; init; }

    /// <summary>The cipher suite chosen.</summary>
    public required ushort CipherSuite { get; init; }

    /// <summary>The key share's group (TLS 1.3); in a HelloRetryRequest the group wanted. Null where there is none.</summary>
    public ushort? Group { get; init; }

    /// <summary>True where TLS 1.3 goes on with a session of before.</summary>
    public bool AcceptsPreSharedKey { get; init; }

    /// <summary>The application protocol chosen; TLS 1.3 hides it.</summary>
    public string? ApplicationProtocol { get; init; }

    /// <summary>Reads the body of a ServerHello; null where it is malformed.</summary>
    public static ServerHello? Read(ReadOnlySpan<byte> body)
    {
        var message = new TlsCursor(body);
        var version = message.UInt16();
        var isRetry = message.Take(32).SequenceEqual(RetryRandom);
        var sessionId = message.Vector8();
        var suite = message.UInt16();
        message.Skip(1);
        if (message.Failed || sessionId.Length > 32)
            return null;
        var hello = new ServerHello
        {
            Version = version,
            IsRetryRequest = isRetry,
            SessionId = sessionId.ToArray(),
            CipherSuite = suite,
        };
        if (message.AtEnd)
            return hello;
        var extensions = new TlsCursor(message.Vector16());
        if (message.Failed || !message.AtEnd)
            return null;
        while (!extensions.AtEnd)
        {
            var type = extensions.UInt16();
            var content = new TlsCursor(extensions.Vector16());
            switch (type)
            {
                case TlsExtension.SupportedVersions:
                    hello = hello with { Version = content.UInt16() };
                    break;
                case TlsExtension.KeyShare:
                    hello = hello with { Group = content.UInt16() };
                    break;
                case TlsExtension.PreSharedKey:
                    hello = hello with { AcceptsPreSharedKey = true };
                    break;
                case TlsExtension.ApplicationProtocols:
                    var list = new TlsCursor(content.Vector16());
                    hello = hello with { ApplicationProtocol = Encoding.Latin1.GetString(list.Vector8()) };
                    break;
            }
            if (extensions.Failed || content.Failed)
                return null;
        }
        return hello;
    }
}
