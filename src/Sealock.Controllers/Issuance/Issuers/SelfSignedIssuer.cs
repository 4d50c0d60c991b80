// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client;
using Sealock.Controllers.Issuance.Requests;
using Sealock.Controllers.Issuance.Secrets;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Issuing;

namespace Sealock.Controllers.Issuance.Issuers;

/// <summary>The issuer <c>selfSigned</c>: a certificate signed by its own key, which the request names by its Secret.</summary>
internal sealed class SelfSignedIssuer(ApiClient client) : IIssuerKind
{
    private static readonly TimeSpan KeyWait = TimeSpan.FromSeconds(30);

    public string Name => "selfSigned";

    public ValueTask<IssuerCheck> CheckAsync(IssuerView issuer, string secretNamespace, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new IssuerCheck(true, "IsReady", ""));

    public async ValueTask<SigningOutcome> SignAsync(SigningTask task, CancellationToken cancellationToken)
    {
        var name = task.Request.Metadata.Annotations.GetValueOrDefault(WellKnown.PrivateKeySecret);
        if (string.IsNullOrEmpty(name))
            return new SigningOutcome.Failed("MissingAnnotation", $"the annotation {WellKnown.PrivateKeySecret} is missing: a self-signed certificate needs its key");
        var secret = await client.FindAsync(ResourceTypes.Secrets, task.Request.Metadata.Namespace, name, cancellationToken);
        if (secret is null)
            return new SigningOutcome.Pending($"the Secret {name} with the private key does not exist", KeyWait);
        using var key = SecretStore.KeyIn(secret);
        if (key is null)
            return new SigningOutcome.Pending($"the Secret {name} has no private key in {WellKnown.KeyEntry} that can be read", KeyWait);
        if (!task.Csr.PublicKey.Equals(key.PublicKey))
            return new SigningOutcome.Failed("ErrorKeyMatch", $"the private key in the Secret {name} is not the request's");
        try
        {
            var request = IssuanceRequests.Of(task) with
            {
                Subject = SelfSignedSubject.For(task.Csr.Subject, task.Csr.Names),
                CrlUrls = task.Issuer.Spec.SelfSigned?.CrlDistributionPoints ?? [],
            };
            var result = CertificateAuthority.SelfSign(request, key, task.Now);
            return result.IsIssued
                ? new SigningOutcome.Issued(result.Certificate.ToPem(), result.Certificate.ToPem())
                : new SigningOutcome.Failed("ErrorSigning", result.Refusal);
        }
        catch (PkiFormatException fault)
        {
            return new SigningOutcome.Failed("ErrorSigning", fault.Message);
        }
    }
}
