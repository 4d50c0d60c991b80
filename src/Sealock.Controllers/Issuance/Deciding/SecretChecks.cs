// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Views;

using Sealock.Controllers.Issuance.Secrets;

namespace Sealock.Controllers.Issuance.Deciding;

/// <summary>What can be wrong with the Secret itself. All but the first answer null where there is no Secret.</summary>
internal static class SecretChecks
{
    public static string? DoesNotExist(CertificateState state) =>
        state.Secret is null ? $"the Secret {state.Spec.SecretName} does not exist" : null;

    public static string? MissingData(CertificateState state) => state.Secret switch
    {
        null => null,
        var secret when !secret.Has(WellKnown.KeyEntry) => $"the Secret {secret.Metadata.Name} has no private key ({WellKnown.KeyEntry})",
        var secret when !secret.Has(WellKnown.CertificateEntry) =>
            $"the Secret {secret.Metadata.Name} has no certificate ({WellKnown.CertificateEntry})",
        _ => null,
    };

    public static string? UnreadableKey(CertificateState state) => state.Secret is { KeyProblem.Length: > 0 } secret
        ? $"the private key in the Secret {secret.Metadata.Name} cannot be read: {secret.KeyProblem}" : null;

    public static string? UnreadableCertificate(CertificateState state) => state.Secret is { CertificateProblem.Length: > 0 } secret
        ? $"the certificate in the Secret {secret.Metadata.Name} cannot be read: {secret.CertificateProblem}" : null;

    public static string? KeyIsNotTheCertificates(CertificateState state) =>
        state.Secret is { Leaf: { } leaf } secret && leaf.Key != secret.Key
            ? $"the private key in the Secret {secret.Metadata.Name} is not the certificate's" : null;

    public static string? BelongsToAnother(CertificateState state)
    {
        if (state.Rival.Length > 0)
        {
            return $"the Secret {state.Spec.SecretName} belongs to the Certificate {state.Rival}: "
                + "two Certificates cannot share a Secret; give one of them another secretName";
        }

        return state.Secret?.Metadata.Annotations.GetValueOrDefault(WellKnown.CertificateName) is { Length: > 0 } name
            && name != state.Certificate.Metadata.Name
            ? $"the Secret {state.Spec.SecretName} was issued for the Certificate {name}" : null;
    }

    public static string? IsTemporary(CertificateState state) =>
        state.Secret?.Metadata.Annotations.ContainsKey(WellKnown.Temporary) == true
            ? "the Secret holds a temporary certificate until the issuer has signed" : null;

    /// <summary>A key that may be replaced is replaced when it is not as specified.</summary>
    public static string? KeyIsReplaceable(CertificateState state) =>
        state.Spec.PrivateKey.Keeps ? null : KeyIsNotAsSpecified(state);

    public static string? KeyIsNotAsSpecified(CertificateState state)
    {
        if (state.Secret is not { Key.IsNone: false } secret || KeyDemand.Of(state.Spec.PrivateKey, out _) is not { } demand
            || demand.IsMetBy(secret))
            return null;
        var found = $"the private key in the Secret is of {secret.KeyKind} with {secret.KeyBits} bits, "
            + $"the specification asks for {demand.Kind} with {demand.Bits}";
        return state.Spec.PrivateKey.Keeps
            ? found + "; rotationPolicy Never keeps it: set Always, or delete the Secret" : found;
    }

    public static string? IssuedByAnother(CertificateState state)
    {
        if (state.Secret is not { } secret)
            return null;
        var annotations = secret.Metadata.Annotations;
        if (!annotations.ContainsKey(WellKnown.IssuerName) && !annotations.ContainsKey(WellKnown.IssuerKind)
            && !annotations.ContainsKey(WellKnown.IssuerGroup))
            return null;
        var issuer = new IssuerReferenceView
        {
            Name = annotations.GetValueOrDefault(WellKnown.IssuerName) ?? "",
            Kind = annotations.GetValueOrDefault(WellKnown.IssuerKind) ?? "",
            Group = annotations.GetValueOrDefault(WellKnown.IssuerGroup) ?? "",
        };
        return issuer == state.Spec.IssuerRef ? null : $"the Secret was issued by {issuer}, not by {state.Spec.IssuerRef}";
    }

    /// <summary>The rest of the Secret does not wait for a keystore's password, but it is not what was asked for.</summary>
    public static string? LacksKeystore(CertificateState state)
    {
        var missing = Keystores.MissingIn(state.Secret?.Metadata.Annotations.GetValueOrDefault(WellKnown.Keystores), state.Spec.Keystores).ToList();
        return missing.Count == 0 ? null : string.Join("; ", missing.Select(lacking => lacking.Store.PasswordSecretRef is { Name.Length: > 0 } reference
            ? $"the {lacking.Kind} keystore cannot be made: the Secret {reference.Name} has no password in its entry "
                + $"{(reference.Key.Length > 0 ? reference.Key : Keystores.DefaultPasswordKey)}, or does not exist"
            : $"the {lacking.Kind} keystore cannot be made: give it a passwordSecretRef"));
    }
}
