// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki;
using Sealock.Pki.Keys;

namespace Sealock.Acme.Jose;

/// <summary>The key of an ACME account: whoever has it, is the account. May be used concurrently.</summary>
public sealed class AccountKey
{
    /// <summary>Takes a signer, which stays the caller's to dispose.</summary>
    /// <exception cref="PkiFormatException">The key cannot sign for ACME: see <see cref="Jws.AlgorithmOf"/>.</exception>
    public AccountKey(ISigner signer)
    {
        Signer = signer;
        Algorithm = Jws.AlgorithmOf(signer);
        Jwk = JsonWebKey.Write(signer.PublicKey);
        Thumbprint = JsonWebKey.Thumbprint(signer.PublicKey);
    }

    /// <summary>Signs with the private key.</summary>
    public ISigner Signer { get; }

    /// <summary>The <c>alg</c> of its signatures.</summary>
    public string Algorithm { get; }

    /// <summary>The public key as JSON.</summary>
    public string Jwk { get; }

    /// <summary>The thumbprint that key authorizations end in.</summary>
    public string Thumbprint { get; }

    /// <summary>What a server expects as proof of control for a challenge's token (RFC 8555 section 8.1).</summary>
    public string KeyAuthorization(string token) => $"{token}.{Thumbprint}";

    /// <inheritdoc/>
    public override string ToString() => $"account key ({Signer.PublicKey.Description}, {Thumbprint})";
}
