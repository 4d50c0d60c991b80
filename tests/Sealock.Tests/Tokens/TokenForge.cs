// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Sealock.Tests.Tokens;

/// <summary>Writes tokens by hand, right and wrong ones.</summary>
internal static class TokenForge
{
    public static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    static TokenForge() => Key.ImportFromPem(KeyPem);

    private static string KeyPem => ((Microsoft.IdentityModel.Tokens.ECDsaSecurityKey)TokenWorld.Ecdsa.Key).ECDsa.ExportPkcs8PrivateKeyPem();

    public static string Sign(string payload, string header = """{"alg":"ES256"}""")
    {
        var head = $"{Encode(header)}.{Encode(payload)}";
        return $"{head}.{Base64Url.EncodeToString(Key.SignData(Encoding.ASCII.GetBytes(head), HashAlgorithmName.SHA256))}";
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
