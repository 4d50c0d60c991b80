// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;

namespace Sealock.Pki.Keys;

/// <summary>
/// Verifies signatures with one public key whose native handle is kept. Safe for concurrent use: each verification
/// has its own context in the native library.
/// </summary>
internal abstract class SignatureVerifier : IDisposable
{
    /// <summary>Why the signature does not count, in plain words; null where it verified.</summary>
    public string? Refuse(SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (algorithm.IsBroken)
            return $"the signature uses the insecure algorithm {algorithm.Name}";
        if (algorithm.Scheme == SignatureScheme.Unknown)
            return $"the signature algorithm {algorithm.Name} is not supported";
        try
        {
            return Check(algorithm, data, signature);
        }
        catch (Exception e) when (Der.IsMalformed(e))
        {
            return "the signature is malformed or the public key is not usable";
        }
    }

    protected abstract string? Check(
        SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);

    /// <summary>Frees the native handle at once; verifiers that are kept leave it to the finalizer.</summary>
    public virtual void Dispose()
    {
    }

    public static SignatureVerifier Create(PublicKeyInfo key)
    {
        try
        {
            switch (key.Kind)
            {
                case KeyKind.Ecdsa:
                    var ecdsa = ECDsa.Create();
                    ecdsa.ImportSubjectPublicKeyInfo(key.Der.Span, out _);
                    return new EcdsaVerifier(ecdsa);
                case KeyKind.Rsa:
                    var rsa = RSA.Create();
                    rsa.ImportSubjectPublicKeyInfo(key.Der.Span, out _);
                    return new RsaVerifier(rsa);
                case KeyKind.Ed25519:
                    return new Ed25519Verifier(key.Der);
                default:
                    return new NoVerifier($"keys of type {key.Description} are not supported");
            }
        }
        catch (Exception e) when (Der.IsMalformed(e))
        {
            return new NoVerifier("the public key is not valid");
        }
    }

    private static string Mismatch(SignatureAlgorithm algorithm) =>
        $"the signature algorithm {algorithm.Name} does not fit the public key";

    private const string Failed = "the signature does not verify with the public key";

    private sealed class EcdsaVerifier(ECDsa key) : SignatureVerifier
    {
        protected override string? Check(
            SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
            algorithm.Scheme != SignatureScheme.Ecdsa ? Mismatch(algorithm)
            : key.VerifyData(data, signature, algorithm.Hash, DSASignatureFormat.Rfc3279DerSequence) ? null
            : Failed;

        public override void Dispose()
        {
            key.Dispose();
            base.Dispose();
        }
    }

    private sealed class RsaVerifier(RSA key) : SignatureVerifier
    {
        protected override string? Check(
            SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
        {
            if (algorithm.Scheme is not (SignatureScheme.RsaPkcs1 or SignatureScheme.RsaPss))
                return Mismatch(algorithm);
            var padding = algorithm.Scheme == SignatureScheme.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
            return key.VerifyData(data, signature, algorithm.Hash, padding) ? null : Failed;
        }

        public override void Dispose()
        {
            key.Dispose();
            base.Dispose();
        }
    }

    private sealed class Ed25519Verifier(ReadOnlyMemory<byte> spki) : SignatureVerifier
    {
        protected override string? Check(
            SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
            algorithm.Scheme != SignatureScheme.Ed25519 ? Mismatch(algorithm)
            : NativeSignatures.Verify(spki.Span, data, signature) switch
            {
                true => null,
                false => Failed,
                null => "Ed25519 signatures cannot be checked: the OpenSSL 3 library (libcrypto.so.3) is not installed",
            };
    }

    private sealed class NoVerifier(string reason) : SignatureVerifier
    {
        protected override string? Check(
            SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => reason;
    }
}
