// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;

namespace Sealock.Pki.Inspection;

/// <summary>The certificates and CRLs of a PKCS#7 container (RFC 2315 SignedData, mostly "certs-only"); signatures are not looked at.</summary>
internal static class Pkcs7Reader
{
    public const string Data = "1.2.840.113549.1.7.1";
    public const string SignedData = "1.2.840.113549.1.7.2";

    public static IReadOnlyList<PkiContent> Read(ReadOnlyMemory<byte> der, ContentLimits limits)
    {
        try
        {
            return Read(new AsnReader(der, AsnEncodingRules.BER).ReadSequence(), limits.MaxContents);
        }
        catch (Exception e) when (Der.IsMalformed(e))
        {
            throw new PkiFormatException($"expected a PKCS#7 container: {e.Message}", e);
        }
    }

    private static List<PkiContent> Read(AsnReader info, int max)
    {
        if (info.ReadObjectIdentifier() is not SignedData and var type)
            throw new PkiFormatException($"expected PKCS#7 signed data, got {type}");
        var signed = info.ReadSequence(Der.Context0).ReadSequence();
        signed.ReadInteger();
        signed.ReadEncodedValue();
        signed.ReadEncodedValue();
        var opener = new KeyOpener(null, new DerivationBudget(0));
        var contents = new List<PkiContent>();
        foreach (var (tag, shape) in (ReadOnlySpan<(Asn1Tag, DerShape)>)[(Der.Context0, DerShape.Certificate), (Der.Context1, DerShape.RevocationList)])
        {
            if (!signed.HasData || !signed.PeekTag().HasSameClassAndValue(tag))
                continue;
            var set = signed.ReadSetOf(skipSortOrderValidation: true, tag);
            while (set.HasData)
            {
                if (contents.Count == max)
                    throw new PkiFormatException($"expected at most {max} certificates in a PKCS#7 container");
                contents.Add(set.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence)
                    ? DerContents.Read(set.ReadEncodedValue(), shape, opener)
                    : Skip(set));
            }
        }

        return contents;
    }

    private static OtherContent Skip(AsnReader set)
    {
        set.ReadEncodedValue();
        return new("attribute certificate");
    }
}
