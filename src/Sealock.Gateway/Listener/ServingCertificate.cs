// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sealock.Gateway.Listener;

/// <summary>
/// A certificate with its key and chain, ready to be served. The context is made once and used for every handshake:
/// session tickets are bound to it.
/// </summary>
internal sealed class ServingCertificate
{
    private ServingCertificate(X509Certificate2 certificate, string pem, SslStreamCertificateContext context)
    {
        Certificate = certificate;
        Pem = pem;
        Context = context;
    }

    /// <summary>The leaf with its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Leaf and chain as they were given.</summary>
    public string Pem { get; }

    /// <summary>What SslStream serves.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>Reads a PEM chain (leaf first) and its key; <paramref name="trust"/> names the CAs asked of clients.</summary>
    /// <exception cref="CryptographicException">Something does not parse, or the key is not the leaf's.</exception>
    public static ServingCertificate FromPem(string certificatePem, string keyPem, SslCertificateTrust? trust)
    {
        X509Certificate2 leaf;
        try
        {
            leaf = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        }
        catch (ArgumentException error)
        {
            // The key is of another kind than the certificate's, or is not its key.
            throw new CryptographicException("the private key does not belong to the certificate", error);
        }

        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificatePem);
        chain.RemoveAt(0);
        return new ServingCertificate(
            leaf, certificatePem, SslStreamCertificateContext.Create(leaf, chain, offline: true, trust));
    }

    /// <summary>The DNS names and IP addresses of the certificate, for choosing by SNI.</summary>
    public IEnumerable<string> Names()
    {
        foreach (var extension in Certificate.Extensions)
        {
            if (extension is not X509SubjectAlternativeNameExtension names)
                continue;
            foreach (var name in names.EnumerateDnsNames())
                yield return name;
            foreach (var address in names.EnumerateIPAddresses())
                yield return address.ToString();
        }
    }
}
