// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text;
using Sealock.Controllers.Views;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Keystores;

namespace Sealock.Controllers.Issuance.Secrets;

/// <summary>The keystores in a Certificate's Secret: PKCS#12 and JKS, each with a truststore where the CA is known.</summary>
internal static class Keystores
{
    /// <summary>Which entry of its Secret a password is in where the specification does not say.</summary>
    public const string DefaultPasswordKey = "password";

    private const string DefaultJksAlias = "certificate";
    private const string Missing = "missing";

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
        // One whose password is missing stays as it is: an old keystore is worth more than none.
        if (wanted?.Pkcs12?.Create == true && passwords.Pkcs12 is null)
            Leave(WellKnown.Pkcs12Entry, WellKnown.Pkcs12TrustEntry);
        if (wanted?.Jks?.Create == true && passwords.Jks is null)
            Leave(WellKnown.JksEntry, WellKnown.JksTrustEntry);
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

        void Leave(string store, string trust)
        {
            entries.Remove(store);
            entries.Remove(trust);
        }
    }

    /// <summary>What the keystores were made of, for the annotation that says so; null where none are wanted.</summary>
    public static string? PrintOf(KeystoresView? wanted, Print leaf) => Wants(wanted)
        ? Print.OfSet([leaf.ToString(), $"pkcs12 {Describe(wanted?.Pkcs12)}", $"jks {Describe(wanted?.Jks)}"]).ToString() : null;

    /// <summary>The same with prints of the passwords, or which was missing, so that not all could be made.</summary>
    public static string? MarkOf(KeystoresView? wanted, Print leaf, KeystorePasswords passwords, KeyPair key) =>
        Wants(wanted) ? $"{PrintOf(wanted, leaf)} {PrintOf(wanted?.Pkcs12, passwords.Pkcs12, key)} {PrintOf(wanted?.Jks, passwords.Jks, key)}" : null;

    /// <summary>Whether a mark is of these keystores, and none could not be made; with which passwords, it does not say.</summary>
    public static bool IsMark(string? mark, KeystoresView? wanted, Print leaf) =>
        mark?.Split(' ') is [var print, not Missing, not Missing] && print == PrintOf(wanted, leaf);

    /// <summary>The keystores that a mark says could not be made.</summary>
    public static IEnumerable<(string Kind, KeystoreView Store)> MissingIn(string? mark, KeystoresView? wanted)
    {
        var parts = mark?.Split(' ') ?? [];
        if (parts is [_, Missing, _] && wanted?.Pkcs12 is { Create: true } pkcs12)
            yield return ("PKCS#12", pkcs12);
        if (parts is [_, _, Missing] && wanted?.Jks is { Create: true } jks)
            yield return ("JKS", jks);
    }

    /// <summary>It stands in an annotation, which more may see than the Secret: only who has the private key can check a guess.</summary>
    private static string PrintOf(KeystoreView? store, string? password, KeyPair key) =>
        store is not { Create: true } ? "-"
        : password is null ? Missing
        : Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(key.ToPkcs8Pem()), Encoding.UTF8.GetBytes(password)).AsSpan(0, 16));

    private static string Describe(KeystoreView? store) => store is { Create: true }
        ? $"{store.Profile}/{store.Alias}/{store.PasswordSecretRef?.Name}/{store.PasswordSecretRef?.Key}" : "none";
}
