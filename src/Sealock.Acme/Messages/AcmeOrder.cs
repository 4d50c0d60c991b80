// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;

namespace Sealock.Acme.Messages;

/// <summary>An order (RFC 8555 section 7.1.3).</summary>
public sealed record AcmeOrder
{
    /// <summary>One of <see cref="AcmeStatus"/>; a server may know more.</summary>
    public required string Status { get => field ?? ""; init; }

    /// <summary>When the server forgets it.</summary>
    [JsonConverter(typeof(LenientTimeConverter))]
    public DateTimeOffset? Expires { get; init; }

    /// <summary>What the certificate is to name.</summary>
    public IReadOnlyList<AcmeIdentifier> Identifiers { get => field ?? []; init; }

    /// <summary>The URLs of what has to be proven.</summary>
    public IReadOnlyList<string> Authorizations { get => field ?? []; init; }

    /// <summary>Where the certificate request goes.</summary>
    public string Finalize { get => field ?? ""; init; }

    /// <summary>Where the certificate is; empty until it is issued.</summary>
    public string Certificate { get => field ?? ""; init; }

    /// <summary>Why the order has failed.</summary>
    public AcmeProblem? Error { get; init; }

    /// <summary>The profile it is issued under; empty for the server's choice.</summary>
    public string Profile { get => field ?? ""; init; }

    /// <summary>The certificate it replaces, as the server took it up (RFC 9773); empty for none.</summary>
    public string Replaces { get => field ?? ""; init; }

    /// <summary>The order's own URL.</summary>
    [JsonIgnore]
    public string Url { get; init; } = "";
}

/// <summary>The states of orders, authorizations and challenges (RFC 8555 section 7.1.6).</summary>
public static class AcmeStatus
{
    /// <summary>Something has still to be proven.</summary>
    public const string Pending = "pending";

    /// <summary>Everything is proven: the order waits for its certificate request.</summary>
    public const string Ready = "ready";

    /// <summary>The server is at work.</summary>
    public const string Processing = "processing";

    /// <summary>Done: proven, or issued.</summary>
    public const string Valid = "valid";

    /// <summary>Failed for good.</summary>
    public const string Invalid = "invalid";

    /// <summary>Given up by the client.</summary>
    public const string Deactivated = "deactivated";

    /// <summary>Too old.</summary>
    public const string Expired = "expired";

    /// <summary>Withdrawn by the server.</summary>
    public const string Revoked = "revoked";
}
