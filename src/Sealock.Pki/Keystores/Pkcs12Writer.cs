// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using System.Security.Cryptography;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Pki.Keystores;

/// <summary>Writes PKCS#12 containers (RFC 7292): a key with its certificates, or trusted certificates alone.</summary>
public static class Pkcs12Writer
{
    private const string Data = "1.2.840.113549.1.7.1";
    private const string EncryptedData = "1.2.840.113549.1.7.6";
    private const string ShroudedKeyBag = "1.2.840.113549.1.12.10.1.2";
    private const string CertificateBag = "1.2.840.113549.1.12.10.1.3";
    private const string X509Certificate = "1.2.840.113549.1.9.22.1";
    private const string FriendlyName = "1.2.840.113549.1.9.20";
    private const string LocalKeyId = "1.2.840.113549.1.9.21";

    /// <summary>Java takes for trusted only what says so by this attribute.</summary>
    private const string JavaTrustedKeyUsage = "2.16.840.1.113894.746875.1.1";
    private const string AnyKeyUsage = "2.5.29.37.0";

    private sealed record Bag(Certificate Certificate, byte[]? KeyId, string? Name, bool IsTrusted);

    /// <summary>A key with its certificate first and those above it after.</summary>
    public static byte[] WriteKeystore(KeyPair key, IReadOnlyList<Certificate> chain, string password, Pkcs12Profile profile)
    {
#pragma warning disable CA5350 // A name for the key, not a protection.
        var keyId = SHA1.HashData(chain[0].Der.Span);
#pragma warning restore CA5350
        var plain = key.ToPkcs8();
        try
        {
            return Write(password, profile, writer =>
            {
                WriteCertificates(
                    writer, [.. chain.Select((certificate, index) => new Bag(certificate, index == 0 ? keyId : null, null, false))],
                    password, profile);
                WriteKey(writer, plain, keyId, password, profile);
            });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>
    /// Certificates to trust, without a key. Their names are their subjects, told apart: Java keeps one certificate of a name, and
    /// a CA's successor has its name.
    /// </summary>
    public static byte[] WriteTruststore(IReadOnlyList<Certificate> certificates, string password, Pkcs12Profile profile) =>
        Write(password, profile, writer => WriteCertificates(
            writer, [.. certificates.Select(certificate => Trusted(certificate))], password, profile));

    /// <summary>Certificates to trust, neither encrypted nor sealed: for readers that are given no password.</summary>
    public static byte[] WriteOpenTruststore(IReadOnlyList<Certificate> certificates)
    {
        var content = Der.Write(writer =>
        {
            using var safes = writer.PushSequence();
            WriteData(writer, Der.Write(inner =>
            {
                using var bags = inner.PushSequence();
                foreach (var certificate in certificates)
                    WriteCertificate(inner, Trusted(certificate));
            }));
        });
        return Der.Write(writer =>
        {
            using var file = writer.PushSequence();
            writer.WriteInteger(3);
            WriteData(writer, content);
        });
    }

    private static Bag Trusted(Certificate certificate) =>
        new(certificate, null, $"{certificate.Sha256Hex[..8]}|{certificate.Subject}", true);

    private static byte[] Write(string password, Pkcs12Profile profile, Action<AsnWriter> safes)
    {
        var content = Der.Write(writer =>
        {
            using var sequence = writer.PushSequence();
            safes(writer);
        });
        return Der.Write(writer =>
        {
            using var file = writer.PushSequence();
            writer.WriteInteger(3);
            WriteData(writer, content);
            Pkcs12Encryption.WriteMac(writer, profile, content, password);
        });
    }

    private static void WriteCertificates(AsnWriter writer, IReadOnlyList<Bag> bags, string password, Pkcs12Profile profile)
    {
        var plain = Der.Write(inner =>
        {
            using var sequence = inner.PushSequence();
            foreach (var bag in bags)
                WriteCertificate(inner, bag);
        });
        using var info = writer.PushSequence();
        writer.WriteObjectIdentifier(EncryptedData);
        using var wrapped = writer.PushSequence(Der.Context0);
        using var data = writer.PushSequence();
        writer.WriteInteger(0);
        using var encrypted = writer.PushSequence();
        writer.WriteObjectIdentifier(Data);
        var cipher = Pkcs12Encryption.Encrypt(writer, profile.Certificates, plain, password, profile.Iterations);
        writer.WriteOctetString(cipher, Der.Context0);
    }

    private static void WriteCertificate(AsnWriter writer, Bag bag)
    {
        using var sequence = writer.PushSequence();
        writer.WriteObjectIdentifier(CertificateBag);
        using (writer.PushSequence(Der.Context0))
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(X509Certificate);
            using var wrapped = writer.PushSequence(Der.Context0);
            writer.WriteOctetString(bag.Certificate.Der.Span);
        }

        if (bag.KeyId is null && bag.Name is null && !bag.IsTrusted)
            return;
        using var attributes = writer.PushSetOf();
        if (bag.Name is { } name)
            WriteAttribute(writer, FriendlyName, () => writer.WriteCharacterString(UniversalTagNumber.BMPString, name));
        if (bag.KeyId is { } keyId)
            WriteAttribute(writer, LocalKeyId, () => writer.WriteOctetString(keyId));
        if (bag.IsTrusted)
            WriteAttribute(writer, JavaTrustedKeyUsage, () => writer.WriteObjectIdentifier(AnyKeyUsage));
    }

    private static void WriteKey(AsnWriter writer, byte[] plain, byte[] keyId, string password, Pkcs12Profile profile) =>
        WriteData(writer, Der.Write(inner =>
        {
            using var contents = inner.PushSequence();
            using var bag = inner.PushSequence();
            inner.WriteObjectIdentifier(ShroudedKeyBag);
            using (inner.PushSequence(Der.Context0))
            using (inner.PushSequence())
            {
                var cipher = Pkcs12Encryption.Encrypt(inner, profile.Key, plain, password, profile.Iterations);
                inner.WriteOctetString(cipher);
            }

            using var attributes = inner.PushSetOf();
            WriteAttribute(inner, LocalKeyId, () => inner.WriteOctetString(keyId));
        }));

    private static void WriteData(AsnWriter writer, byte[] content)
    {
        using var info = writer.PushSequence();
        writer.WriteObjectIdentifier(Data);
        using var wrapped = writer.PushSequence(Der.Context0);
        writer.WriteOctetString(content);
    }

    private static void WriteAttribute(AsnWriter writer, string oid, Action value)
    {
        using var attribute = writer.PushSequence();
        writer.WriteObjectIdentifier(oid);
        using var values = writer.PushSetOf();
        value();
    }
}
