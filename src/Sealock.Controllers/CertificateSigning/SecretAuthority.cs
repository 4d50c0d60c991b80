// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Microsoft.Extensions.Logging;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Issuing;

namespace Sealock.Controllers.CertificateSigning;

/// <summary>
/// A CA in a Secret of type <c>kubernetes.io/tls</c>: <c>tls.crt</c> (the CA first) and <c>tls.key</c>. What the
/// Secret says counts from the moment it says so: a Secret that is deleted or broken signs nothing any more.
/// </summary>
internal sealed partial class SecretAuthority(string @namespace, string name, ILogger logger) : ISigningAuthority
{
    private volatile SigningAuthorityState _state =
        SigningAuthorityState.Missing($"the Secret {@namespace}/{name} does not exist");
    private string _told = "";

    /// <summary>Why a request has to wait is told when one does, and again only when the reason is another.</summary>
    public SigningAuthorityState Current
    {
        get
        {
            var state = _state;
            if (Interlocked.Exchange(ref _told, state.Problem) != state.Problem && state.Authority is null)
                LogProblem(logger, state.Problem);
            return state;
        }
    }

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

    [LoggerMessage(Level = LogLevel.Warning, Message = "approved requests are not signed: {Problem}")]
    private static partial void LogProblem(ILogger logger, string problem);
}
