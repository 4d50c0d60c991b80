// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;

namespace Sealock.Pki.Rotation;

/// <summary>What everyone who has to do with a CA must hold at one moment.</summary>
public sealed record AuthorityRoles
{
    /// <summary>The certificate that signs, then those above it as far as known.</summary>
    public required IReadOnlyList<Certificate> Signing { get; init; }

    /// <summary>
    /// Every trust bundle. The one above the signing certificate comes first: programs that read one certificate only
    /// take the first, and it must belong to the key beside it.
    /// </summary>
    public required IReadOnlyList<Certificate> Trusted { get; init; }

    /// <summary>What is sent after a leaf, so that it leads to what others trust.</summary>
    public IReadOnlyList<Certificate> Presented { get; init; } = [];

    /// <summary>
    /// The roles of a CA outside of a rotation, from its certificate and those above it. All are trusted: who gets a
    /// leaf from a signer that sends no chain (Kubernetes' own for requests) must know an intermediate CA, and openssl
    /// wants the root above it. What is not self-signed is sent as well, for those who know the root alone.
    /// </summary>
    public static AuthorityRoles Of(IReadOnlyList<Certificate> chain) => new()
    {
        Signing = chain,
        Trusted = chain,
        Presented = [.. chain.Where(certificate => !certificate.IsSelfIssued)],
    };

    /// <summary>Whether the signing certificate's key has signed a leaf.</summary>
    public bool HasSigned(Certificate leaf) =>
        leaf.Issuer.Equals(Signing[0].Subject) && leaf.RefuseSignature(Signing[0].PublicKey) is null;

    /// <summary>The chain that a leaf of the signing certificate is stored and sent with.</summary>
    public IReadOnlyList<Certificate> ChainOf(Certificate leaf) => [leaf, .. Presented];
}
