// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sealock.Gateway.Authentication;

/// <summary>The CAs whose client certificates are accepted. Its identity stands for its content: a change is a new one.</summary>
internal sealed class ClientCas
{
    private ClientCas(X509Certificate2Collection certificates) => Certificates = certificates;

    /// <summary>The CA certificates.</summary>
    public X509Certificate2Collection Certificates { get; }

    /// <summary>Reads a PEM bundle.</summary>
    /// <exception cref="CryptographicException">It does not parse, or holds no certificate.</exception>
    public static ClientCas FromPem(string pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        return certificates.Count == 0
            ? throw new CryptographicException("there is no certificate in it")
            : new ClientCas(certificates);
    }
}
