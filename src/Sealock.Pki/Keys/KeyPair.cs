// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;

namespace Sealock.Pki.Keys;

/// <summary>
/// A private key in memory; owns the native handle, so dispose it. Signing and exporting may happen concurrently.
/// <see cref="ToString"/> shows the public description only.
/// </summary>
public sealed class KeyPair : ISigner, IDisposable
{
    private readonly AsymmetricAlgorithm key;

    internal KeyPair(AsymmetricAlgorithm key)
    {
        this.key = key;
        PublicKey = PublicKeyInfo.Parse(key.ExportSubjectPublicKeyInfo());
        SignatureAlgorithm = SignatureAlgorithm.DefaultFor(PublicKey);
    }

    /// <inheritdoc/>
    public PublicKeyInfo PublicKey { get; }

    /// <inheritdoc/>
    public SignatureAlgorithm SignatureAlgorithm { get; }

    internal AsymmetricAlgorithm Handle => key;

    /// <summary>Makes a new key with the platform's random generator. RSA takes 0.1 to 2 seconds.</summary>
    public static KeyPair Generate(KeyAlgorithm algorithm = KeyAlgorithm.EcdsaP256) => new(algorithm switch
    {
        KeyAlgorithm.EcdsaP256 => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        KeyAlgorithm.EcdsaP384 => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        KeyAlgorithm.EcdsaP521 => ECDsa.Create(ECCurve.NamedCurves.nistP521),
        KeyAlgorithm.Rsa2048 => GenerateRsa(2048),
        KeyAlgorithm.Rsa3072 => GenerateRsa(3072),
        KeyAlgorithm.Rsa4096 => GenerateRsa(4096),
        KeyAlgorithm.Rsa8192 => GenerateRsa(8192),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "not a key algorithm"),
    });

    /// <summary>
    /// Reads the private key of a PEM text: PKCS#8, encrypted PKCS#8 (with <paramref name="passphrase"/>), PKCS#1 or
    /// SEC1. Other blocks before or after it (certificates, <c>EC PARAMETERS</c>) are ignored.
    /// </summary>
    /// <exception cref="PkiFormatException">There is no such block, it is malformed, or the passphrase is wrong or missing.</exception>
    public static KeyPair FromPem(string pem, string? passphrase = null) => PrivateKeyReader.Read(pem, passphrase);

    /// <summary>Reads an unencrypted PKCS#8 PrivateKeyInfo.</summary>
    /// <exception cref="PkiFormatException">It is malformed or of a kind that does not sign here.</exception>
    public static KeyPair FromPkcs8(ReadOnlySpan<byte> der) => PrivateKeyReader.ReadPkcs8(der);

    /// <inheritdoc/>
    public byte[] Sign(ReadOnlySpan<byte> data) => Sign(data, SignatureAlgorithm);

    /// <summary>Signs with another algorithm than the key's default, e.g. PSS.</summary>
    /// <exception cref="ArgumentException">The algorithm does not fit the key.</exception>
    public byte[] Sign(ReadOnlySpan<byte> data, SignatureAlgorithm algorithm) => (key, algorithm.Scheme) switch
    {
        (ECDsa ecdsa, SignatureScheme.Ecdsa) =>
            ecdsa.SignData(data, algorithm.Hash, DSASignatureFormat.Rfc3279DerSequence),
        (RSA rsa, SignatureScheme.RsaPkcs1) => rsa.SignData(data, algorithm.Hash, RSASignaturePadding.Pkcs1),
        (RSA rsa, SignatureScheme.RsaPss) => rsa.SignData(data, algorithm.Hash, RSASignaturePadding.Pss),
        _ => throw new ArgumentException($"{algorithm.Name} does not fit a key of type {PublicKey.Description}", nameof(algorithm)),
    };

    /// <summary>The private key as PKCS#8 DER.</summary>
    public byte[] ToPkcs8() => key.ExportPkcs8PrivateKey();

    /// <summary>The private key as a <c>PRIVATE KEY</c> PEM block (PKCS#8).</summary>
    public string ToPkcs8Pem() => key.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>
    /// The private key as an <c>ENCRYPTED PRIVATE KEY</c> PEM block: PBES2 with AES-256-CBC and PBKDF2-SHA-256.
    /// </summary>
    public string ToEncryptedPkcs8Pem(string passphrase, int iterations = 600_000) =>
        key.ExportEncryptedPkcs8PrivateKeyPem(
            passphrase, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, iterations)) + "\n";

    /// <summary>The private key as <c>RSA PRIVATE KEY</c> (PKCS#1) or <c>EC PRIVATE KEY</c> (SEC1), as kubeadm writes it.</summary>
    public string ToTraditionalPem() => key switch
    {
        RSA rsa => rsa.ExportRSAPrivateKeyPem() + "\n",
        ECDsa ecdsa => ecdsa.ExportECPrivateKeyPem() + "\n",
        _ => throw new InvalidOperationException("a key pair is RSA or ECDSA"),
    };

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"private key ({PublicKey.Description})";

    private static RSA GenerateRsa(int bits) => RSA.Create(bits);
}
