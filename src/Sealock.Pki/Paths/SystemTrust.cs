// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;
using Sealock.Pki.Pem;

namespace Sealock.Pki.Paths;

/// <summary>The CAs this machine trusts, from the file in which its distribution keeps them all.</summary>
public static class SystemTrust
{
    /// <summary>Debian, Fedora, SUSE, Alpine; in the order in which they are looked for.</summary>
    private static readonly string[] Files =
    [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];

    /// <summary>
    /// The pool. Certificates that cannot be read are left out. Empty where there is no such file: then nothing is trusted.
    /// </summary>
    /// <param name="file">The file; null for <c>$SSL_CERT_FILE</c>, else the first of the usual places.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="PkiFormatException">It is larger than any bundle.</exception>
    public static TrustPool Load(string? file = null)
    {
        var path = file ?? Environment.GetEnvironmentVariable("SSL_CERT_FILE") ?? Files.FirstOrDefault(File.Exists);
        if (path is null)
            return TrustPool.Empty;
        var anchors = new List<Certificate>();
        foreach (var block in PemDocument.Parse(File.ReadAllBytes(path)).Blocks)
        {
            if (block.Label != PemLabels.Certificate)
                continue;
            try
            {
                anchors.Add(Certificate.Parse(block.Content));
            }
            catch (PkiFormatException)
            {
                // One odd certificate among many must not cost the others.
            }
        }

        return new(anchors);
    }
}
