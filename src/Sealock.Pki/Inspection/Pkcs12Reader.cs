// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Sealock.Pki.Inspection;

/// <summary>
/// The certificates, CRLs and keys of a PKCS#12 container (RFC 7292) in the integrity and privacy modes of passphrases. Own
/// reading rather than the platform's: order, friendly names and what cannot be opened are told, too.
/// </summary>
internal sealed class Pkcs12Reader
{
    private const string EncryptedData = "1.2.840.113549.1.7.6";
    private const string Bags = "1.2.840.113549.1.12.10.1.";
    private const string FriendlyName = "1.2.840.113549.1.9.20";
    private const string X509Certificate = "1.2.840.113549.1.9.22.1";
    private const string X509Crl = "1.2.840.113549.1.9.23.1";
    private const string ModernMac = "1.2.840.113549.1.5.14";
    private const string Closed = $"it is encrypted; {KeyOpener.Remedy}";
    private const int MaxNesting = 4;

    private readonly KeyOpener opener;
    private readonly int max;
    private readonly List<PkiContent> contents = [];

    private Pkcs12Reader(KeyOpener opener, int max) => (this.opener, this.max) = (opener, max);

    /// <exception cref="PkiFormatException">It is malformed.</exception>
    public static IReadOnlyList<PkiContent> Read(ReadOnlyMemory<byte> der, KeyOpener opener, ContentLimits limits)
    {
        try
        {
            var reader = new Pkcs12Reader(opener, limits.MaxContents);
            reader.ReadFile(new AsnReader(der, AsnEncodingRules.BER).ReadSequence());
            return reader.contents;
        }
        catch (Exception e) when (Der.IsMalformed(e))
        {
            throw new PkiFormatException($"expected a PKCS#12 container: {e.Message}", e);
        }
    }

    private void ReadFile(AsnReader file)
    {
        if (!file.TryReadInt32(out var version) || version != 3)
            throw new PkiFormatException("expected a PKCS#12 container of version 3");
        var info = file.ReadSequence();
        if (info.ReadObjectIdentifier() is not Pkcs7Reader.Data)
            throw new PkiFormatException("expected a PKCS#12 container that is protected by a passphrase, not by a signature");
        var safes = info.ReadSequence(Der.Context0).ReadOctetString();
        var passphrase = file.HasData ? Opens(file.ReadSequence(), safes) : opener.Passphrase ?? "";
        if (passphrase is null)
        {
            Add(new UnreadableContent("PKCS#12 container", opener.Passphrase is null ? Closed : PassphraseEncryption.WrongPassphrase));
            return;
        }

        var list = new AsnReader(safes, AsnEncodingRules.BER).ReadSequence();
        while (list.HasData)
            ReadSafe(list.ReadSequence(), passphrase);
    }

    private void ReadSafe(AsnReader info, string passphrase)
    {
        switch (info.ReadObjectIdentifier())
        {
            case Pkcs7Reader.Data:
                ReadBags(new AsnReader(info.ReadSequence(Der.Context0).ReadOctetString(), AsnEncodingRules.BER), passphrase, 0);
                break;
            case EncryptedData:
                var data = info.ReadSequence(Der.Context0).ReadSequence();
                data.ReadInteger();
                var encrypted = data.ReadSequence();
                encrypted.ReadObjectIdentifier();
                var scheme = PassphraseEncryption.Read(encrypted);
                var cipher = encrypted.ReadOctetString(Der.Context0);
                byte[] plain;
                try
                {
                    plain = scheme.Decrypt(cipher, passphrase, opener.Budget);
                }
                catch (PkiFormatException e)
                {
                    Add(new UnreadableContent("encrypted part", opener.Passphrase is null ? Closed : e.Message));
                    break;
                }

                ReadBags(new AsnReader(plain, AsnEncodingRules.BER), passphrase, 0);
                break;
            case var other:
                Add(new UnreadableContent("part", $"its protection is not supported here ({other})"));
                break;
        }
    }

    private void ReadBags(AsnReader reader, string passphrase, int nesting)
    {
        var bags = reader.ReadSequence();
        while (bags.HasData)
        {
            var bag = bags.ReadSequence();
            var type = bag.ReadObjectIdentifier();
            var value = bag.ReadSequence(Der.Context0);
            var label = bag.HasData ? ReadLabel(bag.ReadSetOf(skipSortOrderValidation: true)) : null;
            if (type == Bags + "6" && nesting < MaxNesting)
                ReadBags(value, passphrase, nesting + 1);
            else
                Add(ReadBag(type, value, passphrase) with { Label = label });
        }
    }

    private PkiContent ReadBag(string type, AsnReader value, string passphrase)
    {
        switch (type)
        {
            case Bags + "1":
                return DerContents.Read(value.ReadEncodedValue(), DerShape.Pkcs8, opener);
            case Bags + "2":
                // A container that opens with the empty passphrase has its keys under it, too.
                var keys = opener.Passphrase is null ? new KeyOpener(passphrase, opener.Budget) : opener;
                return DerContents.Read(value.ReadEncodedValue(), DerShape.EncryptedPkcs8, keys);
            case Bags + "3" or Bags + "4":
                var inner = value.ReadSequence();
                var kind = inner.ReadObjectIdentifier();
                var bytes = inner.ReadSequence(Der.Context0).ReadOctetString();
                return kind switch
                {
                    X509Certificate => DerContents.Read(bytes, DerShape.Certificate, opener),
                    X509Crl => DerContents.Read(bytes, DerShape.RevocationList, opener),
                    _ => new OtherContent($"bag of type {kind}"),
                };
            case Bags + "5":
                return new OtherContent("secret");
            default:
                return new OtherContent($"bag of type {type}");
        }
    }

    private static string? ReadLabel(AsnReader attributes)
    {
        string? label = null;
        while (attributes.HasData)
        {
            var attribute = attributes.ReadSequence();
            var type = attribute.ReadObjectIdentifier();
            var values = attribute.ReadSetOf(skipSortOrderValidation: true);
            if (type == FriendlyName && values.HasData)
                label = values.ReadCharacterString(UniversalTagNumber.BMPString);
        }

        return label;
    }

    private void Add(PkiContent content)
    {
        if (contents.Count == max)
            throw new PkiFormatException($"expected at most {max} contents in a PKCS#12 container");
        contents.Add(content);
    }

    /// <summary>The passphrase under which the container's MAC is right; null where it is not the one given (or empty).</summary>
    private string? Opens(AsnReader mac, byte[] safes)
    {
        var digest = mac.ReadSequence();
        var algorithm = digest.ReadSequence();
        var oid = algorithm.ReadObjectIdentifier();
        var expected = digest.ReadOctetString();
        if (oid == ModernMac)
            return opener.Passphrase ?? "";
        var hash = oid switch
        {
            Oids.Sha1 => HashAlgorithmName.SHA1,
            Oids.Sha256 => HashAlgorithmName.SHA256,
            Oids.Sha384 => HashAlgorithmName.SHA384,
            Oids.Sha512 => HashAlgorithmName.SHA512,
            _ => default,
        };
        // An unknown MAC says nothing on the passphrase: the parts' own encryption will.
        if (hash.Name is null)
            return opener.Passphrase ?? "";
        var salt = mac.ReadOctetString();
        var rounds = 1;
        if (mac.HasData && !mac.TryReadInt32(out rounds))
            throw new PkiFormatException("expected fewer key derivation rounds");
        foreach (var candidate in opener.Passphrase is { } given ? [given] : new[] { "", null })
        {
            opener.Budget.Take(rounds);
            var key = Pkcs12Derivation.Derive(3, candidate, salt, rounds, hash, CryptographicOperations.HmacData(hash, [], []).Length);
            if (CryptographicOperations.FixedTimeEquals(CryptographicOperations.HmacData(hash, key, safes), expected))
                return candidate ?? "";
        }

        return null;
    }
}
