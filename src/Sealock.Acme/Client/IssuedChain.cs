// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki;
using Sealock.Pki.Certificates;

namespace Sealock.Acme.Client;

/// <summary>A certificate as it is downloaded: the leaf, then the intermediates.</summary>
/// <param name="Certificates">At least one, leaf first.</param>
public sealed record IssuedChain(IReadOnlyList<Certificate> Certificates)
{
    private const int LongestChain = 20;

    /// <summary>The leaf.</summary>
    public Certificate Leaf => Certificates[0];

    /// <summary>The chain as PEM.</summary>
    public string ToPem() => Certificate.ToPem(Certificates);

    /// <summary>
    /// Whether an issuer of this common name signed any certificate of the chain: how preferred chains are named for Let's
    /// Encrypt and others.
    /// </summary>
    public bool IsIssuedBy(string commonName) => Certificates.Any(certificate => certificate.Issuer.CommonName == commonName);

    /// <summary>The first chain that has an issuer of this name, else the server's own choice, the first.</summary>
    /// <param name="chains">The server's choice, then the alternates.</param>
    /// <param name="preferred">The common name of an issuer; null or empty for no preference.</param>
    public static IssuedChain Choose(IReadOnlyList<IssuedChain> chains, string? preferred) =>
        string.IsNullOrEmpty(preferred) ? chains[0] : chains.FirstOrDefault(chain => chain.IsIssuedBy(preferred)) ?? chains[0];

    /// <summary>Reads a chain; null where it is no PEM of certificates, or an unreasonable number of them.</summary>
    internal static IssuedChain? TryRead(ReadOnlySpan<byte> pem)
    {
        try
        {
            var certificates = Certificate.ListFromPem(System.Text.Encoding.UTF8.GetString(pem));
            return certificates.Count <= LongestChain ? new(certificates) : null;
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }
}
