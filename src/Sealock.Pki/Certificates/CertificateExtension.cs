// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Sealock.Pki.Certificates;

/// <summary>One extension of a certificate, request or CRL.</summary>
/// <param name="Oid">Its type.</param>
/// <param name="IsCritical">Whether a verifier that does not know it must refuse.</param>
/// <param name="Value">The DER inside the OCTET STRING.</param>
public sealed record CertificateExtension(string Oid, bool IsCritical, ReadOnlyMemory<byte> Value);

/// <summary>Reading and writing lists of extensions and the bodies of the known ones.</summary>
internal static class ExtensionCoding
{
    private const int MaxExtensions = 200;

    public static IReadOnlyList<CertificateExtension> ReadList(AsnReader reader)
    {
        var extensions = new List<CertificateExtension>();
        var sequence = reader.ReadSequence();
        while (sequence.HasData)
        {
            if (extensions.Count == MaxExtensions)
                throw new PkiFormatException($"expected at most {MaxExtensions} extensions");
            var extension = sequence.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            var critical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            var value = extension.ReadOctetString();
            extension.ThrowIfNotEmpty();
            if (extensions.Any(e => e.Oid == oid))
                throw new PkiFormatException($"expected each extension once, but {oid} is repeated");
            extensions.Add(new(oid, critical, value));
        }
        return extensions;
    }

    public static void Write(AsnWriter writer, string oid, bool critical, Action<AsnWriter> body)
    {
        using var extension = writer.PushSequence();
        writer.WriteObjectIdentifier(oid);
        if (critical)
            writer.WriteBoolean(true);
        using var octets = writer.PushOctetString();
        body(writer);
    }

    /// <summary>keyUsage; at least one bit, as RFC 5280 4.2.1.3 says (openssl refuses none too).</summary>
    public static X509KeyUsageFlags ReadKeyUsage(AsnReader reader)
    {
        var bits = reader.ReadBitString(out _);
        var low = bits.Length > 0 ? bits[0] : 0;
        var high = bits.Length > 1 ? bits[1] : 0;
        return (X509KeyUsageFlags)(low | (high << 8));
    }

    public static void WriteKeyUsage(AsnWriter writer, X509KeyUsageFlags usage)
    {
        var low = (byte)((int)usage & 0xff);
        var high = (byte)((int)usage >> 8);
        if (high != 0)
            writer.WriteBitString([low, high], System.Numerics.BitOperations.TrailingZeroCount((uint)high));
        else if (low != 0)
            writer.WriteBitString([low], System.Numerics.BitOperations.TrailingZeroCount((uint)low));
        else
            writer.WriteBitString([]);
    }

    public static IReadOnlyList<string> ReadOids(AsnReader reader)
    {
        var oids = new List<string>();
        var sequence = reader.ReadSequence();
        while (sequence.HasData)
        {
            if (oids.Count == MaxExtensions)
                throw new PkiFormatException($"expected at most {MaxExtensions} key purposes");
            oids.Add(sequence.ReadObjectIdentifier());
        }
        return oids;
    }

    public static void WriteOids(AsnWriter writer, IEnumerable<string> oids)
    {
        using var sequence = writer.PushSequence();
        foreach (var oid in oids)
            writer.WriteObjectIdentifier(oid);
    }

    public static (bool IsCa, int? PathLength) ReadBasicConstraints(AsnReader reader)
    {
        var sequence = reader.ReadSequence();
        var isCa = sequence.HasData && sequence.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && sequence.ReadBoolean();
        int? pathLength = null;
        if (sequence.HasData)
        {
            if (!sequence.TryReadInt32(out var length) || length < 0)
                throw new PkiFormatException("expected a path length of 0 or more");
            pathLength = length;
        }
        sequence.ThrowIfNotEmpty();
        return (isCa, pathLength);
    }

    public static void WriteBasicConstraints(AsnWriter writer, bool isCa, int? pathLength)
    {
        using var sequence = writer.PushSequence();
        if (isCa)
            writer.WriteBoolean(true);
        if (isCa && pathLength is { } length)
            writer.WriteInteger(length);
    }

    /// <summary>The keyIdentifier of an authorityKeyIdentifier; empty where it names the issuer otherwise.</summary>
    public static ReadOnlyMemory<byte> ReadAuthorityKeyIdentifier(AsnReader reader)
    {
        var sequence = reader.ReadSequence();
        return sequence.HasData && sequence.PeekTag().HasSameClassAndValue(Der.Context0)
            ? sequence.ReadOctetString(Der.Context0)
            : ReadOnlyMemory<byte>.Empty;
    }

    public static void WriteAuthorityKeyIdentifier(AsnWriter writer, ReadOnlySpan<byte> keyIdentifier)
    {
        using var sequence = writer.PushSequence();
        writer.WriteOctetString(keyIdentifier, Der.Context0);
    }

    /// <summary>The URIs of full names of all distribution points.</summary>
    public static IReadOnlyList<string> ReadCrlUrls(AsnReader reader)
    {
        var urls = new List<string>();
        var points = reader.ReadSequence();
        while (points.HasData)
        {
            var point = points.ReadSequence();
            if (!point.HasData || !point.PeekTag().HasSameClassAndValue(Der.Context0))
                continue;
            var name = point.ReadSequence(Der.Context0);
            if (!name.HasData || !name.PeekTag().HasSameClassAndValue(Der.Context0))
                continue;
            var fullName = name.ReadSequence(Der.Context0);
            while (fullName.HasData)
                if (GeneralName.Read(fullName) is { Kind: GeneralNameKind.Uri } uri && urls.Count < MaxExtensions)
                    urls.Add(uri.Text);
        }
        return urls;
    }

    public static void WriteCrlUrls(AsnWriter writer, IEnumerable<string> urls)
    {
        using var points = writer.PushSequence();
        foreach (var url in urls)
        {
            using var point = writer.PushSequence();
            using var name = writer.PushSequence(Der.Context0);
            using var fullName = writer.PushSequence(Der.Context0);
            writer.WriteEncodedValue(GeneralName.Uri(url).Der.Span);
        }
    }

    public static (IReadOnlyList<string> Ocsp, IReadOnlyList<string> Issuers) ReadAuthorityInfoAccess(AsnReader reader)
    {
        List<string> ocsp = [], issuers = [];
        var descriptions = reader.ReadSequence();
        while (descriptions.HasData)
        {
            var description = descriptions.ReadSequence();
            var method = description.ReadObjectIdentifier();
            var location = GeneralName.Read(description);
            description.ThrowIfNotEmpty();
            if (location.Kind != GeneralNameKind.Uri || ocsp.Count + issuers.Count >= MaxExtensions)
                continue;
            if (method == Oids.AccessOcsp)
                ocsp.Add(location.Text);
            else if (method == Oids.AccessCaIssuers)
                issuers.Add(location.Text);
        }
        return (ocsp, issuers);
    }

    public static void WriteAuthorityInfoAccess(AsnWriter writer, IEnumerable<string> ocsp, IEnumerable<string> issuers)
    {
        using var descriptions = writer.PushSequence();
        foreach (var (method, url) in
            ocsp.Select(u => (Oids.AccessOcsp, u)).Concat(issuers.Select(u => (Oids.AccessCaIssuers, u))))
        {
            using var description = writer.PushSequence();
            writer.WriteObjectIdentifier(method);
            writer.WriteEncodedValue(GeneralName.Uri(url).Der.Span);
        }
    }
}
