// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;

namespace Sealock.Pki.Inspection;

/// <summary>What a DER value seems to be, by its outer structure.</summary>
internal enum DerShape
{
    Unknown,
    Certificate,
    Request,
    RevocationList,
    PublicKey,
    RsaPublicKey,
    Pkcs8,
    EncryptedPkcs8,
    RsaPrivateKey,
    EcPrivateKey,
    Pkcs7,
    Pkcs12,
}

/// <summary>Tells the kinds of DER values apart without reading them.</summary>
internal static class DerShapes
{
    /// <summary>Whether the bytes are one SEQUENCE that fills them (line breaks after it do not count).</summary>
    public static bool IsOneValue(ReadOnlySpan<byte> bytes)
    {
        var length = LengthOf(bytes);
        return length > 0 && !bytes[length..].ContainsAnyExcept((byte)'\r', (byte)'\n');
    }

    /// <summary>Length of the SEQUENCE at the start, header included; 0 where there is none.</summary>
    public static int LengthOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2 || bytes[0] != 0x30)
            return 0;
        try
        {
            return AsnDecoder.TryReadEncodedValue(bytes, AsnEncodingRules.BER, out _, out _, out _, out var consumed) ? consumed : 0;
        }
        catch (AsnContentException)
        {
            // Thrown while it looks for the end of an indefinite length.
            return 0;
        }
    }

    public static DerShape ShapeOf(ReadOnlyMemory<byte> der)
    {
        try
        {
            return Classify(new AsnReader(der, AsnEncodingRules.BER).ReadSequence());
        }
        catch (AsnContentException)
        {
            return DerShape.Unknown;
        }
    }

    private static DerShape Classify(AsnReader outer)
    {
        if (!outer.HasData)
            return DerShape.Unknown;
        if (Next(outer, Asn1Tag.ObjectIdentifier))
            return outer.ReadObjectIdentifier() == Pkcs7Reader.SignedData ? DerShape.Pkcs7 : DerShape.Unknown;
        if (Next(outer, Asn1Tag.Integer))
            return ClassifyAfterInteger(outer);
        if (!Next(outer, Asn1Tag.Sequence))
            return DerShape.Unknown;
        var first = outer.ReadSequence();
        if (!outer.HasData)
            return DerShape.Unknown;
        if (Next(first, Asn1Tag.ObjectIdentifier))
        {
            return Next(outer, Asn1Tag.PrimitiveBitString) ? DerShape.PublicKey
                : Next(outer, Asn1Tag.PrimitiveOctetString) ? DerShape.EncryptedPkcs8 : DerShape.Unknown;
        }

        return Next(outer, Asn1Tag.Sequence) ? ClassifySigned(first) : DerShape.Unknown;
    }

    private static DerShape ClassifyAfterInteger(AsnReader outer)
    {
        outer.ReadIntegerBytes();
        if (Next(outer, Asn1Tag.PrimitiveOctetString))
            return DerShape.EcPrivateKey;
        if (Next(outer, Asn1Tag.Integer))
        {
            outer.ReadIntegerBytes();
            return outer.HasData ? DerShape.RsaPrivateKey : DerShape.RsaPublicKey;
        }

        if (!Next(outer, Asn1Tag.Sequence))
            return DerShape.Unknown;
        var second = outer.ReadSequence();
        if (!Next(second, Asn1Tag.ObjectIdentifier))
            return DerShape.Unknown;
        return second.ReadObjectIdentifier() is Pkcs7Reader.Data or Pkcs7Reader.SignedData ? DerShape.Pkcs12 : DerShape.Pkcs8;
    }

    /// <summary>By the start of the part that is signed.</summary>
    private static DerShape ClassifySigned(AsnReader signed)
    {
        if (Next(signed, Der.Context0))
            return DerShape.Certificate;
        if (!Next(signed, Asn1Tag.Integer))
            return Next(signed, Asn1Tag.Sequence) ? DerShape.RevocationList : DerShape.Unknown;
        signed.ReadIntegerBytes();
        if (!Next(signed, Asn1Tag.Sequence))
            return DerShape.Unknown;
        // A request goes on with a name (of SETs), the others with an algorithm (an OID first).
        var second = signed.ReadSequence();
        if (!Next(second, Asn1Tag.ObjectIdentifier))
            return DerShape.Request;
        if (!Next(signed, Asn1Tag.Sequence))
            return DerShape.Unknown;
        signed.ReadEncodedValue();
        return Next(signed, Asn1Tag.Sequence) ? DerShape.Certificate : DerShape.RevocationList;
    }

    private static bool Next(AsnReader reader, Asn1Tag tag) => reader.HasData && reader.PeekTag().HasSameClassAndValue(tag);
}
