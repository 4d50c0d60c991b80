// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.Pki.Requests;

/// <summary>Writes PKCS#10.</summary>
internal static class RequestWriter
{
    public static byte[] Write(
        ISigner signer,
        DistinguishedName subject,
        SubjectAlternativeNames names,
        X509KeyUsageFlags? keyUsage,
        IReadOnlyList<string> keyPurposes,
        bool asksForCa,
        NameConstraints? nameConstraints)
    {
        var info = Der.Write(writer =>
        {
            using var sequence = writer.PushSequence();
            writer.WriteInteger(0);
            writer.WriteEncodedValue(subject.Der.Span);
            writer.WriteEncodedValue(signer.PublicKey.Der.Span);
            using var attributes = writer.PushSetOf(Der.Context0);
            if (names.Count == 0 && keyUsage is null && keyPurposes.Count == 0 && !asksForCa && nameConstraints is null)
                return;
            using var attribute = writer.PushSequence();
            writer.WriteObjectIdentifier(Oids.ExtensionRequest);
            using var values = writer.PushSetOf();
            using var extensions = writer.PushSequence();
            if (keyUsage is { } usage)
                ExtensionCoding.Write(writer, Oids.KeyUsage, true, w => ExtensionCoding.WriteKeyUsage(w, usage));
            if (keyPurposes.Count > 0)
                ExtensionCoding.Write(writer, Oids.ExtendedKeyUsage, false, w => ExtensionCoding.WriteOids(w, keyPurposes));
            if (asksForCa)
                ExtensionCoding.Write(writer, Oids.BasicConstraints, true, w => ExtensionCoding.WriteBasicConstraints(w, true, null));
            if (names.Count > 0)
                ExtensionCoding.Write(writer, Oids.SubjectAltName, subject.IsEmpty, names.Write);
            if (nameConstraints is { } constraints)
                ExtensionCoding.Write(writer, Oids.NameConstraints, true, constraints.Write);
        });
        return CertificateWriter.Join(info, signer.SignatureAlgorithm, signer.Sign(info));
    }
}
