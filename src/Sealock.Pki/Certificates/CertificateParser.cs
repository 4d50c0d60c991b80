// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using Sealock.Pki.Keys;

namespace Sealock.Pki.Certificates;

/// <summary>Reads certificates from bytes that anyone may have made (RFC 5280 4.1, as lenient as Go where Go is).</summary>
internal static class CertificateParser
{
    private const int MaxBytes = 128 * 1024;

    public static Certificate Parse(ReadOnlyMemory<byte> der, bool forInspection = false)
    {
        if (der.Length > MaxBytes)
            throw new PkiFormatException($"expected a certificate of at most {MaxBytes} bytes, got {der.Length}");
        return Der.Parse("a certificate", der, reader => Read(reader, der, forInspection));
    }

    private static Certificate Read(AsnReader outer, ReadOnlyMemory<byte> der, bool forInspection)
    {
        var sequence = outer.ReadSequence();
        var tbsDer = sequence.PeekEncodedValue();
        var tbs = sequence.ReadSequence();
        var outerAlgorithm = sequence.PeekEncodedValue();
        var signatureAlgorithm = SignatureAlgorithm.Read(sequence);
        var signature = sequence.ReadBitString(out var unused);
        sequence.ThrowIfNotEmpty();
        if (unused != 0)
            throw new PkiFormatException("expected a signature of whole bytes");

        var version = ReadVersion(tbs);
        var serial = tbs.ReadIntegerBytes();
        if (serial.Length > 64)
            throw new PkiFormatException("expected a serial number of at most 64 bytes");
        if (!tbs.ReadEncodedValue().Span.SequenceEqual(outerAlgorithm.Span))
            throw new PkiFormatException("expected the same signature algorithm inside and outside the certificate");
        var issuer = DistinguishedName.Read(tbs);
        var validity = tbs.ReadSequence();
        var notBefore = Der.ReadTime(validity);
        var notAfter = Der.ReadTime(validity);
        validity.ThrowIfNotEmpty();
        var subject = DistinguishedName.Read(tbs);
        var keyDer = tbs.ReadEncodedValue();
        var publicKey = forInspection ? PublicKeyInfo.ParseAny(keyDer) : PublicKeyInfo.Parse(keyDer);
        SkipUniqueIdentifier(tbs, Der.Context1, version);
        SkipUniqueIdentifier(tbs, Der.Context2, version);
        IReadOnlyList<CertificateExtension> extensions = [];
        if (tbs.HasData)
        {
            if (version != 3)
                throw new PkiFormatException("expected extensions only in a certificate of version 3");
            var wrapped = tbs.ReadSequence(Der.Context3);
            extensions = ExtensionCoding.ReadList(wrapped);
            wrapped.ThrowIfNotEmpty();
        }
        tbs.ThrowIfNotEmpty();

        var certificate = new Certificate
        {
            Der = der,
            TbsDer = tbsDer,
            Version = version,
            SerialNumber = new(serial),
            SignatureAlgorithm = signatureAlgorithm,
            Signature = signature,
            Issuer = issuer,
            Subject = subject,
            NotBefore = notBefore,
            NotAfter = notAfter,
            PublicKey = publicKey,
            Extensions = extensions,
        };
        List<string>? faults = forInspection ? [] : null;
        ReadExtensions(certificate, faults);
        certificate.Faults = faults ?? [];
        certificate.Warnings = Warn(certificate);
        return certificate;
    }

    private static int ReadVersion(AsnReader tbs)
    {
        if (!tbs.PeekTag().HasSameClassAndValue(Der.Context0))
            return 1;
        var wrapped = tbs.ReadSequence(Der.Context0);
        var known = wrapped.TryReadInt32(out var version);
        wrapped.ThrowIfNotEmpty();
        return known && version is >= 0 and <= 2
            ? version + 1
            : throw new PkiFormatException("expected a certificate of version 1, 2 or 3");
    }

    private static void SkipUniqueIdentifier(AsnReader tbs, Asn1Tag tag, int version)
    {
        if (!tbs.HasData || !tbs.PeekTag().HasSameClassAndValue(tag))
            return;
        if (version == 1)
            throw new PkiFormatException("expected no unique identifiers in a certificate of version 1");
        tbs.ReadBitString(out _, tag);
    }

    /// <summary>A malformed extension is a fault; where <paramref name="faults"/> are collected, it is left out.</summary>
    private static void ReadExtensions(Certificate certificate, List<string>? faults)
    {
        List<string>? unhandled = null;
        foreach (var extension in certificate.Extensions)
        {
            try
            {
                if (!ReadExtension(certificate, extension.Oid, extension.Value) && extension.IsCritical)
                    (unhandled ??= []).Add(extension.Oid);
            }
            catch (PkiFormatException fault) when (faults is not null)
            {
                faults.Add($"the extension {extension.Oid} is malformed, so the certificate is refused: {fault.Message}");
            }
        }
        certificate.UnhandledCriticalExtensions = unhandled ?? [];
    }

    /// <summary>True for an extension that is understood here.</summary>
    private static bool ReadExtension(Certificate certificate, string oid, ReadOnlyMemory<byte> value)
    {
        switch (oid)
        {
            case Oids.BasicConstraints:
                certificate.HasBasicConstraints = true;
                (certificate.IsCa, certificate.PathLength) =
                    Der.Parse("basicConstraints", value, ExtensionCoding.ReadBasicConstraints);
                break;
            case Oids.KeyUsage:
                certificate.KeyUsage = Der.Parse("keyUsage", value, ExtensionCoding.ReadKeyUsage);
                break;
            case Oids.ExtendedKeyUsage:
                certificate.KeyPurposes = Der.Parse("extendedKeyUsage", value, ExtensionCoding.ReadOids);
                break;
            case Oids.SubjectAltName:
                certificate.Names = Der.Parse("subjectAltName", value, SubjectAlternativeNames.Read);
                break;
            case Oids.NameConstraints:
                certificate.NameConstraints = Der.Parse("nameConstraints", value, NameConstraints.Read);
                break;
            case Oids.SubjectKeyIdentifier:
                certificate.SubjectKeyIdentifier =
                    Der.Parse<byte[]>("subjectKeyIdentifier", value, r => r.ReadOctetString());
                break;
            case Oids.AuthorityKeyIdentifier:
                certificate.AuthorityKeyIdentifier =
                    Der.Parse("authorityKeyIdentifier", value, ExtensionCoding.ReadAuthorityKeyIdentifier);
                break;
            case Oids.CrlDistributionPoints:
                certificate.CrlUrls = Der.Parse("cRLDistributionPoints", value, ExtensionCoding.ReadCrlUrls);
                break;
            case Oids.AuthorityInfoAccess:
                (certificate.OcspUrls, certificate.IssuerUrls) =
                    Der.Parse("authorityInfoAccess", value, ExtensionCoding.ReadAuthorityInfoAccess);
                break;
            case Oids.CertificatePolicies:
                break;
            default:
                return false;
        }
        return true;
    }

    private static List<string> Warn(Certificate certificate)
    {
        var warnings = new List<string>();
        if (certificate.Version < 3)
        {
            warnings.Add($"X.509 version {certificate.Version}: it has no extensions, so neither names, usages nor CA "
                + "flag; reissue it as version 3");
        }
        if (certificate.SerialNumber.IsNegative)
            warnings.Add("the serial number is negative");
        if (certificate.SerialNumber.IsZero)
            warnings.Add("the serial number is zero");
        if (certificate.SerialNumber.Bytes.Length > 20)
            warnings.Add("the serial number is longer than 20 bytes");
        if (certificate.PublicKey.IsWeak)
            warnings.Add($"the key is weak ({certificate.PublicKey.Description})");
        if (certificate.SignatureAlgorithm.IsInsecure && !certificate.IsSelfIssued)
            warnings.Add($"it is signed with the insecure algorithm {certificate.SignatureAlgorithm.Name}");
        return warnings;
    }
}
