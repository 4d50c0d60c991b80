// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Controllers.Issuance.Secrets;

/// <summary>What a Certificate's Secret is made of.</summary>
internal sealed record SecretMaterial
{
    public required KeyPair Key { get; init; }

    /// <summary>Leaf first.</summary>
    public required IReadOnlyList<Certificate> Chain { get; init; }

    /// <summary>The issuer's CAs; none where they are not known.</summary>
    public IReadOnlyList<Certificate> Authorities { get; init; } = [];

    /// <summary>Whether the certificate only fills the time until the issuer has signed.</summary>
    public bool IsTemporary { get; init; }

    public KeystorePasswords Passwords { get; init; } = KeystorePasswords.None;
}

/// <summary>Passwords of the keystores that are wanted; null: the store is not wanted, or its password is missing.</summary>
internal sealed record KeystorePasswords(string? Pkcs12, string? Jks)
{
    public static KeystorePasswords None { get; } = new(null, null);
}

/// <summary>What a Certificate's Secret holds: entries, and what its metadata says of them.</summary>
internal sealed record SecretContent
{
    private static readonly string[] OwnEntries =
    [
        WellKnown.CertificateEntry, WellKnown.KeyEntry, WellKnown.CaEntry, WellKnown.CombinedEntry, WellKnown.DerEntry,
        WellKnown.Pkcs12Entry, WellKnown.Pkcs12TrustEntry, WellKnown.JksEntry, WellKnown.JksTrustEntry,
    ];

    /// <summary>Entries with what they hold; entries of ours that are not to be there are null. Others stay as they are.</summary>
    public required IReadOnlyDictionary<string, byte[]?> Entries { get; init; }

    /// <summary>Annotations; null where one of ours is not to be there.</summary>
    public required IReadOnlyDictionary<string, string?> Annotations { get; init; }

    public static SecretContent Of(CertificateView certificate, SecretMaterial material)
    {
        var chain = WithoutRoot(material.Chain);
        var keyPem = Utf8(KeyPem(certificate, material.Key));
        var chainPem = Utf8(Certificate.ToPem(chain));
        var entries = OwnEntries.ToDictionary(name => name, _ => (byte[]?)null, StringComparer.Ordinal);
        entries[WellKnown.KeyEntry] = keyPem;
        entries[WellKnown.CertificateEntry] = chainPem;
        if (material.Authorities.Count > 0)
            entries[WellKnown.CaEntry] = Utf8(Certificate.ToPem(material.Authorities));
        foreach (var format in certificate.Spec.AdditionalOutputFormats)
        {
            if (format.Type == OutputFormatView.CombinedPem)
                entries[WellKnown.CombinedEntry] = SecretFormats.CombinedPem(keyPem, chainPem);
            else if (format.Type == OutputFormatView.Der)
                entries[WellKnown.DerEntry] = SecretFormats.KeyDer(keyPem);
        }

        Keystores.AddTo(entries, certificate.Spec.Keystores, material.Key, chain, material.Authorities, material.Passwords);
        var annotations = SecretAnnotations.Of(certificate, chain[0]);
        annotations[WellKnown.Temporary] = material.IsTemporary ? "true" : null;
        annotations[WellKnown.Keystores] = Keystores.MarkOf(certificate.Spec.Keystores, Print.Of(chain[0].Der.Span), material.Passwords, material.Key);
        return new() { Entries = entries, Annotations = annotations };
    }

    /// <summary>The key in the encoding that is asked for.</summary>
    public static string KeyPem(CertificateView certificate, KeyPair key) =>
        certificate.Spec.PrivateKey.Encoding == "PKCS8" ? key.ToPkcs8Pem() : key.ToTraditionalPem();

    /// <summary>
    /// Who verifies has the root already; a certificate that is its own root stays, and so does one that an earlier CA of the same
    /// name has signed.
    /// </summary>
    public static IReadOnlyList<Certificate> WithoutRoot(IReadOnlyList<Certificate> chain) =>
    [
        .. chain.Where((certificate, index) =>
            index == 0 || !certificate.IsSelfIssued || certificate.RefuseSignature(certificate.PublicKey) is not null),
    ];

    /// <summary>Reads certificates from PEM as far as they can be read; what an issuer knows of its CA is best effort.</summary>
    public static IReadOnlyList<Certificate> ReadOrNone(ReadOnlySpan<byte> pem)
    {
        try
        {
            return pem.IsEmpty ? [] : Certificate.ListFromPem(Encoding.UTF8.GetString(pem));
        }
        catch (PkiFormatException)
        {
            return [];
        }
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
