// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;

namespace Sealock.Pki.Tls;

/// <summary>
/// A certificate chain with its key, ready to be presented in TLS handshakes (by a listener, or by a client). Make one
/// per certificate and share it: every new one invalidates session tickets.
/// </summary>
public sealed class ServingCertificate : IDisposable
{
    private readonly X509Certificate2 leaf;
    private readonly X509Certificate2Collection others;

    private ServingCertificate(
        IReadOnlyList<Certificate> chain, X509Certificate2 leaf, X509Certificate2Collection others, SslCertificateTrust? hints)
    {
        Chain = chain;
        this.leaf = leaf;
        this.others = others;
        // Offline: the chain is what was given; nothing is fetched that a certificate names.
        Context = SslStreamCertificateContext.Create(leaf, others, offline: true, hints);
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
    /// <param name="certificatePem">The chain.</param>
    /// <param name="keyPem">The leaf's key.</param>
    /// <param name="passphrase">For an encrypted key.</param>
    /// <param name="clientAuthorities">The CAs a server names when it asks for client certificates; null for none.</param>
    /// <exception cref="PkiFormatException">A text is malformed, or the key is not the leaf's.</exception>
    public static ServingCertificate FromPem(
        string certificatePem, string keyPem, string? passphrase = null, TrustPool? clientAuthorities = null)
    {
        var chain = Certificate.ListFromPem(certificatePem);
        using var key = KeyPair.FromPem(keyPem, passphrase);
        return Create(chain, key, clientAuthorities);
    }

    /// <summary>Joins a chain (leaf first) and the leaf's key; the key may be disposed afterwards.</summary>
    /// <exception cref="PkiFormatException">The chain is empty, or the key is not the leaf's.</exception>
    public static ServingCertificate Create(
        IReadOnlyList<Certificate> chain, KeyPair key, TrustPool? clientAuthorities = null)
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
            var hints = clientAuthorities is null ? null : SslCertificateTrust.CreateForX509Collection(
                ToPlatform(clientAuthorities.Certificates), sendTrustInHandshake: true);
            return new(chain, leaf, ToPlatform(chain.Skip(1)), hints);
        }
        catch (CryptographicException e)
        {
            throw new PkiFormatException($"the certificate of {chain[0].Subject} cannot be used for TLS: {e.Message}", e);
        }
    }

    private static X509Certificate2Collection ToPlatform(IEnumerable<Certificate> certificates) =>
        [.. certificates.Select(c => X509CertificateLoader.LoadCertificate(c.Der.Span))];

    /// <inheritdoc/>
    public void Dispose()
    {
        leaf.Dispose();
        foreach (var certificate in others)
            certificate.Dispose();
    }
}
