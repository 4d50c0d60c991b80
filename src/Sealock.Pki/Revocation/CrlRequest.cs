// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using System.Numerics;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.Pki.Revocation;

/// <summary>What a complete CRL is to say.</summary>
public sealed record CrlRequest
{
    /// <summary>The number of the list; every list has a higher one than the list before it.</summary>
    public required BigInteger Number { get; init; }

    /// <summary>Every revoked certificate that has not expired.</summary>
    public required IReadOnlyCollection<RevokedCertificate> Revoked { get; init; }

    /// <summary>When the list is issued.</summary>
    public required DateTimeOffset ThisUpdate { get; init; }

    /// <summary>By when the next one is issued.</summary>
    public required DateTimeOffset NextUpdate { get; init; }
}

/// <summary>Writes complete CRLs of version 2.</summary>
internal static class CrlWriter
{
    public static byte[] Write(CrlRequest request, Certificate issuer, ISigner signer)
    {
        var tbs = Der.Write(writer =>
        {
            using var sequence = writer.PushSequence();
            writer.WriteInteger(1);
            writer.WriteEncodedValue(signer.SignatureAlgorithm.Der.Span);
            writer.WriteEncodedValue(issuer.Subject.Der.Span);
            Der.WriteTime(writer, request.ThisUpdate);
            Der.WriteTime(writer, request.NextUpdate);
            // RFC 5280 5.1.2.6: absent, not empty, where nothing is revoked.
            if (request.Revoked.Count > 0)
                WriteEntries(writer, request.Revoked);
            using var wrapped = writer.PushSequence(Der.Context0);
            using var extensions = writer.PushSequence();
            if (issuer.SubjectKeyIdentifier.Length > 0)
            {
                ExtensionCoding.Write(writer, Oids.AuthorityKeyIdentifier, false,
                    w => ExtensionCoding.WriteAuthorityKeyIdentifier(w, issuer.SubjectKeyIdentifier.Span));
            }
            ExtensionCoding.Write(writer, Oids.CrlNumber, false, w => w.WriteInteger(request.Number));
        });
        return CertificateWriter.Join(tbs, signer.SignatureAlgorithm, signer.Sign(tbs));
    }

    private static void WriteEntries(AsnWriter writer, IEnumerable<RevokedCertificate> revoked)
    {
        using var entries = writer.PushSequence();
        foreach (var (serial, at, reason) in revoked)
        {
            using var entry = writer.PushSequence();
            writer.WriteInteger(serial.Bytes.Span);
            Der.WriteTime(writer, at);
            // RFC 5280 5.3.1: no reason code rather than "unspecified".
            if (reason == RevocationReason.Unspecified)
                continue;
            using var extensions = writer.PushSequence();
            ExtensionCoding.Write(writer, Oids.ReasonCode, false, w => w.WriteEnumeratedValue(reason));
        }
    }
}
