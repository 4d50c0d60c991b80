// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;

namespace Sealock.Acme.Messages;

/// <summary>An account as the server tells it (RFC 8555 section 7.1.2).</summary>
public sealed record AcmeAccountFacts
{
    /// <summary><c>valid</c>, <c>deactivated</c> or <c>revoked</c>.</summary>
    public string Status { get => field ?? ""; init; }

    /// <summary>How the CA reaches its holder, as URLs (<c>mailto:…</c>).</summary>
    public IReadOnlyList<string> Contact { get => field ?? []; init; }

    /// <summary>Whether the terms of service were agreed to, where the server says so.</summary>
    public bool? TermsOfServiceAgreed { get; init; }

    /// <summary>Where its orders are listed; empty where the server does not list them.</summary>
    public string Orders { get => field ?? ""; init; }

    /// <summary>The account's URL: its name in every later request.</summary>
    [JsonIgnore]
    public string Url { get; init; } = "";

    /// <summary>Whether it was made by this request, rather than found.</summary>
    [JsonIgnore]
    public bool IsNew { get; init; }
}

/// <summary>A page of an account's orders.</summary>
internal sealed record OrderListPage
{
    public IReadOnlyList<string> Orders { get => field ?? []; init; }
}
