// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Requests;
using Sealock.Pki.Revocation;

namespace Sealock.Pki.Inspection;

/// <summary>One DER value of a known shape as a content; what is malformed becomes unreadable, not a fault.</summary>
internal static class DerContents
{
    public static PkiContent Read(ReadOnlyMemory<byte> der, DerShape shape, KeyOpener opener)
    {
        try
        {
            return shape switch
            {
                DerShape.Certificate => new CertificateContent(Certificate.ParseForInspection(der)),
                DerShape.Request => new RequestContent(CertificateSigningRequest.ParseForInspection(der)),
                DerShape.RevocationList => new RevocationListContent(CertificateRevocationList.Parse(der)),
                DerShape.PublicKey => new PublicKeyContent(PublicKeyInfo.ParseAny(der)),
                DerShape.RsaPublicKey => new PublicKeyContent(PublicKeyInfo.ParseAny(PublicKeyInfo.WrapRsa(der))),
                DerShape.Pkcs8 => KeyOpener.Open(der, "PKCS#8"),
                DerShape.EncryptedPkcs8 => opener.OpenEncrypted(der),
                DerShape.RsaPrivateKey => KeyOpener.Open(der, "PKCS#1"),
                DerShape.EcPrivateKey => KeyOpener.Open(der, "SEC1"),
                _ => new UnreadableContent("DER value", "it is neither certificate, request, CRL nor key"),
            };
        }
        catch (PkiFormatException e)
        {
            return new UnreadableContent(NameOf(shape), e.Message);
        }
    }

    private static string NameOf(DerShape shape) => shape switch
    {
        DerShape.Certificate => "certificate",
        DerShape.Request => "certificate request",
        DerShape.RevocationList => "revocation list",
        DerShape.PublicKey or DerShape.RsaPublicKey => "public key",
        _ => "private key",
    };
}
