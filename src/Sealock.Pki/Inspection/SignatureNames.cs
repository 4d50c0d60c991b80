// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using Sealock.Pki.Keys;

namespace Sealock.Pki.Inspection;

/// <summary>Names of signature algorithms, also of those that are not verified here.</summary>
public static class SignatureNames
{
    /// <summary>The name, such as <c>ECDSA-SHA256</c>; for PSS with unusual parameters with its salt; the OID where unknown.</summary>
    public static string NameOf(SignatureAlgorithm algorithm)
    {
        if (algorithm is not { Oid: Oids.RsaPss, Scheme: SignatureScheme.Unknown })
            return OidNames.NameOf(algorithm.Name);
        try
        {
            return Der.Parse("PSS parameters", algorithm.Der, ReadPss);
        }
        catch (PkiFormatException)
        {
            return algorithm.Name;
        }
    }

    /// <summary>RFC 8017 A.2.3: every parameter has a default.</summary>
    private static string ReadPss(AsnReader reader)
    {
        var algorithm = reader.ReadSequence();
        algorithm.ReadObjectIdentifier();
        var (hash, salt) = ("SHA1", 20);
        var parameters = algorithm.HasData ? algorithm.ReadSequence() : null;
        while (parameters is { HasData: true })
        {
            var tag = parameters.PeekTag();
            var parameter = parameters.ReadSequence(tag);
            if (tag.HasSameClassAndValue(Der.Context0))
            {
                hash = parameter.ReadSequence().ReadObjectIdentifier() switch
                {
                    Oids.Sha256 => "SHA256",
                    Oids.Sha384 => "SHA384",
                    Oids.Sha512 => "SHA512",
                    Oids.Sha1 => "SHA1",
                    var other => other,
                };
            }
            else if (tag.HasSameClassAndValue(Der.Context2) && !parameter.TryReadInt32(out salt))
            {
                throw new PkiFormatException("expected a salt length that fits 32 bits");
            }
        }

        return FormattableString.Invariant($"{hash}-RSAPSS, salt of {salt} bytes");
    }
}
