// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Sealock.Gateway.Tokens;

/// <summary>
/// A key that signs or verifies service account tokens: RSA of at least 2,048 bits (RS256), or ECDSA on P-256, P-384
/// or P-521 (ES256, ES384, ES512).
/// </summary>
public sealed class ServiceAccountKey
{
    private ServiceAccountKey(AsymmetricSecurityKey key, string algorithm, byte[] publicKey, bool isPrivate)
    {
        Key = key;
        Algorithm = algorithm;
        Key.KeyId = Base64Url.EncodeToString(SHA256.HashData(publicKey));
        IsPrivate = isPrivate;
    }

    /// <summary>The key's identifier as Kubernetes makes it: SHA-256 of the SubjectPublicKeyInfo, base64url.</summary>
    public string KeyId => Key.KeyId;

    /// <summary>JOSE name of the only algorithm that this key is used with.</summary>
    public string Algorithm { get; }

    /// <summary>Whether it can sign.</summary>
    public bool IsPrivate { get; }

    internal AsymmetricSecurityKey Key { get; }

    /// <summary>
    /// The keys in a PEM file, in order: private keys (PKCS#8, PKCS#1, SEC 1), public keys and certificates, as
    /// <c>--service-account-key-file</c> takes them.
    /// </summary>
    /// <exception cref="CryptographicException">There is none, or one cannot be used; the message says why.</exception>
    public static IReadOnlyList<ServiceAccountKey> ReadPem(string pem)
    {
        var keys = new List<ServiceAccountKey>();
        var rest = pem.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (Read(rest[fields.Label].ToString(), rest[fields.Location]) is { } key)
                keys.Add(key);
            rest = rest[fields.Location.End..];
        }

        return keys.Count > 0 ? keys : throw new CryptographicException("no key found: expected PEM with a private or public key");
    }

    private static ServiceAccountKey? Read(string label, ReadOnlySpan<char> block)
    {
        switch (label)
        {
            case "EC PARAMETERS":
                return null;
            case "RSA PRIVATE KEY" or "RSA PUBLIC KEY":
                return OfRsa(block, isPrivate: label == "RSA PRIVATE KEY");
            case "EC PRIVATE KEY":
                return OfEcdsa(block, isPrivate: true);
            case "PRIVATE KEY" or "PUBLIC KEY":
                return OfAny(block, isPrivate: label == "PRIVATE KEY");
            case "CERTIFICATE":
                using (var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(block))
                    return OfAny(PemEncoding.Write("PUBLIC KEY", certificate.PublicKey.ExportSubjectPublicKeyInfo()), isPrivate: false);
            default:
                throw new CryptographicException($"a PEM block \"{label}\" is no key for service account tokens");
        }
    }

    private static ServiceAccountKey OfAny(ReadOnlySpan<char> pem, bool isPrivate)
    {
        try
        {
            return OfEcdsa(pem, isPrivate);
        }
        catch (CryptographicException)
        {
            return OfRsa(pem, isPrivate);
        }
    }

    private static ServiceAccountKey OfRsa(ReadOnlySpan<char> pem, bool isPrivate)
    {
        var rsa = RSA.Create();
        Import(rsa, pem);
        return rsa.KeySize is >= 2048 and <= 8192
            ? new(new RsaSecurityKey(rsa), SecurityAlgorithms.RsaSha256, rsa.ExportSubjectPublicKeyInfo(), isPrivate)
            : throw new CryptographicException($"an RSA key of {rsa.KeySize} bits cannot be used: take 2048 to 8192");
    }

    private static ServiceAccountKey OfEcdsa(ReadOnlySpan<char> pem, bool isPrivate)
    {
        var ecdsa = ECDsa.Create();
        Import(ecdsa, pem);
        var algorithm = ecdsa.ExportParameters(false).Curve.Oid.Value switch
        {
            "1.2.840.10045.3.1.7" => SecurityAlgorithms.EcdsaSha256,
            "1.3.132.0.34" => SecurityAlgorithms.EcdsaSha384,
            "1.3.132.0.35" => SecurityAlgorithms.EcdsaSha512,
            _ => throw new NotSupportedException("an ECDSA key must be on P-256, P-384 or P-521"),
        };
        return new(new ECDsaSecurityKey(ecdsa), algorithm, ecdsa.ExportSubjectPublicKeyInfo(), isPrivate);
    }

    private static void Import(AsymmetricAlgorithm algorithm, ReadOnlySpan<char> pem)
    {
        try
        {
            algorithm.ImportFromPem(pem);
        }
        catch (ArgumentException error)
        {
            throw new CryptographicException("a key for service account tokens is not readable: " + error.Message, error);
        }
    }
}
