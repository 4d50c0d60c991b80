// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using Sealock.Pki.Keys;

namespace Sealock.Pki.Inspection;

/// <summary>
/// Opens private keys to learn their public halves; the private ones are dropped at once. One opener serves a whole file:
/// what its passphrase may cost is a budget over all of its encrypted parts.
/// </summary>
internal sealed class KeyOpener(string? passphrase, DerivationBudget budget)
{
    public const string Remedy = "give its passphrase with --passphrase-file FILE";

    public string? Passphrase => passphrase;

    public DerivationBudget Budget => budget;

    /// <summary>A key that lies in the open.</summary>
    /// <exception cref="PkiFormatException">It is malformed.</exception>
    public static PrivateKeyContent Open(ReadOnlyMemory<byte> der, string form, string? protection = null)
    {
        try
        {
            using var key = form switch
            {
                "PKCS#1" => PrivateKeyReader.ReadPkcs1(der.Span),
                "SEC1" => PrivateKeyReader.ReadSec1(der.Span),
                "PKCS#8" => PrivateKeyReader.ReadPkcs8(der.Span),
                _ => throw new PkiFormatException("expected an RSA or EC private key"),
            };
            return new(key.PublicKey, form, protection, null);
        }
        catch (PkiFormatException refused)
        {
            // Kinds that do not sign here are told all the same, by the platform's library; what it, too, takes for an
            // ordinary key was refused for a reason.
            if (NativeKeys.PublicKeyOf(der.Span) is not { } spki)
                throw;
            var key = PublicKeyInfo.ParseAny(spki);
            return key.Kind is KeyKind.Rsa or KeyKind.Ecdsa ? throw new PkiFormatException(refused.Message, refused) : new(key, form, protection, null);
        }
    }

    /// <summary>An EncryptedPrivateKeyInfo; without the passphrase it stays locked, and only its protection is told.</summary>
    /// <exception cref="PkiFormatException">It is malformed.</exception>
    public PrivateKeyContent OpenEncrypted(ReadOnlyMemory<byte> der)
    {
        var (scheme, cipher) = Der.Parse("an encrypted private key (PKCS#8)", der, reader =>
        {
            var sequence = reader.ReadSequence();
            var algorithm = PassphraseEncryption.Read(sequence);
            var octets = sequence.ReadOctetString();
            sequence.ThrowIfNotEmpty();
            return (algorithm, octets);
        });
        if (passphrase is null)
            return new(null, "PKCS#8", scheme.Description, $"it is encrypted; {Remedy}");
        byte[] plain;
        try
        {
            plain = scheme.Decrypt(cipher, passphrase, budget);
        }
        catch (PkiFormatException e)
        {
            return new(null, "PKCS#8", scheme.Description, e.Message);
        }

        try
        {
            return Open(plain, "PKCS#8", scheme.Description);
        }
        catch (PkiFormatException)
        {
            return new(null, "PKCS#8", scheme.Description, PassphraseEncryption.WrongPassphrase);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }
}

/// <summary>Counts down the rounds of key derivation that one file may cost.</summary>
internal sealed class DerivationBudget(int total)
{
    private int spent;

    /// <exception cref="PkiFormatException">There are not as many left.</exception>
    public void Take(int count)
    {
        if (count < 1 || count > total - spent)
            throw new PkiFormatException($"its key derivation takes {count} rounds, more than is spent on one file ({total})");
        spent += count;
    }
}
