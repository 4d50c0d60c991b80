// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Formats.Asn1;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Pki.Revocation;

/// <summary>Reads CRLs (RFC 5280 section 5) from bytes that anyone may have made.</summary>
internal static class CrlParser
{
    private const int MaxBytes = 32 * 1024 * 1024;

    public static CertificateRevocationList Parse(ReadOnlyMemory<byte> der)
    {
        if (der.Length > MaxBytes)
            throw new PkiFormatException($"expected a CRL of at most {MaxBytes} bytes, got {der.Length}");
        return Der.Parse("a CRL", der, reader => Read(reader, der));
    }

    private static CertificateRevocationList Read(AsnReader outer, ReadOnlyMemory<byte> der)
    {
        var sequence = outer.ReadSequence();
        var tbsDer = sequence.PeekEncodedValue();
        var tbs = sequence.ReadSequence();
        var outerAlgorithm = sequence.PeekEncodedValue();
        var algorithm = SignatureAlgorithm.Read(sequence);
        var signature = sequence.ReadBitString(out var unused);
        sequence.ThrowIfNotEmpty();
        if (unused != 0)
            throw new PkiFormatException("expected a signature of whole bytes");

        var isV2 = tbs.PeekTag().HasSameClassAndValue(Asn1Tag.Integer);
        if (isV2 && (!tbs.TryReadInt32(out var version) || version != 1))
            throw new PkiFormatException("expected a CRL of version 1 or 2");
        if (!tbs.ReadEncodedValue().Span.SequenceEqual(outerAlgorithm.Span))
            throw new PkiFormatException("expected the same signature algorithm inside and outside the CRL");
        var issuer = DistinguishedName.Read(tbs);
        var thisUpdate = Der.ReadTime(tbs);
        DateTimeOffset? nextUpdate = tbs.HasData && IsTime(tbs.PeekTag()) ? Der.ReadTime(tbs) : null;

        var unhandled = new List<string>();
        var entries = new Dictionary<SerialNumber, RevokedCertificate>();
        if (tbs.HasData && tbs.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            var revoked = tbs.ReadSequence();
            while (revoked.HasData)
            {
                var entry = ReadEntry(revoked.ReadSequence(), isV2, unhandled);
                entries[entry.SerialNumber] = entry;
            }
        }

        var list = new CertificateRevocationList
        {
            Der = der,
            TbsDer = tbsDer,
            SignatureAlgorithm = algorithm,
            Signature = signature,
            Issuer = issuer,
            ThisUpdate = thisUpdate,
            NextUpdate = nextUpdate,
            Entries = entries.ToFrozenDictionary(),
        };
        if (tbs.HasData)
        {
            if (!isV2)
                throw new PkiFormatException("expected extensions only in a CRL of version 2");
            var wrapped = tbs.ReadSequence(Der.Context0);
            ReadExtensions(list, ExtensionCoding.ReadList(wrapped), unhandled);
            wrapped.ThrowIfNotEmpty();
        }
        tbs.ThrowIfNotEmpty();
        list.UnhandledCriticalExtensions = [.. unhandled.Distinct()];
        return list;
    }

    private static bool IsTime(Asn1Tag tag) =>
        tag.HasSameClassAndValue(Asn1Tag.UtcTime) || tag.HasSameClassAndValue(Asn1Tag.GeneralizedTime);

    private static RevokedCertificate ReadEntry(AsnReader entry, bool isV2, List<string> unhandled)
    {
        var serial = new SerialNumber(entry.ReadIntegerBytes());
        var at = Der.ReadTime(entry);
        var reason = RevocationReason.Unspecified;
        if (entry.HasData && isV2)
        {
            foreach (var (oid, critical, value) in ExtensionCoding.ReadList(entry))
            {
                if (oid == Oids.ReasonCode)
                    reason = Der.Parse("reasonCode", value, r => r.ReadEnumeratedValue<RevocationReason>());
                else if (critical && unhandled.Count < 100)
                    unhandled.Add(oid);
            }
        }
        entry.ThrowIfNotEmpty();
        return new(serial, at, reason);
    }

    private static void ReadExtensions(
        CertificateRevocationList list, IReadOnlyList<CertificateExtension> extensions, List<string> unhandled)
    {
        foreach (var (oid, critical, value) in extensions)
        {
            switch (oid)
            {
                case Oids.CrlNumber:
                    list.Number = Der.Parse("cRLNumber", value, r => r.ReadInteger());
                    break;
                case Oids.AuthorityKeyIdentifier:
                    list.AuthorityKeyIdentifier =
                        Der.Parse("authorityKeyIdentifier", value, ExtensionCoding.ReadAuthorityKeyIdentifier);
                    break;
                default:
                    if (critical)
                        unhandled.Add(oid);
                    break;
            }
        }
    }
}
