// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Pki.Tls;

/// <summary>All that a ClientHello tells and a listener does not need (RFC 8446 4.1.2).</summary>
public sealed record ClientHelloDetails
{
    /// <summary>What a listener needs of it.</summary>
    public required ClientHello Hello { get; init; }

    /// <summary>True where the versions are listed one by one; else the one that is given is the highest.</summary>
    public bool ListsVersions { get; init; }

    /// <summary>The session id offered; in TLS 1.3 it only looks like one.</summary>
    public ReadOnlyMemory<byte> SessionId { get; init; }

    /// <summary>supported_groups, in the client's order.</summary>
    public IReadOnlyList<ushort> Groups { get; init; } = [];

    /// <summary>The groups for which a key share is sent along (TLS 1.3).</summary>
    public IReadOnlyList<ushort> KeyShares { get; init; } = [];

    /// <summary>signature_algorithms, in the client's order.</summary>
    public IReadOnlyList<ushort> SignatureSchemes { get; init; } = [];

    /// <summary>True where a session of before is offered: a pre-shared key (1.3) or a ticket (1.2).</summary>
    public bool OffersResumption { get; init; }

    /// <summary>Reads the body of a ClientHello; null where it is malformed.</summary>
    public static ClientHelloDetails? Read(ReadOnlySpan<byte> body)
    {
        if (ClientHelloReader.Parse(body).Hello is not { } hello)
            return null;
        var message = new TlsCursor(body);
        message.Skip(2 + 32);
        var details = new ClientHelloDetails { Hello = hello, SessionId = message.Vector8().ToArray() };
        message.Vector16();
        message.Vector8();
        var extensions = new TlsCursor(message.AtEnd ? default : message.Vector16());
        while (!extensions.AtEnd && !extensions.Failed)
        {
            var type = extensions.UInt16();
            var content = extensions.Vector16();
            var inner = new TlsCursor(content);
            switch (type)
            {
                case TlsExtension.SupportedVersions:
                    details = details with { ListsVersions = true };
                    break;
                case TlsExtension.SupportedGroups:
                    details = details with { Groups = ClientHelloReader.UInt16List(inner.Vector16(), ref inner) };
                    break;
                case TlsExtension.SignatureAlgorithms:
                    details = details with { SignatureSchemes = ClientHelloReader.UInt16List(inner.Vector16(), ref inner) };
                    break;
                case TlsExtension.KeyShare:
                    details = details with { KeyShares = Shares(inner.Vector16()) };
                    break;
                case TlsExtension.PreSharedKey:
                case TlsExtension.SessionTicket when content.Length > 0:
                    details = details with { OffersResumption = true };
                    break;
            }
        }
        return details;
    }

    private static List<ushort> Shares(ReadOnlySpan<byte> list)
    {
        var groups = new List<ushort>();
        var shares = new TlsCursor(list);
        while (!shares.AtEnd && !shares.Failed)
        {
            var group = shares.UInt16();
            shares.Vector16();
            if (!shares.Failed)
                groups.Add(group);
        }
        return groups;
    }
}

/// <summary>The extension types that are read (IANA "TLS ExtensionType Values").</summary>
internal static class TlsExtension
{
    public const ushort SupportedGroups = 10;
    public const ushort SignatureAlgorithms = 13;
    public const ushort ApplicationProtocols = 16;
    public const ushort SessionTicket = 35;
    public const ushort PreSharedKey = 41;
    public const ushort SupportedVersions = 43;
    public const ushort KeyShare = 51;
}
