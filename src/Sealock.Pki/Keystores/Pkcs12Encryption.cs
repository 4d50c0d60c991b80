// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using Sealock.Pki.Inspection;

namespace Sealock.Pki.Keystores;

/// <summary>Encryption under a password as PKCS#12 containers have it: the algorithm with its parameters, and the result.</summary>
internal static class Pkcs12Encryption
{
    private const string PbeTripleDes = "1.2.840.113549.1.12.1.3";
    private const string PbeRc2With40Bits = "1.2.840.113549.1.12.1.6";
    private const string Pbes2 = "1.2.840.113549.1.5.13";
    private const string Pbkdf2 = "1.2.840.113549.1.5.12";
    private const string Pbmac1 = "1.2.840.113549.1.5.14";
    private const string HmacSha256 = "1.2.840.113549.2.9";
    private const string Aes256Cbc = "2.16.840.1.101.3.4.1.42";
    private const byte KeyPurpose = 1;
    private const byte VectorPurpose = 2;
    private const byte MacPurpose = 3;
    private const int SaltBytes = 16;

    /// <summary>Writes the algorithm and answers the encrypted content.</summary>
    public static byte[] Encrypt(AsnWriter writer, Pkcs12Cipher cipher, byte[] plain, string password, int iterations)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return cipher switch
        {
            Pkcs12Cipher.Aes256 => EncryptByAes(writer, plain, password, salt, iterations),
            Pkcs12Cipher.TripleDes => EncryptByTripleDes(writer, plain, password, salt, iterations),
            _ => EncryptByRc2(writer, plain, password, salt, iterations),
        };
    }

    /// <summary>Writes the MacData over the content.</summary>
    public static void WriteMac(AsnWriter writer, Pkcs12Profile profile, byte[] content, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        using var mac = writer.PushSequence();
        if (profile.UsesPbmac1)
        {
            var key = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, profile.Iterations, HashAlgorithmName.SHA256, 32);
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(Pbmac1);
                    using var parameters = writer.PushSequence();
                    WritePbkdf2(writer, salt, profile.Iterations, keyLength: 32);
                    WriteAlgorithm(writer, HmacSha256);
                }

                writer.WriteOctetString(HMACSHA256.HashData(key, content));
            }

            // Not used by PBMAC1, but not optional.
            writer.WriteOctetString("NOT USED"u8);
            return;
        }

        var hash = profile.MacHash;
        var length = hash == HashAlgorithmName.SHA1 ? 20 : 32;
        var macKey = Pkcs12Derivation.Derive(MacPurpose, password, salt, profile.Iterations, hash, length);
        using (writer.PushSequence())
        {
            WriteAlgorithm(writer, hash == HashAlgorithmName.SHA1 ? Oids.Sha1 : Oids.Sha256);
            writer.WriteOctetString(CryptographicOperations.HmacData(hash, macKey, content));
        }

        writer.WriteOctetString(salt);
        writer.WriteInteger(profile.Iterations);
    }

    private static byte[] EncryptByAes(AsnWriter writer, byte[] plain, string password, byte[] salt, int iterations)
    {
        using var aes = Aes.Create();
        aes.Key = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, 32);
        var vector = RandomNumberGenerator.GetBytes(16);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Pbes2);
            using var parameters = writer.PushSequence();
            WritePbkdf2(writer, salt, iterations, keyLength: null);
            using var scheme = writer.PushSequence();
            writer.WriteObjectIdentifier(Aes256Cbc);
            writer.WriteOctetString(vector);
        }

        return aes.EncryptCbc(plain, vector);
    }

    private static byte[] EncryptByTripleDes(AsnWriter writer, byte[] plain, string password, byte[] salt, int iterations)
    {
        WritePbe(writer, PbeTripleDes, salt, iterations);
#pragma warning disable CA5350 // What old readers of keystores ask for; named legacy.
        using var des = TripleDES.Create();
#pragma warning restore CA5350
        des.Key = Pkcs12Derivation.Derive(KeyPurpose, password, salt, iterations, HashAlgorithmName.SHA1, 24);
        return des.EncryptCbc(plain, Pkcs12Derivation.Derive(VectorPurpose, password, salt, iterations, HashAlgorithmName.SHA1, 8));
    }

    private static byte[] EncryptByRc2(AsnWriter writer, byte[] plain, string password, byte[] salt, int iterations)
    {
        WritePbe(writer, PbeRc2With40Bits, salt, iterations);
        var key = Pkcs12Derivation.Derive(KeyPurpose, password, salt, iterations, HashAlgorithmName.SHA1, 5);
        return Rc2.Encrypt(key, Pkcs12Derivation.Derive(VectorPurpose, password, salt, iterations, HashAlgorithmName.SHA1, 8), plain);
    }

    private static void WritePbe(AsnWriter writer, string oid, byte[] salt, int iterations)
    {
        using var algorithm = writer.PushSequence();
        writer.WriteObjectIdentifier(oid);
        using var parameters = writer.PushSequence();
        writer.WriteOctetString(salt);
        writer.WriteInteger(iterations);
    }

    private static void WritePbkdf2(AsnWriter writer, byte[] salt, int iterations, int? keyLength)
    {
        using var algorithm = writer.PushSequence();
        writer.WriteObjectIdentifier(Pbkdf2);
        using var parameters = writer.PushSequence();
        writer.WriteOctetString(salt);
        writer.WriteInteger(iterations);
        if (keyLength is { } length)
            writer.WriteInteger(length);
        WriteAlgorithm(writer, HmacSha256);
    }

    private static void WriteAlgorithm(AsnWriter writer, string oid)
    {
        using var algorithm = writer.PushSequence();
        writer.WriteObjectIdentifier(oid);
        writer.WriteNull();
    }
}
