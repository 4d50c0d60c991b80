// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Pki.Tls;

/// <summary>
/// A certificate chain with its key, ready to be presented in TLS handshakes (by a listener, or by a client). Make one
/// per certificate and share it: every new one invalidates session tickets.
/// </summary>
public sealed class ServingCertificate : IDisposable
{
    private readonly X509Certificate2 leaf;
    private readonly X509Certificate2Collection others;

    private ServingCertificate(IReadOnlyList<Certificate> chain, X509Certificate2 leaf, X509Certificate2Collection others)
    {
        Chain = chain;
        this.leaf = leaf;
        this.others = others;
        // Offline: the chain is what was given; nothing is fetched that a certificate names.
        Context = SslStreamCertificateContext.Create(leaf, others, offline: true);
    }

    /// <summary>The chain as given, leaf first.</summary>
    public IReadOnlyList<Certificate> Chain { get; }

    /// <summary>The leaf.</summary>
    public Certificate Certificate => Chain[0];

    /// <summary>The leaf with its private key, for APIs that take a .NET certificate. Lives as long as this object.</summary>
    public X509Certificate2 Leaf => leaf;

    /// <summary>For <see cref="SslServerAuthenticationOptions"/> and <see cref="SslClientAuthenticationOptions"/>.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>
    /// Joins certificate PEM (leaf first, then intermediates) and key PEM, as in a <c>kubernetes.io/tls</c> Secret.
    /// </summary>
    /// <exception cref="PkiFormatException">A text is malformed, or the key is not the leaf's.</exception>
    public static ServingCertificate FromPem(string certificatePem, string keyPem, string? passphrase = null)
    {
        var chain = Certificate.ListFromPem(certificatePem);
        using var key = KeyPair.FromPem(keyPem, passphrase);
        return Create(chain, key);
    }

    /// <summary>Joins a chain (leaf first) and the leaf's key; the key may be disposed afterwards.</summary>
    /// <exception cref="PkiFormatException">The chain is empty, or the key is not the leaf's.</exception>
    public static ServingCertificate Create(IReadOnlyList<Certificate> chain, KeyPair key)
    {
        if (chain.Count == 0)
            throw new PkiFormatException("expected at least one certificate");
        if (!chain[0].Matches(key))
            throw new PkiFormatException($"the private key ({key.PublicKey.Description}) does not belong to the certificate of {chain[0].Subject}");
        try
        {
            using var bare = X509CertificateLoader.LoadCertificate(chain[0].Der.Span);
            var leaf = key.Handle switch
            {
                ECDsa ecdsa => bare.CopyWithPrivateKey(ecdsa),
                RSA rsa => bare.CopyWithPrivateKey(rsa),
                _ => throw new PkiFormatException("expected an RSA or ECDSA key"),
            };
            return new(chain, leaf, [.. chain.Skip(1).Select(c => X509CertificateLoader.LoadCertificate(c.Der.Span))]);
        }
        catch (CryptographicException e)
        {
            throw new PkiFormatException($"the certificate of {chain[0].Subject} cannot be used for TLS: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        leaf.Dispose();
        foreach (var certificate in others)
            certificate.Dispose();
    }
}
