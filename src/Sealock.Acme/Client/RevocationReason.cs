// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Acme.Client;

/// <summary>Why a certificate is revoked (RFC 5280 section 5.3.1); those that subscribers may name.</summary>
public enum RevocationReason
{
    /// <summary>No particular reason.</summary>
    Unspecified = 0,

    /// <summary>Somebody else has the private key.</summary>
    KeyCompromise = 1,

    /// <summary>The subject's name or affiliation has changed.</summary>
    AffiliationChanged = 3,

    /// <summary>Another certificate takes its place.</summary>
    Superseded = 4,

    /// <summary>What it was for is no more.</summary>
    CessationOfOperation = 5,
}

/// <summary>A certificate is revoked.</summary>
/// <param name="WasRevokedBefore">It had been so already.</param>
public sealed record RevocationDone(bool WasRevokedBefore);
