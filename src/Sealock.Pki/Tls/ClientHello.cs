// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Pki.Tls;

/// <summary>What a client offers in its first TLS message.</summary>
public sealed record ClientHello
{
    /// <summary>TLS 1.2 on the wire.</summary>
    public const ushort Tls12 = 0x0303;

    /// <summary>TLS 1.3 on the wire.</summary>
    public const ushort Tls13 = 0x0304;

    /// <summary>The version field of the message itself (at most TLS 1.2).</summary>
    public required ushort LegacyVersion { get; init; }

    /// <summary>The offered versions, from the extension supported_versions, or the message's own where it is absent.</summary>
    public required IReadOnlyList<ushort> Versions { get; init; }

    /// <summary>The offered cipher suites in the client's order, GREASE values included.</summary>
    public required IReadOnlyList<ushort> CipherSuites { get; init; }

    /// <summary>The server name (SNI) in lower case, or null.</summary>
    public string? ServerName { get; init; }

    /// <summary>The offered application protocols (ALPN) in order.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];

    /// <summary>True where TLS 1.3 is offered.</summary>
    public bool OffersTls13 => Versions.Contains(Tls13);

    /// <summary>True where TLS 1.2 is offered.</summary>
    public bool OffersTls12 => Versions.Contains(Tls12);
}

/// <summary>What the first bytes of a connection are.</summary>
public enum FirstBytesKind
{
    /// <summary>Too few bytes yet to tell.</summary>
    NeedMoreData,

    /// <summary>A complete ClientHello.</summary>
    ClientHello,

    /// <summary>A plain HTTP request (1.x, or HTTP/2 with prior knowledge).</summary>
    PlainHttp,

    /// <summary>Neither, or a malformed or oversized ClientHello.</summary>
    Unrecognised,
}

/// <summary>The outcome of a look at the first bytes.</summary>
/// <param name="Kind">What they are.</param>
/// <param name="Hello">The ClientHello, where they are one.</param>
/// <param name="Problem">Why they are not recognised, in plain words.</param>
public readonly record struct FirstBytes(FirstBytesKind Kind, ClientHello? Hello = null, string? Problem = null);
