// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Views;
using Sealock.Pki.Keys;

namespace Sealock.Controllers.Issuance.Deciding;

/// <summary>Which key a specification asks for.</summary>
internal sealed record KeyDemand(KeyAlgorithm Algorithm, KeyKind Kind, int Bits)
{
    private static readonly (string Name, SignatureAlgorithm Algorithm, string Key)[] Signatures =
    [
        ("SHA256WithRSA", SignatureAlgorithm.RsaSha256, "RSA"),
        ("SHA384WithRSA", SignatureAlgorithm.RsaSha384, "RSA"),
        ("SHA512WithRSA", SignatureAlgorithm.RsaSha512, "RSA"),
        ("ECDSAWithSHA256", SignatureAlgorithm.EcdsaSha256, "ECDSA"),
        ("ECDSAWithSHA384", SignatureAlgorithm.EcdsaSha384, "ECDSA"),
        ("ECDSAWithSHA512", SignatureAlgorithm.EcdsaSha512, "ECDSA"),
    ];

    /// <summary>The key asked for; null where it cannot be made, and why.</summary>
    public static KeyDemand? Of(PrivateKeyView key, out string problem)
    {
        KeyDemand? demand = (key.Algorithm, key.Size) switch
        {
            ("RSA", 0 or 2048) => new(KeyAlgorithm.Rsa2048, KeyKind.Rsa, 2048),
            ("RSA", 3072) => new(KeyAlgorithm.Rsa3072, KeyKind.Rsa, 3072),
            ("RSA", 4096) => new(KeyAlgorithm.Rsa4096, KeyKind.Rsa, 4096),
            ("RSA", 8192) => new(KeyAlgorithm.Rsa8192, KeyKind.Rsa, 8192),
            ("ECDSA", 0 or 256) => new(KeyAlgorithm.EcdsaP256, KeyKind.Ecdsa, 256),
            ("ECDSA", 384) => new(KeyAlgorithm.EcdsaP384, KeyKind.Ecdsa, 384),
            ("ECDSA", 521) => new(KeyAlgorithm.EcdsaP521, KeyKind.Ecdsa, 521),
            _ => null,
        };
        problem = demand is not null ? ""
            : key.Algorithm == "Ed25519" ? "spec.privateKey.algorithm: Ed25519 keys cannot be made here; use ECDSA or RSA"
            : $"spec.privateKey.size: {key.Size} is no size of {key.Algorithm} keys here; RSA has 2048, 3072, 4096, 8192, ECDSA 256, 384, 521";
        return demand;
    }

    /// <summary>The algorithm by which the request is signed; null: what suits the key.</summary>
    public static SignatureAlgorithm? SignatureOf(CertificateSpecView spec) =>
        Signatures.FirstOrDefault(row => row.Name == spec.SignatureAlgorithm).Algorithm;

    /// <summary>Why the signature algorithm asked for cannot be used, or null.</summary>
    public static string? SignatureProblem(CertificateSpecView spec) =>
        spec.SignatureAlgorithm.Length == 0
            || Signatures.Any(row => row.Name == spec.SignatureAlgorithm && row.Key == spec.PrivateKey.Algorithm)
            ? null
            : $"spec.signatureAlgorithm: {spec.SignatureAlgorithm} does not fit a key of the algorithm {spec.PrivateKey.Algorithm}";

    public bool IsMetBy(SecretFacts secret) => secret.KeyKind == Kind && secret.KeyBits == Bits;
}
