// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Jose;

namespace Sealock.Acme.Client;

/// <summary>Who speaks: an account's key and its URL at the server. All that a client needs to keep.</summary>
/// <param name="Key">The account's key.</param>
/// <param name="Url">The URL that <see cref="AcmeClient.NewAccountAsync"/> gave.</param>
public sealed record AcmeAccount(AccountKey Key, string Url);

/// <summary>What a new account is asked for with.</summary>
public sealed record AcmeAccountRequest
{
    /// <summary>How the CA reaches its holder, as URLs (<c>mailto:…</c>).</summary>
    public IReadOnlyList<string> Contact { get; init; } = [];

    /// <summary>Whether its holder agrees to the server's terms of service.</summary>
    public bool AgreesToTerms { get; init; }

    /// <summary>The external account it is bound to; null for none.</summary>
    public ExternalAccount? ExternalAccount { get; init; }

    /// <summary>Only finds the account of the key, and makes none.</summary>
    public bool OnlyExisting { get; init; }
}
