// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;
using Sealock.Acme.Jose;

namespace Sealock.Acme.Messages;

/// <summary>What has to be proven for one identifier, and the ways to do so (RFC 8555 section 7.1.4).</summary>
public sealed record AcmeAuthorization
{
    /// <summary>One of <see cref="AcmeStatus"/>.</summary>
    public required string Status { get => field ?? ""; init; }

    /// <summary>Whom it is about; never with a wildcard's label.</summary>
    public required AcmeIdentifier Identifier { get => field ?? new("", ""); init; }

    /// <summary>Whether the order names a wildcard over the identifier.</summary>
    public bool Wildcard { get; init; }

    /// <summary>Until when it can be used.</summary>
    [JsonConverter(typeof(LenientTimeConverter))]
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The ways to prove it: one of them is enough.</summary>
    public IReadOnlyList<AcmeChallenge> Challenges { get => field ?? []; init; }

    /// <summary>The authorization's own URL.</summary>
    [JsonIgnore]
    public string Url { get; init; } = "";

    /// <summary>The name as an order has it: with the wildcard's label where it is one.</summary>
    [JsonIgnore]
    public string DisplayName => Wildcard ? $"*.{Identifier.Value}" : Identifier.Value;
}

/// <summary>One way to prove control of an identifier (RFC 8555 section 7.1.5).</summary>
public sealed record AcmeChallenge
{
    /// <summary>One of <see cref="ChallengeTypes"/>, or one that is not known here.</summary>
    public required string Type { get => field ?? ""; init; }

    /// <summary>Where the server is told that the answer is in place.</summary>
    public required string Url { get => field ?? ""; init; }

    /// <summary>One of <see cref="AcmeStatus"/>.</summary>
    public string Status { get => field ?? AcmeStatus.Pending; init; }

    /// <summary>The server's random part of the answer.</summary>
    public string Token { get => field ?? ""; init; }

    /// <summary>When the server found it right.</summary>
    [JsonConverter(typeof(LenientTimeConverter))]
    public DateTimeOffset? Validated { get; init; }

    /// <summary>Why the server did not accept the answer.</summary>
    public AcmeProblem? Error { get; init; }

    /// <summary>
    /// Whether the token is what RFC 8555 section 8.1 allows: base64url characters. Others must not reach a path or a command.
    /// </summary>
    [JsonIgnore]
    public bool HasSafeToken => Base64UrlAlphabet.Is(Token, 256);
}

/// <summary>The types of challenge that can be answered here.</summary>
public static class ChallengeTypes
{
    /// <summary>A file over plain HTTP on port 80 (RFC 8555 section 8.3).</summary>
    public const string Http01 = "http-01";

    /// <summary>A TXT record (RFC 8555 section 8.4).</summary>
    public const string Dns01 = "dns-01";

    /// <summary>A certificate in a TLS handshake on port 443 (RFC 8737).</summary>
    public const string TlsAlpn01 = "tls-alpn-01";
}
