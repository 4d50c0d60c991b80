// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Sealock.Pki.Inspection;

/// <summary>
/// Decryption under a passphrase, as PKCS#8 and PKCS#12 use it: PBES2 (RFC 8018: PBKDF2 with AES or 3DES in CBC mode) and
/// PKCS#12's own schemes with SHA-1 and 3DES or RC2 (RFC 7292 appendix C).
/// </summary>
internal sealed record PassphraseEncryption
{
    public const string WrongPassphrase = "the passphrase does not open it";

    private const string Pbes2 = "1.2.840.113549.1.5.13";
    private const string Pbkdf2 = "1.2.840.113549.1.5.12";
    private const string Pkcs12TripleDes = "1.2.840.113549.1.12.1.3";
    private const string Pkcs12Rc2Of128 = "1.2.840.113549.1.12.1.5";
    private const string Pkcs12Rc2Of40 = "1.2.840.113549.1.12.1.6";

    private enum Cipher
    {
        None,
        Aes,
        TripleDes,
        Rc2,
    }

    private PassphraseEncryption()
    {
    }

    /// <summary>The scheme in words, e.g. <c>AES-256-CBC, PBKDF2 with SHA256, 2048 rounds</c>.</summary>
    public required string Description { get; init; }

    private Cipher CipherKind { get; init; }

    private int KeyBytes { get; init; }

    private byte[] Vector { get; init; } = [];

    private byte[] Salt { get; init; } = [];

    private int Rounds { get; init; }

    private HashAlgorithmName Hash { get; init; }

    /// <summary>Null for PKCS#12's own derivation.</summary>
    private bool IsPkcs12 { get; init; }

    /// <summary>Reads the next AlgorithmIdentifier; a scheme that is not known is a value that decrypts nothing.</summary>
    public static PassphraseEncryption Read(AsnReader reader)
    {
        var algorithm = reader.ReadSequence();
        var oid = algorithm.ReadObjectIdentifier();
        switch (oid)
        {
            case Pbes2:
                return ReadPbes2(algorithm.ReadSequence());
            case Pkcs12TripleDes:
                return ReadPkcs12(algorithm.ReadSequence(), Cipher.TripleDes, 24, "3DES");
            case Pkcs12Rc2Of128:
                return ReadPkcs12(algorithm.ReadSequence(), Cipher.Rc2, 16, "RC2 of 128 bits");
            case Pkcs12Rc2Of40:
                return ReadPkcs12(algorithm.ReadSequence(), Cipher.Rc2, 5, "RC2 of 40 bits");
            default:
                return new() { Description = $"unknown scheme {oid}" };
        }
    }

    /// <summary>Decrypts; a wrong passphrase is mostly noticed by its padding, else by what comes out.</summary>
    /// <exception cref="PkiFormatException">The passphrase is wrong, the scheme unknown, or it takes more rounds than allowed.</exception>
    public byte[] Decrypt(ReadOnlySpan<byte> cipherText, string passphrase, DerivationBudget budget)
    {
        if (CipherKind == Cipher.None)
            throw new PkiFormatException($"its encryption is not supported here: {Description}");
        byte[] key = [];
        try
        {
            budget.Take(Rounds);
            if (CipherKind == Cipher.Rc2)
            {
                var (rc2Key, rc2Vector) = Pkcs12Keys(passphrase, budget);
                return Rc2.Decrypt(key = rc2Key, rc2Vector, cipherText);
            }

#pragma warning disable CA5350 // Old files are encrypted with it, and are only read.
            using SymmetricAlgorithm cipher = CipherKind == Cipher.Aes ? Aes.Create() : TripleDES.Create();
#pragma warning restore CA5350
            var vector = Vector;
            if (IsPkcs12)
                (key, vector) = Pkcs12Keys(passphrase, budget);
            else
                key = Rfc2898DeriveBytes.Pbkdf2(passphrase, Salt, Rounds, Hash, KeyBytes);
            cipher.Key = key;
            return cipher.DecryptCbc(cipherText, vector);
        }
        catch (Exception e) when (Der.IsMalformed(e))
        {
            throw new PkiFormatException(WrongPassphrase, e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private (byte[] Key, byte[] Vector) Pkcs12Keys(string passphrase, DerivationBudget budget)
    {
        budget.Take(Rounds);
        return (Pkcs12Derivation.Derive(1, passphrase, Salt, Rounds, HashAlgorithmName.SHA1, KeyBytes),
            Pkcs12Derivation.Derive(2, passphrase, Salt, Rounds, HashAlgorithmName.SHA1, 8));
    }

    private static PassphraseEncryption ReadPkcs12(AsnReader parameters, Cipher cipher, int keyBytes, string name)
    {
        var salt = parameters.ReadOctetString();
        var rounds = ReadRounds(parameters);
        return new()
        {
            Description = FormattableString.Invariant($"{name}, PKCS#12 derivation with SHA1, {rounds} rounds"),
            CipherKind = cipher,
            KeyBytes = keyBytes,
            Salt = salt,
            Rounds = rounds,
            IsPkcs12 = true,
        };
    }

    private static PassphraseEncryption ReadPbes2(AsnReader parameters)
    {
        var derivation = parameters.ReadSequence();
        var derivationOid = derivation.ReadObjectIdentifier();
        var encryption = parameters.ReadSequence();
        var encryptionOid = encryption.ReadObjectIdentifier();
        var (cipher, keyBytes, name) = encryptionOid switch
        {
            "2.16.840.1.101.3.4.1.2" => (Cipher.Aes, 16, "AES-128-CBC"),
            "2.16.840.1.101.3.4.1.22" => (Cipher.Aes, 24, "AES-192-CBC"),
            "2.16.840.1.101.3.4.1.42" => (Cipher.Aes, 32, "AES-256-CBC"),
            "1.2.840.113549.3.7" => (Cipher.TripleDes, 24, "3DES-CBC"),
            _ => (Cipher.None, 0, encryptionOid),
        };
        if (derivationOid != Pbkdf2 || cipher == Cipher.None)
            return new() { Description = $"PBES2 with {name} and {(derivationOid == Pbkdf2 ? "PBKDF2" : derivationOid)}" };
        var settings = derivation.ReadSequence();
        var salt = settings.ReadOctetString();
        var rounds = ReadRounds(settings);
        if (settings.HasData && settings.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
            settings.ReadInteger();
        var hash = HashAlgorithmName.SHA1;
        if (settings.HasData)
        {
            var function = settings.ReadSequence().ReadObjectIdentifier();
            switch (function)
            {
                case "1.2.840.113549.2.7": break;
                case "1.2.840.113549.2.9": hash = HashAlgorithmName.SHA256; break;
                case "1.2.840.113549.2.10": hash = HashAlgorithmName.SHA384; break;
                case "1.2.840.113549.2.11": hash = HashAlgorithmName.SHA512; break;
                default: return new() { Description = $"{name}, PBKDF2 with {function}" };
            }
        }

        return new()
        {
            Description = FormattableString.Invariant($"{name}, PBKDF2 with {hash.Name}, {rounds} rounds"),
            CipherKind = cipher,
            KeyBytes = keyBytes,
            Vector = encryption.ReadOctetString(),
            Salt = salt,
            Rounds = rounds,
            Hash = hash,
        };
    }

    private static int ReadRounds(AsnReader reader) =>
        reader.TryReadInt32(out var rounds) && rounds > 0 ? rounds : throw new PkiFormatException("expected a positive number of key derivation rounds");
}
