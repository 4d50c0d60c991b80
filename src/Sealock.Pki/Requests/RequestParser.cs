// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Pki.Requests;

/// <summary>Reads PKCS#10 strictly: one DER value, version 0, bounded, named curves only.</summary>
internal static class RequestParser
{
    private const int MaxBytes = 64 * 1024;
    private const int MaxAttributes = 50;

    public static CertificateSigningRequest Parse(ReadOnlyMemory<byte> der, bool anyKey = false)
    {
        if (der.Length > MaxBytes)
            throw new PkiFormatException($"expected a certificate request of at most {MaxBytes} bytes, got {der.Length}");
        return Der.Parse("a certificate request", der, reader => Read(reader, der, anyKey));
    }

    private static CertificateSigningRequest Read(AsnReader outer, ReadOnlyMemory<byte> der, bool anyKey)
    {
        var sequence = outer.ReadSequence();
        var signed = sequence.PeekEncodedValue();
        var info = sequence.ReadSequence();
        var algorithm = SignatureAlgorithm.Read(sequence);
        var signature = sequence.ReadBitString(out var unused);
        sequence.ThrowIfNotEmpty();
        if (unused != 0)
            throw new PkiFormatException("expected a signature of whole bytes");

        if (!info.TryReadInt32(out var version) || version != 0)
            throw new PkiFormatException("expected a certificate request of version 1 (encoded as 0)");
        var subject = DistinguishedName.Read(info);
        var keyDer = info.ReadEncodedValue();
        var publicKey = anyKey ? PublicKeyInfo.ParseAny(keyDer) : PublicKeyInfo.Parse(keyDer);
        var (attributes, extensions) = ReadAttributes(info);
        info.ThrowIfNotEmpty();

        // A request's key is used once: its handle is not left to the garbage collector.
        using var verifier = SignatureVerifier.Create(publicKey);
        var request = new CertificateSigningRequest
        {
            Der = der,
            Subject = subject,
            PublicKey = publicKey,
            SignatureAlgorithm = algorithm,
            Attributes = attributes,
            Extensions = extensions,
            SignatureProblem = verifier.Refuse(algorithm, signed.Span, signature),
        };
        ReadExtensions(request);
        request.Warnings = [.. Warn(request)];
        return request;
    }

    private static (IReadOnlyList<string> Types, IReadOnlyList<CertificateExtension> Extensions) ReadAttributes(
        AsnReader info)
    {
        var types = new List<string>();
        IReadOnlyList<CertificateExtension> extensions = [];
        // Some tools leave the empty attribute set out.
        if (!info.HasData)
            return (types, extensions);
        var set = info.ReadSetOf(skipSortOrderValidation: true, Der.Context0);
        while (set.HasData)
        {
            if (types.Count == MaxAttributes)
                throw new PkiFormatException($"expected at most {MaxAttributes} attributes in a certificate request");
            var attribute = set.ReadSequence();
            var type = attribute.ReadObjectIdentifier();
            var values = attribute.ReadSetOf(skipSortOrderValidation: true);
            attribute.ThrowIfNotEmpty();
            if (type == Oids.ExtensionRequest)
            {
                if (types.Contains(type))
                    throw new PkiFormatException("expected one extension request, but the attribute is repeated");
                extensions = ExtensionCoding.ReadList(values);
                values.ThrowIfNotEmpty();
            }
            types.Add(type);
        }
        return (types, extensions);
    }

    private static void ReadExtensions(CertificateSigningRequest request)
    {
        foreach (var (oid, _, value) in request.Extensions)
        {
            switch (oid)
            {
                case Oids.SubjectAltName:
                    request.Names = Der.Parse("subjectAltName", value, SubjectAlternativeNames.Read);
                    break;
                case Oids.KeyUsage:
                    request.KeyUsage = Der.Parse("keyUsage", value, ExtensionCoding.ReadKeyUsage);
                    break;
                case Oids.ExtendedKeyUsage:
                    request.KeyPurposes = Der.Parse("extendedKeyUsage", value, ExtensionCoding.ReadOids);
                    break;
                case Oids.NameConstraints:
                    request.NameConstraints = Der.Parse("nameConstraints", value, NameConstraints.Read);
                    break;
                case Oids.BasicConstraints:
                    request.AsksForCa = Der.Parse("basicConstraints", value, ExtensionCoding.ReadBasicConstraints).IsCa;
                    break;
            }
        }
    }

    private static IEnumerable<string> Warn(CertificateSigningRequest request)
    {
        if (request.PublicKey.IsWeak)
            yield return $"the key is weak ({request.PublicKey.Description})";
        if (request.SignatureAlgorithm is { IsInsecure: true, Name: var name })
            yield return $"the request is signed with the insecure algorithm {name}";
    }
}
