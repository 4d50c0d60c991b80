// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using Sealock.Pki.Keys;
using Sealock.Pki.Pem;

namespace Sealock.Tests.Cluster.Surveying;

public sealed class PublicHalfTests
{
    public static TheoryData<string> Forms => ["rsa pkcs1", "rsa pkcs8", "ec sec1", "ec pkcs8", "ec p384 pkcs8"];

    [Theory]
    [MemberData(nameof(Forms))]
    public void It_is_the_keys_own(string form)
    {
        using AsymmetricAlgorithm key = form.StartsWith("rsa", StringComparison.Ordinal) ? RSA.Create(2048)
            : ECDsa.Create(form.Contains("p384", StringComparison.Ordinal) ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP256);
        var pem = form.EndsWith("pkcs8", StringComparison.Ordinal) ? key.ExportPkcs8PrivateKeyPem()
            : key is RSA rsa ? rsa.ExportRSAPrivateKeyPem() : ((ECDsa)key).ExportECPrivateKeyPem();
        Assert.Equal(PublicKeyInfo.Parse(key.ExportSubjectPublicKeyInfo()), PublicHalf.Find(PemDocument.Parse(pem).Blocks[0]));
    }

    [Theory]
    [InlineData("PRIVATE KEY")]
    [InlineData("RSA PRIVATE KEY")]
    [InlineData("EC PRIVATE KEY")]
    [InlineData("CERTIFICATE")]
    public void There_is_none_in_garbage(string label) => Assert.Null(PublicHalf.Find(new PemBlock(label, new byte[] { 0x30, 3, 2, 1, 0 }, [])));
}
