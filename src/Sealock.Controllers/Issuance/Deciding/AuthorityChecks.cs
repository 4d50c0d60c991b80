// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Controllers.Issuance.Deciding;

/// <summary>Whether a certificate is of the CA that signs for its issuer now, and whether its Secret holds whom to trust.</summary>
internal static class AuthorityChecks
{
    public static string? Replaced(CertificateState state) =>
        state is { Secret.Leaf: { } leaf, Authority: { } authority } && authority.Replaces(leaf)
            ? $"the CA of {state.Spec.IssuerRef} was replaced by {authority.Roles.Signing[0].Subject} (until "
                + $"{Definitions.ObjectFields.Rfc3339(authority.Roles.Signing[0].NotAfter)})" : null;

    /// <summary>Why <c>ca.crt</c>, or what follows the leaf, is to be written again; null where it is as it should be.</summary>
    public static string? IsOutOfStep(CertificateState state)
    {
        if (state is not { Secret: { Leaf: { } leaf } secret, Authority: { } authority, Rival.Length: 0 }
            || leaf.Key != secret.Key || SecretChecks.IsTemporary(state) is not null
            || SecretChecks.BelongsToAnother(state) is not null || SecretChecks.IssuedByAnother(state) is not null)
            return null;
        if (secret.Authorities != authority.Trusted)
            return $"{WellKnown.CaEntry} does not hold the CAs to trust now";
        return authority.HasSigned(leaf.Authority) && secret.Presented != authority.Presented
            ? $"{WellKnown.CertificateEntry} does not hold what leads to those CAs" : null;
    }
}
