// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Issuing;

namespace Sealock.Controllers.CertificateSigning;

/// <summary>
/// A CA in a Secret of type <c>kubernetes.io/tls</c>: <c>tls.crt</c> (the CA first) and <c>tls.key</c>. What the
/// Secret says counts from the moment it says so: a Secret that is deleted or broken signs nothing any more.
/// </summary>
internal sealed class SecretAuthority(string @namespace, string name) : ISigningAuthority
{
    private volatile SigningAuthorityState _state =
        SigningAuthorityState.Missing($"the Secret {@namespace}/{name} does not exist");

    public SigningAuthorityState Current => _state;

    /// <summary>Takes in the Secret's present state; null: it is gone.</summary>
    public void Take(SecretView? secret) => _state = secret is null
        ? SigningAuthorityState.Missing($"the Secret {@namespace}/{name} does not exist")
        : Read(secret);

    private SigningAuthorityState Read(SecretView secret)
    {
        if (!secret.Data.TryGetValue("tls.crt", out var certificate) || !secret.Data.TryGetValue("tls.key", out var key))
            return SigningAuthorityState.Missing($"the Secret {@namespace}/{name} lacks tls.crt or tls.key");
        try
        {
            return SigningAuthorityState.Ready(
                CertificateAuthority.FromPem(Encoding.UTF8.GetString(certificate), Encoding.UTF8.GetString(key)));
        }
        catch (PkiFormatException fault)
        {
            return SigningAuthorityState.Missing($"the CA in the Secret {@namespace}/{name} cannot be used: {fault.Message}");
        }
    }
}
