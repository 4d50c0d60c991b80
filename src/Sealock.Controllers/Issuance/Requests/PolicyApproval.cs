// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Approval;
using Sealock.Controllers.Views;
using Sealock.Pki.Requests;

namespace Sealock.Controllers.Issuance.Requests;

/// <summary>Lets policies decide on requests.</summary>
internal sealed class PolicyApproval(PolicyReview review)
{
    public async ValueTask<RequestApproval?> DecideAsync(
        CertificateRequestObject request, CertificateSigningRequest csr, CancellationToken cancellationToken)
    {
        var (spec, issuer) = (request.Spec, request.Spec.IssuerRef);
        var verdict = await review.ReviewAsync(
            new ApprovalRequest
            {
                Namespace = request.Metadata.Namespace,
                Name = request.Metadata.Name,
                Username = spec.Username,
                IssuerName = issuer.Name,
                IssuerKind = issuer.Kind,
                IssuerGroup = issuer.Group,
                Csr = csr,
                Duration = spec.Duration,
                IsCa = spec.IsCa,
                Usages = spec.Usages,
            },
            new Requester(spec.Username, spec.Uid, spec.Groups, spec.Extra), cancellationToken);
        return verdict.Outcome switch
        {
            ApprovalOutcome.Approved => new(true, verdict.Message),
            ApprovalOutcome.Denied => new(false, verdict.Message),
            _ => new(false, verdict.Message) { Waits = true },
        };
    }
}
