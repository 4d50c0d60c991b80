// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
using Sealock.Controllers.Authorities;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Certificates;

namespace Sealock.Controllers.Issuance.Issuers;

/// <summary>
/// The issuer <c>ca</c>: signs with a CA whose certificate, key and chain stand in a Secret; where account is kept of CAs, with the
/// one whose turn it is.
/// </summary>
internal sealed class CaIssuer(AuthoritySource authorities, AuthorityPlans plans, TimeProvider time) : IIssuerKind
{
    /// <summary>A CA that is not there, or not valid, is looked for again; where its Secret is followed, its change says so earlier.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(30);

    private const string NoLists =
        "; no revocation list is published for it, since it lacks the key usage crl sign: have the CA's certificate issued anew with that";

    public string Name => "ca";

    public async ValueTask<IssuerCheck> CheckAsync(IssuerView issuer, string secretNamespace, CancellationToken cancellationToken)
    {
        var secret = issuer.Spec.Ca?.SecretName ?? "";
        var found = await authorities.FindAsync(secretNamespace, secret, cancellationToken);
        if (found.Authority is not { Certificate: { } ca })
            return new(false, found.Reason, found.Problem) { LookAgainAfter = Again };
        var now = time.GetUtcNow();
        if (!ca.IsValidAt(now))
            return new(false, "ErrInvalidKeyPair", NotValid(ca)) { LookAgainAfter = Again };
        var end = AuthorityEnd.Of(ca, $"{secretNamespace}/{secret}", authorities.CertificatesOf(secretNamespace, secret), now);
        return new(
            true, "KeyPairVerified",
            "Signing CA verified" + (end.Concern.Length > 0 ? $"; {end.Concern}" : "")
                + (authorities.KeepsLists && !MaySignLists(ca) ? NoLists : ""))
        {
            Concern = end.Concern,
            LookAgainAfter = found.IsFollowed ? end.NextLook - now : Again,
        };
    }

    public async ValueTask<SigningOutcome> SignAsync(SigningTask task, CancellationToken cancellationToken)
    {
        var spec = task.Issuer.Spec.Ca ?? new CaIssuerView();
        var found = await authorities.FindAsync(task.SecretNamespace, spec.SecretName, cancellationToken);
        if (found.Authority is not { } authority)
            return new SigningOutcome.Pending(found.Problem, Again);
        var (intermediates, trusted) = (found.IntermediatesPem, found.AuthoritiesPem);
        if (plans.AreKept)
        {
            if (plans.Find(task.Issuer.Metadata.Namespace, task.Issuer.Metadata.Name) is not { } plan)
                return new SigningOutcome.Pending("the issuer's CA is being taken into account", Again);
            (authority, intermediates, trusted) = (plan.Signing, plan.PresentedPem, plan.TrustedPem);
        }

        if (!authority.Certificate.IsValidAt(task.Now))
            return new SigningOutcome.Pending(NotValid(authority.Certificate), Again);
        try
        {
            var result = authority.Issue(IssuanceRequests.Of(task) with
            {
                CrlUrls = spec.CrlDistributionPoints,
                OcspUrls = spec.OcspServers,
                IssuerUrls = spec.IssuingCertificateUrls,
            }, task.Now);
            return result.IsIssued
                ? new SigningOutcome.Issued(result.Certificate.ToPem() + intermediates, trusted)
                : new SigningOutcome.Failed("ErrorSigning", result.Refusal);
        }
        catch (PkiFormatException fault)
        {
            return new SigningOutcome.Failed("ErrorSigning", fault.Message);
        }
    }

    private static bool MaySignLists(Certificate ca) => ca.KeyUsage is not { } usage || usage.HasFlag(X509KeyUsageFlags.CrlSign);

    private static string NotValid(Certificate ca) =>
        $"the CA {ca.Subject} is not valid now (from {ca.NotBefore:u} to {ca.NotAfter:u}); it is to be replaced";
}
