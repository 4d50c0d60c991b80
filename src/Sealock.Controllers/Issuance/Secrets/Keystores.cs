// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Views;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Keystores;

namespace Sealock.Controllers.Issuance.Secrets;

/// <summary>The keystores in a Certificate's Secret: PKCS#12 and JKS, each with a truststore where the CA is known.</summary>
internal static class Keystores
{
    private const string DefaultJksAlias = "certificate";

    /// <summary>Whether a keystore is wanted at all.</summary>
    public static bool Wants(KeystoresView? wanted) => wanted is { Pkcs12.Create: true } or { Jks.Create: true };

    public static void AddTo(
        Dictionary<string, byte[]?> entries, KeystoresView? wanted, KeyPair key, IReadOnlyList<Certificate> chain,
        IReadOnlyList<Certificate> authorities, KeystorePasswords passwords)
    {
        // An issuer that names no CA still gives a keystore without one; of several CAs to trust only those belong to the chain
        // that have signed something of it.
        Certificate[] withAuthorities =
        [
            .. chain,
            .. authorities.Where(ca => !chain.Contains(ca)
                && chain.Any(signed => signed.Issuer.Equals(ca.Subject) && signed.RefuseSignature(ca.PublicKey) is null)),
        ];
        if (wanted?.Pkcs12 is { Create: true } pkcs12 && passwords.Pkcs12 is { } pkcs12Password)
        {
            var profile = Pkcs12Profile.Named(pkcs12.Profile);
            entries[WellKnown.Pkcs12Entry] = Pkcs12Writer.WriteKeystore(key, withAuthorities, pkcs12Password, profile);
            if (authorities.Count > 0)
                entries[WellKnown.Pkcs12TrustEntry] = Pkcs12Writer.WriteTruststore(authorities, pkcs12Password, profile);
        }

        if (wanted?.Jks is { Create: true } jks && passwords.Jks is { } jksPassword)
        {
            var alias = jks.Alias.Length > 0 ? jks.Alias : DefaultJksAlias;
            entries[WellKnown.JksEntry] = JksWriter.WriteKeystore(alias, key, withAuthorities, jksPassword, chain[0].NotBefore);
            if (authorities.Count > 0)
                entries[WellKnown.JksTrustEntry] = JksWriter.WriteTruststore(authorities, jksPassword, chain[0].NotBefore);
        }
    }

    /// <summary>What the keystores were made of, for the annotation that says so; null where none are wanted.</summary>
    public static string? PrintOf(KeystoresView? wanted, Print leaf) => Wants(wanted)
        ? Print.OfSet([leaf.ToString(), $"pkcs12 {Describe(wanted?.Pkcs12)}", $"jks {Describe(wanted?.Jks)}"]).ToString() : null;

    /// <summary>The same where a password was missing, so that not all could be made.</summary>
    public static string IncompletePrintOf(KeystoresView? wanted, Print leaf) => $"incomplete {PrintOf(wanted, leaf)}";

    /// <summary>Whether the passwords of all stores that are wanted are there.</summary>
    public static bool AreComplete(KeystoresView? wanted, KeystorePasswords passwords) =>
        (wanted?.Pkcs12?.Create != true || passwords.Pkcs12 is not null) && (wanted?.Jks?.Create != true || passwords.Jks is not null);

    private static string Describe(KeystoreView? store) => store is { Create: true }
        ? $"{store.Profile}/{store.Alias}/{store.PasswordSecretRef?.Name}/{store.PasswordSecretRef?.Key}" : "none";
}
