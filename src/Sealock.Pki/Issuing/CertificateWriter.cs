// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Pki.Issuing;

/// <summary>Writes the part of a certificate that is signed, and joins it with its signature.</summary>
internal static class CertificateWriter
{
    public sealed record Content(
        IssuanceRequest Request,
        DistinguishedName Issuer,
        ReadOnlyMemory<byte> AuthorityKeyIdentifier,
        SerialNumber SerialNumber,
        SignatureAlgorithm SignatureAlgorithm,
        DateTimeOffset NotBefore,
        DateTimeOffset NotAfter);

    public static byte[] WriteTbs(Content content)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER, 1024);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(Der.Context0))
                writer.WriteInteger(2);
            writer.WriteInteger(content.SerialNumber.Bytes.Span);
            writer.WriteEncodedValue(content.SignatureAlgorithm.Der.Span);
            writer.WriteEncodedValue(content.Issuer.Der.Span);
            using (writer.PushSequence())
            {
                Der.WriteTime(writer, content.NotBefore);
                Der.WriteTime(writer, content.NotAfter);
            }
            writer.WriteEncodedValue(content.Request.Subject.Der.Span);
            writer.WriteEncodedValue(content.Request.PublicKey.Der.Span);
            using (writer.PushSequence(Der.Context3))
            using (writer.PushSequence())
                WriteExtensions(writer, content);
        }
        return writer.Encode();
    }

    /// <summary>The signed structure: TBS, algorithm, signature (also of requests and CRLs).</summary>
    public static byte[] Join(ReadOnlySpan<byte> tbs, SignatureAlgorithm algorithm, ReadOnlySpan<byte> signature)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER, tbs.Length + signature.Length + 64);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(tbs);
            writer.WriteEncodedValue(algorithm.Der.Span);
            writer.WriteBitString(signature);
        }
        return writer.Encode();
    }

    private static void WriteExtensions(AsnWriter writer, Content content)
    {
        var request = content.Request;
        var profile = request.Profile;
        var usage = profile.KeyUsageFor(request.PublicKey.Kind);
        if (usage != X509KeyUsageFlags.None)
            ExtensionCoding.Write(writer, Oids.KeyUsage, true, w => ExtensionCoding.WriteKeyUsage(w, usage));
        if (profile.KeyPurposes.Count > 0)
        {
            ExtensionCoding.Write(writer, Oids.ExtendedKeyUsage, false,
                w => ExtensionCoding.WriteOids(w, profile.KeyPurposes));
        }
        ExtensionCoding.Write(writer, Oids.BasicConstraints, true,
            w => ExtensionCoding.WriteBasicConstraints(w, profile.IsCa, profile.PathLength));
        var subjectKey = request.SubjectKeyIdentifier.Length > 0
            ? request.SubjectKeyIdentifier.ToArray()
            : request.PublicKey.ComputeKeyIdentifier();
        ExtensionCoding.Write(writer, Oids.SubjectKeyIdentifier, false, w => w.WriteOctetString(subjectKey));
        if (content.AuthorityKeyIdentifier.Length > 0)
        {
            ExtensionCoding.Write(writer, Oids.AuthorityKeyIdentifier, false,
                w => ExtensionCoding.WriteAuthorityKeyIdentifier(w, content.AuthorityKeyIdentifier.Span));
        }
        // RFC 5280 4.2.1.6: critical where it alone names the subject.
        if (request.Names.Count > 0)
            ExtensionCoding.Write(writer, Oids.SubjectAltName, request.Subject.IsEmpty, request.Names.Write);
        if (request.NameConstraints is { } constraints)
            ExtensionCoding.Write(writer, Oids.NameConstraints, true, constraints.Write);
        if (request.CrlUrls.Count > 0)
        {
            ExtensionCoding.Write(writer, Oids.CrlDistributionPoints, false,
                w => ExtensionCoding.WriteCrlUrls(w, request.CrlUrls));
        }
        if (request.OcspUrls.Count + request.IssuerUrls.Count > 0)
        {
            ExtensionCoding.Write(writer, Oids.AuthorityInfoAccess, false,
                w => ExtensionCoding.WriteAuthorityInfoAccess(w, request.OcspUrls, request.IssuerUrls));
        }
        foreach (var extension in request.Extensions)
            ExtensionCoding.Write(writer, extension.Oid, extension.IsCritical, w => w.WriteEncodedValue(extension.Value.Span));
    }
}
