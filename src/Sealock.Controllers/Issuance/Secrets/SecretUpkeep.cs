// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance.Secrets;

/// <summary>Whether a Secret is, beside its certificate, as the specification wants it: a pure decision, no reissue follows from it.</summary>
internal static class SecretUpkeep
{
    /// <summary>The one reason that may stay for a while: a keystore's password may not be there yet.</summary>
    public const string KeystoresReason = "keystores are missing, old, or no longer wanted";

    /// <summary>Why the Secret is to be written again; null where it is as it should be.</summary>
    public static string? Find(CertificateState state, bool ownSecrets)
    {
        if (state.Secret is not { Leaf: { } leaf } secret)
            return null;
        var template = SecretTemplate.Of(state.Spec.SecretTemplate);
        if (!template.IsIn(secret.Metadata))
            return "labels and annotations are not those of the template";
        if (secret.Metadata.Labels.GetValueOrDefault(WellKnown.Attention) != "true")
            return $"it lacks the label {WellKnown.Attention}";
        if (secret.Metadata.Annotations.GetValueOrDefault(WellKnown.CertificateName) != state.Certificate.Metadata.Name)
            return $"it lacks the annotation {WellKnown.CertificateName}";
        if (Formats(state, secret) is { } format)
            return format;
        if (secret.IsPkcs8 != (state.Spec.PrivateKey.Encoding == "PKCS8"))
            return "the private key has another encoding";
        if (ownSecrets && secret.Metadata.OwnerReferences.Count == 0)
            return "it lacks its owner";
        return KeystoresDiffer(state, secret, leaf) ? KeystoresReason : null;
    }

    private static string? Formats(CertificateState state, SecretFacts secret)
    {
        (string Type, string Entry, bool Fits)[] formats =
        [
            (OutputFormatView.CombinedPem, WellKnown.CombinedEntry, secret.CombinedFits),
            (OutputFormatView.Der, WellKnown.DerEntry, secret.DerFits),
        ];
        foreach (var (type, entry, fits) in formats)
        {
            if (state.Spec.AdditionalOutputFormats.Any(format => format.Type == type) != secret.Has(entry) || !fits)
                return $"{entry} is missing, old, or no longer wanted";
        }

        return null;
    }

    /// <summary>Whether a keystore that could be made is not there.</summary>
    public static bool LacksKeystores(CertificateState state, KeystorePasswords passwords) =>
        (passwords.Pkcs12 is not null && state.Secret?.Has(WellKnown.Pkcs12Entry) == false)
        || (passwords.Jks is not null && state.Secret?.Has(WellKnown.JksEntry) == false);

    private static bool KeystoresDiffer(CertificateState state, SecretFacts secret, LeafFacts leaf)
    {
        (string Entry, bool Wanted)[] stores =
        [
            (WellKnown.Pkcs12Entry, state.Spec.Keystores?.Pkcs12?.Create == true), (WellKnown.JksEntry, state.Spec.Keystores?.Jks?.Create == true),
        ];
        return stores.Any(store => store.Wanted != secret.Has(store.Entry)) || (Keystores.Wants(state.Spec.Keystores) && (state.PasswordsChanged
            || !Keystores.IsMark(secret.Metadata.Annotations.GetValueOrDefault(WellKnown.Keystores), state.Spec.Keystores, leaf.Certificate)));
    }
}
