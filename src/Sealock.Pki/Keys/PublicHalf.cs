// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using Sealock.Pki.Pem;

namespace Sealock.Pki.Keys;

/// <summary>
/// The public half that is written in a private key's file, read without setting the key up. RSA keys always have it, elliptic
/// ones where the writer put it there, as openssl, Go and .NET do. It says whose key a file holds, not that the rest is sound.
/// </summary>
public static class PublicHalf
{
    /// <summary>The public key in a block of a private key; null where there is none, or the block has another form.</summary>
    public static PublicKeyInfo? Find(PemBlock block)
    {
        try
        {
            return block.Label switch
            {
                PemLabels.PrivateKey => Der.Parse("a private key (PKCS#8)", block.Content, Pkcs8),
                PemLabels.RsaPrivateKey when block.Headers.Count == 0 => Der.Parse("an RSA private key", block.Content, Rsa),
                PemLabels.EcPrivateKey when block.Headers.Count == 0 => Der.Parse("an EC private key", block.Content, reader => Ec(reader, null)),
                _ => null,
            };
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }

    private static PublicKeyInfo? Pkcs8(AsnReader outer)
    {
        var sequence = outer.ReadSequence();
        sequence.ReadInteger();
        var algorithm = sequence.ReadSequence();
        var oid = algorithm.ReadObjectIdentifier();
        var key = sequence.ReadOctetString();
        return oid switch
        {
            Oids.Rsa => Rsa(new(key, AsnEncodingRules.DER)),
            Oids.EcPublicKey => Ec(new(key, AsnEncodingRules.DER), algorithm.ReadObjectIdentifier()),
            _ => null,
        };
    }

    private static PublicKeyInfo Rsa(AsnReader outer)
    {
        var sequence = outer.ReadSequence();
        sequence.ReadInteger();
        var (modulus, exponent) = (sequence.ReadEncodedValue(), sequence.ReadEncodedValue());
        return Info(writer =>
        {
            writer.WriteObjectIdentifier(Oids.Rsa);
            writer.WriteNull();
        }, Der.Write(writer =>
        {
            using var _ = writer.PushSequence();
            writer.WriteEncodedValue(modulus.Span);
            writer.WriteEncodedValue(exponent.Span);
        }));
    }

    private static PublicKeyInfo? Ec(AsnReader outer, string? curve)
    {
        var sequence = outer.ReadSequence();
        sequence.ReadInteger();
        sequence.ReadOctetString();
        if (sequence.HasData && sequence.PeekTag().HasSameClassAndValue(Der.Context0))
            curve = sequence.ReadSequence(Der.Context0).ReadObjectIdentifier();
        if (curve is null || !sequence.HasData || !sequence.PeekTag().HasSameClassAndValue(Der.Context1))
            return null;
        var point = sequence.ReadSequence(Der.Context1).ReadBitString(out var unused);
        return unused != 0 ? null : Info(writer =>
        {
            writer.WriteObjectIdentifier(Oids.EcPublicKey);
            writer.WriteObjectIdentifier(curve);
        }, point);
    }

    private static PublicKeyInfo Info(Action<AsnWriter> algorithm, byte[] key) => PublicKeyInfo.Parse(Der.Write(writer =>
    {
        using var _ = writer.PushSequence();
        using (writer.PushSequence())
            algorithm(writer);
        writer.WriteBitString(key);
    }));
}
