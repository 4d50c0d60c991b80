// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki;
using Sealock.Pki.Pem;

namespace Sealock.Controllers.Issuance.Secrets;

/// <summary>The further forms in which a Secret may hold its key and certificate (<c>additionalOutputFormats</c>).</summary>
internal static class SecretFormats
{
    /// <summary>Key, an empty line, certificates: what proxies like to read from one file.</summary>
    public static byte[] CombinedPem(ReadOnlySpan<byte> keyPem, ReadOnlySpan<byte> certificatePem) =>
        [.. keyPem, (byte)'\n', .. certificatePem];

    /// <summary>The key without PEM around it.</summary>
    /// <exception cref="PkiFormatException">There is no key.</exception>
    public static byte[] KeyDer(ReadOnlySpan<byte> keyPem) => PemDocument.Parse(keyPem)
        .First(PemLabels.PrivateKey, PemLabels.RsaPrivateKey, PemLabels.EcPrivateKey).Content.ToArray();
}
