// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using System.Security.Cryptography;
using Sealock.Pki.Pem;

namespace Sealock.Pki.Keys;

/// <summary>Finds and reads the private key in a PEM text, whichever of the four forms it has.</summary>
internal static class PrivateKeyReader
{
    private const string Expected = "expected a private key in PEM (PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY)";

    /// <summary>A stranger's file may ask for any number of PBKDF2 rounds: a count that takes seconds is refused.</summary>
    private const int MaxIterations = 10_000_000;

    private static readonly string[] Labels =
        [PemLabels.PrivateKey, PemLabels.EncryptedPrivateKey, PemLabels.RsaPrivateKey, PemLabels.EcPrivateKey];

    public static KeyPair Read(string pem, string? passphrase)
    {
        var document = PemDocument.Parse(pem);
        var block = document.Blocks.FirstOrDefault(b => Labels.Contains(b.Label))
            ?? throw new PkiFormatException($"{Expected}, found {document.LabelsFound}");
        if (block.Headers.Any(h => h.Key == "Proc-Type" && h.Value.Contains("ENCRYPTED", StringComparison.Ordinal)))
        {
            throw new PkiFormatException(
                "the private key is encrypted in OpenSSL's old format; convert it with 'openssl pkcs8 -topk8'");
        }
        return block.Label switch
        {
            PemLabels.PrivateKey => ReadPkcs8(block.Content.Span),
            PemLabels.EncryptedPrivateKey => ReadEncrypted(block.Content, passphrase),
            PemLabels.RsaPrivateKey => ReadPkcs1(block.Content.Span),
            _ => ReadSec1(block.Content.Span),
        };
    }

    public static KeyPair ReadPkcs1(ReadOnlySpan<byte> der) => Import(RSA.Create(), der, "an RSA private key (PKCS#1)",
        static (RSA key, ReadOnlySpan<byte> bytes) => { key.ImportRSAPrivateKey(bytes, out var read); return read; });

    public static KeyPair ReadSec1(ReadOnlySpan<byte> der) => Import(ECDsa.Create(), der, "an EC private key (SEC1)",
        static (ECDsa key, ReadOnlySpan<byte> bytes) => { key.ImportECPrivateKey(bytes, out var read); return read; });

    public static KeyPair ReadPkcs8(ReadOnlySpan<byte> der)
    {
        var oid = AlgorithmOf(der);
        return oid switch
        {
            Oids.Rsa or Oids.RsaPss => Import(RSA.Create(), der, "an RSA private key (PKCS#8)",
                static (RSA key, ReadOnlySpan<byte> bytes) => { key.ImportPkcs8PrivateKey(bytes, out var read); return read; }),
            Oids.EcPublicKey => Import(ECDsa.Create(), der, "an EC private key (PKCS#8)",
                static (ECDsa key, ReadOnlySpan<byte> bytes) => { key.ImportPkcs8PrivateKey(bytes, out var read); return read; }),
            Oids.Ed25519 => throw new PkiFormatException(
                "Ed25519 private keys are not supported here; expected an RSA or ECDSA private key"),
            _ => throw new PkiFormatException($"expected an RSA or ECDSA private key, got algorithm {oid}"),
        };
    }

    private static KeyPair ReadEncrypted(ReadOnlyMemory<byte> der, string? passphrase)
    {
        if (passphrase is null)
            throw new PkiFormatException("the private key is encrypted: a passphrase is needed");
        RefuseExpensiveDerivation(der);
        byte[]? plain = null;
        try
        {
            // Importing as PKCS#8 needs the algorithm first, which stands inside the encrypted part.
            using var ecdsa = ECDsa.Create();
            try
            {
                ecdsa.ImportEncryptedPkcs8PrivateKey(passphrase, der.Span, out _);
                plain = ecdsa.ExportPkcs8PrivateKey();
            }
            catch (CryptographicException)
            {
                using var rsa = RSA.Create();
                rsa.ImportEncryptedPkcs8PrivateKey(passphrase, der.Span, out _);
                plain = rsa.ExportPkcs8PrivateKey();
            }
            return ReadPkcs8(plain);
        }
        catch (Exception e) when (Der.IsMalformed(e))
        {
            throw new PkiFormatException(
                "the encrypted private key could not be read: wrong passphrase, or not an RSA or ECDSA key", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static void RefuseExpensiveDerivation(ReadOnlyMemory<byte> der) =>
        Der.Parse("an encrypted private key (PKCS#8)", der, reader =>
        {
            var algorithm = reader.ReadSequence().ReadSequence();
            algorithm.ReadObjectIdentifier();
            var parameters = algorithm.ReadSequence();
            if (!parameters.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
            {
                // PBES1: salt, iterations.
                parameters.ReadOctetString();
                return CheckIterations(parameters);
            }
            var derivation = parameters.ReadSequence();
            derivation.ReadObjectIdentifier();
            var kdf = derivation.ReadSequence();
            kdf.ReadOctetString();
            return CheckIterations(kdf);
        });

    private static int CheckIterations(AsnReader reader) =>
        reader.TryReadInt32(out var count) && count is > 0 and <= MaxIterations
            ? count
            : throw new PkiFormatException($"expected a key derivation of at most {MaxIterations} iterations");

    private static string AlgorithmOf(ReadOnlySpan<byte> der) =>
        Der.Parse("a private key (PKCS#8)", der.ToArray(), reader =>
        {
            var sequence = reader.ReadSequence();
            sequence.ReadInteger();
            return sequence.ReadSequence().ReadObjectIdentifier();
        });

    private delegate int Importer<in TKey>(TKey key, ReadOnlySpan<byte> der);

    private static KeyPair Import<TKey>(TKey key, ReadOnlySpan<byte> der, string what, Importer<TKey> import)
        where TKey : AsymmetricAlgorithm
    {
        try
        {
            if (import(key, der) != der.Length)
                throw new PkiFormatException($"expected {what} without bytes after it");
            return new KeyPair(key);
        }
        catch (Exception e)
        {
            key.Dispose();
            if (Der.IsMalformed(e))
                throw new PkiFormatException($"expected {what}: {e.Message}", e);
            throw;
        }
    }
}
