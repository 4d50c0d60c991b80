// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Pki.Pem;

/// <summary>One PEM block (RFC 7468; headers as in RFC 1421).</summary>
/// <param name="Label">The type between BEGIN and the dashes, e.g. <c>CERTIFICATE</c>.</param>
/// <param name="Content">The decoded bytes.</param>
/// <param name="Headers">Header lines in order; Kubernetes refuses them in certificates.</param>
public sealed record PemBlock(
    string Label, ReadOnlyMemory<byte> Content, IReadOnlyList<KeyValuePair<string, string>> Headers);

/// <summary>What a PEM reader takes at most.</summary>
/// <param name="MaxBytes">Size of the whole text in bytes.</param>
/// <param name="MaxBlocks">Number of blocks.</param>
public readonly record struct PemLimits(int MaxBytes, int MaxBlocks)
{
    /// <summary>2 MiB and 2,000 blocks: enough for any trust bundle in use.</summary>
    public static PemLimits Default { get; } = new(2 * 1024 * 1024, 2000);
}

/// <summary>The labels in use here.</summary>
public static class PemLabels
{
    /// <summary>An X.509 certificate.</summary>
    public const string Certificate = "CERTIFICATE";

    /// <summary>A PKCS#10 request.</summary>
    public const string CertificateRequest = "CERTIFICATE REQUEST";

    /// <summary>The label some old tools give a PKCS#10 request.</summary>
    public const string NewCertificateRequest = "NEW CERTIFICATE REQUEST";

    /// <summary>A certificate revocation list.</summary>
    public const string Crl = "X509 CRL";

    /// <summary>A PKCS#8 private key.</summary>
    public const string PrivateKey = "PRIVATE KEY";

    /// <summary>A PKCS#8 private key under a passphrase.</summary>
    public const string EncryptedPrivateKey = "ENCRYPTED PRIVATE KEY";

    /// <summary>A PKCS#1 RSA private key.</summary>
    public const string RsaPrivateKey = "RSA PRIVATE KEY";

    /// <summary>A SEC1 elliptic-curve private key.</summary>
    public const string EcPrivateKey = "EC PRIVATE KEY";

    /// <summary>A SubjectPublicKeyInfo.</summary>
    public const string PublicKey = "PUBLIC KEY";

    /// <summary>A PKCS#1 RSA public key.</summary>
    public const string RsaPublicKey = "RSA PUBLIC KEY";
}
