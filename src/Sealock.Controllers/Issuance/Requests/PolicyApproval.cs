// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Controllers.Approval;
using Sealock.Controllers.Views;
using Sealock.Pki.Requests;

namespace Sealock.Controllers.Issuance.Requests;

/// <summary>
/// Lets policies decide on requests, as those of whoever made them. Where the server does not write who that was, it is this
/// controller for requests that it provably made, and nobody for all others.
/// </summary>
internal sealed partial class PolicyApproval(
    ApiClient client, PolicyReview review, IssuanceObjects objects, IssuanceOptions options, TimeProvider time, ILogger logger)
{
    private string? _ownName;

    public async ValueTask<RequestApproval?> DecideAsync(
        CertificateRequestObject request, CertificateSigningRequest csr, CancellationToken cancellationToken)
    {
        var (spec, issuer) = (request.Spec, request.Spec.IssuerRef);
        var requester = await RequesterAsync(request, cancellationToken);
        var verdict = await review.ReviewAsync(
            new ApprovalRequest
            {
                Namespace = request.Metadata.Namespace,
                Name = request.Metadata.Name,
                Username = requester?.Username ?? "",
                IssuerName = issuer.Name,
                IssuerKind = issuer.Kind,
                IssuerGroup = issuer.Group,
                Csr = csr,
                Duration = spec.Duration,
                IsCa = spec.IsCa,
                Usages = spec.Usages,
            },
            requester, cancellationToken);
        if (verdict.Outcome != ApprovalOutcome.Undecided)
            return new(verdict.Outcome == ApprovalOutcome.Approved, verdict.Message);
        var message = RequestApproval.WaitsFor + verdict.Message;
        if (request.Status.Conditions.All(condition => condition.Message != message))
            LogWaits(logger, request.Metadata.Namespace, request.Metadata.Name, message);
        return new(false, message) { Waits = true };
    }

    private async ValueTask<Requester?> RequesterAsync(CertificateRequestObject request, CancellationToken cancellationToken)
    {
        var spec = request.Spec;
        if (options.TrustsRequestIdentity && spec.Username.Length > 0)
            return new Requester(spec.Username, spec.Uid, spec.Groups, spec.Extra);
        return review.IsNeeded && RequestOrigin.IsOwn(request, objects, time.GetUtcNow())
            ? Requester.Self(_ownName ??= await client.WhoAmIAsync(cancellationToken)) : null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "CertificateRequest {Namespace}/{Name}: {Message}")]
    private static partial void LogWaits(ILogger logger, string @namespace, string name, string message);
}
