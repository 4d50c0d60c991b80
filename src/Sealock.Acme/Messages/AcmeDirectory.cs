// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;

namespace Sealock.Acme.Messages;

/// <summary>Where a server's functions are (RFC 8555 section 7.1.1). A function that is not offered is empty.</summary>
public sealed record AcmeDirectory
{
    /// <summary>Gives a fresh nonce.</summary>
    public string NewNonce { get => field ?? ""; init; }

    /// <summary>Makes or finds an account.</summary>
    public string NewAccount { get => field ?? ""; init; }

    /// <summary>Makes an order.</summary>
    public string NewOrder { get => field ?? ""; init; }

    /// <summary>Revokes a certificate.</summary>
    public string RevokeCert { get => field ?? ""; init; }

    /// <summary>Replaces an account's key.</summary>
    public string KeyChange { get => field ?? ""; init; }

    /// <summary>Tells when to renew (RFC 9773).</summary>
    public string RenewalInfo { get => field ?? ""; init; }

    /// <summary>What the server says about itself.</summary>
    public AcmeServerFacts Meta { get => field ?? new(); init; }
}

/// <summary>What a server says about itself in its directory.</summary>
public sealed record AcmeServerFacts
{
    /// <summary>The current terms of service; empty where there are none.</summary>
    public string TermsOfService { get => field ?? ""; init; }

    /// <summary>Its web site.</summary>
    public string Website { get => field ?? ""; init; }

    /// <summary>The names by which CAA records allow this CA.</summary>
    public IReadOnlyList<string> CaaIdentities { get => field ?? []; init; }

    /// <summary>Whether a new account must be bound to an external one.</summary>
    public bool ExternalAccountRequired { get; init; }

    /// <summary>The certificate profiles on offer, with a description of each.</summary>
    public IReadOnlyDictionary<string, string> Profiles { get => field ?? ImmutableDictionary<string, string>.Empty; init; }
}
