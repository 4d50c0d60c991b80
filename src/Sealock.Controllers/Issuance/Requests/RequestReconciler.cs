// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Issuance.Issuers;
using Sealock.Controllers.Issuance.Secrets;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Requests;

namespace Sealock.Controllers.Issuance.Requests;

/// <summary>
/// Approves and signs CertificateRequests. What a kind of issuer has signed is kept until the server has it: a repeated look hands
/// in the same certificate. Requests of issuers of other groups are approved or denied, and left to those who sign them.
/// </summary>
internal sealed class RequestReconciler(
    ApiClient client, IssuanceObjects objects, IReadOnlyList<IIssuerKind> kinds, ApproveRequest approve, IssuanceOptions options,
    EventRecorder? events, IssuanceNews news, TimeProvider time)
{
    private const string ApprovalReason = "cert-manager.io";

    private readonly FrozenDictionary<string, IIssuerKind> _kinds = kinds.ToFrozenDictionary(kind => kind.Name, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SigningOutcome.Issued> _signed = new(StringComparer.Ordinal);

    public async ValueTask<Reconciliation> ReconcileAsync(CertificateRequestView seen, CancellationToken cancellationToken)
    {
        if (seen.IsIssued || seen.Metadata.DeletionTimestamp is not null || (seen.HasFailed && seen.FailedAt is not null && IsTold(seen)))
            return Reconciliation.Done;
        var request = await client.FindAsync(
            IssuanceResources.RequestObjects, seen.Metadata.Namespace, seen.Metadata.Name, cancellationToken);
        if (request is null || request.Metadata.Uid != seen.Metadata.Uid || request.Status.Certificate.Length > 0)
            return Reconciliation.Done;
        var conditions = new RequestConditions(request, ObjectFields.WholeSeconds(time.GetUtcNow()));
        var (again, retryNotBefore) = await DecideAsync(request, conditions, cancellationToken);
        if (retryNotBefore is { } notBefore)
            request = await RememberAsync(request, notBefore, cancellationToken);
        return await HandInAsync(request, conditions, cancellationToken) is { } refusal ? Reconciliation.TryAgain(refusal) : again;
    }

    /// <summary>A request is gone: what was signed for it is of no more use.</summary>
    public void Forget(string uid) => _signed.TryRemove(uid, out _);

    private static bool IsTold(CertificateRequestView request) =>
        request.Condition(RequestConditions.Ready) is { Status: "False", Reason: not RequestConditions.Pending };

    /// <summary>Sets the conditions that follow, and says when to look again.</summary>
    private async ValueTask<(Reconciliation Again, DateTimeOffset? RetryNotBefore)> DecideAsync(
        CertificateRequestObject request, RequestConditions conditions, CancellationToken cancellationToken)
    {
        if (conditions.IsTrue(RequestConditions.InvalidRequest))
            return Fail(RequestConditions.Failed, "The CertificateRequest is invalid");
        if (conditions.IsTrue(RequestConditions.Denied))
            return Fail(RequestConditions.Denied, "The CertificateRequest was denied by an approval controller");
        CertificateSigningRequest csr;
        try
        {
            csr = CertificateSigningRequest.FromPem(request.Spec.Request);
        }
        catch (PkiFormatException fault)
        {
            return Fail(RequestConditions.Failed, $"spec.request cannot be read: {fault.Message}");
        }

        if (csr.SignatureProblem is { } unsigned)
            return Fail(RequestConditions.Failed, $"spec.request is not signed by its own key: {unsigned}");
        if (!conditions.IsTrue(RequestConditions.Approved))
        {
            if (await approve(request, csr, cancellationToken) is not { } approval)
                return (Reconciliation.Done, null);
            if (approval.Waits)
            {
                conditions.Set(RequestConditions.Ready, false, RequestConditions.Pending, approval.Message);
                if (request.Status.Conditions.All(condition => condition.Message != approval.Message))
                    events?.Say(IssuanceResources.ApiVersion, "CertificateRequest", request.Metadata, EventRecorder.Warning, "Unprocessed", approval.Message);
                return (Reconciliation.TryAgain(approval.Message), null);
            }

            conditions.Set(approval.IsApproved ? RequestConditions.Approved : RequestConditions.Denied, true, ApprovalReason, approval.Message);
            if (!approval.IsApproved)
                return Fail(RequestConditions.Denied, $"The CertificateRequest was denied: {approval.Message}");
        }

        if (request.Spec.IssuerRef.Group != IssuerReferenceView.OwnGroup)
            return (Reconciliation.Done, null);
        return await SignAsync(request, csr, conditions, cancellationToken) switch
        {
            SigningOutcome.Issued issued => Issue(issued),
            SigningOutcome.Failed failed => (Fail(failed.Reason, failed.Message).Again, failed.RetryNotBefore),
            SigningOutcome.Pending pending => Wait(pending),
            _ => (Reconciliation.Done, null),
        };

        (Reconciliation Again, DateTimeOffset?) Fail(string reason, string message)
        {
            conditions.Fail(reason == RequestConditions.Denied ? reason : RequestConditions.Failed, message);
            return (Reconciliation.Done, null);
        }

        (Reconciliation, DateTimeOffset?) Issue(SigningOutcome.Issued issued)
        {
            conditions.Issue(issued.ChainPem, issued.CaPem, "Certificate fetched from issuer successfully");
            return (Reconciliation.Done, null);
        }

        (Reconciliation, DateTimeOffset?) Wait(SigningOutcome.Pending pending)
        {
            conditions.Set(RequestConditions.Ready, false, RequestConditions.Pending, pending.Message);
            return (pending.LookAgainAfter is { } delay ? Reconciliation.After(delay) : Reconciliation.Done, null);
        }
    }

    private async ValueTask<SigningOutcome> SignAsync(
        CertificateRequestObject request, CertificateSigningRequest csr, RequestConditions conditions, CancellationToken cancellationToken)
    {
        if (_signed.TryGetValue(request.Metadata.Uid, out var signed))
            return signed;
        var reference = request.Spec.IssuerRef;
        if (reference.Kind is not (IssuerReferenceView.NamespacedKind or IssuerReferenceView.ClusterKind))
            return new SigningOutcome.Failed(RequestConditions.Failed, $"{reference.Kind} is no kind of issuer: there are Issuer and ClusterIssuer");
        if (objects.Issuer(request.Metadata.Namespace, reference) is not { } issuer)
            return new SigningOutcome.Pending($"Referenced {reference.Kind} not found: {reference.Name}");
        if (!_kinds.TryGetValue(issuer.Spec.KindName, out var kind))
            return new SigningOutcome.Pending($"Referenced {reference.Kind} {reference.Name} is of a kind that is not served here");
        options.FaultPoint?.Invoke("sign");
        var outcome = await kind.SignAsync(new SigningTask
        {
            Request = request,
            Csr = csr,
            Issuer = issuer,
            SecretNamespace = reference.IsCluster ? options.ClusterResourceNamespace : request.Metadata.Namespace,
            Now = time.GetUtcNow(),
        }, cancellationToken);
        if (outcome is SigningOutcome.Issued issued)
            _signed[request.Metadata.Uid] = issued;
        return outcome;
    }

    /// <summary>The instant stands in an annotation: a status has no place for it.</summary>
    private async ValueTask<CertificateRequestObject> RememberAsync(
        CertificateRequestObject request, DateTimeOffset notBefore, CancellationToken cancellationToken)
    {
        var metadata = StatusJson.Precondition(request.Metadata);
        metadata["annotations"] = new JsonObject { [WellKnown.RetryNotBefore] = ObjectFields.Rfc3339(notBefore.AddSeconds(1)) };
        var written = await client.PatchAsync(
            IssuanceResources.RequestObjects, request.Metadata.Namespace, request.Metadata.Name, new JsonObject { ["metadata"] = metadata },
            cancellationToken: cancellationToken);
        return request with { Metadata = written.Metadata };
    }

    /// <summary>Why what was decided could not be written; null where it was.</summary>
    private async ValueTask<string?> HandInAsync(CertificateRequestObject request, RequestConditions conditions, CancellationToken cancellationToken)
    {
        if (conditions.Patch() is not { } patch)
            return null;
        options.FaultPoint?.Invoke("hand-in");
        try
        {
            var written = await client.PatchAsync(
                IssuanceResources.Requests, request.Metadata.Namespace, request.Metadata.Name, patch, PatchKind.Merge, "status", cancellationToken);
            objects.Wrote(written);
            _signed.TryRemove(request.Metadata.Uid, out var signed);
            Tell(request, written, signed);
            if (written.Condition(RequestConditions.Ready) is { Reason: RequestConditions.Failed or RequestConditions.Denied } failure)
                events?.Say(IssuanceResources.ApiVersion, "CertificateRequest", request.Metadata, EventRecorder.Warning, failure.Reason, failure.Message);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
            _signed.TryRemove(request.Metadata.Uid, out _);
        }
        catch (ApiException refused) when (refused.Code == 403)
        {
            // Requests to issuers of other groups are for whoever was granted their approval.
            return refused.Message;
        }

        return null;
    }

    /// <summary>What becomes of a Certificate's own request is told with the Certificate.</summary>
    private void Tell(CertificateRequestObject request, CertificateRequestView written, SigningOutcome.Issued? signed)
    {
        if (written.Metadata.Annotations.GetValueOrDefault(WellKnown.CertificateName) is { Length: > 0 } name
            && objects.Certificate(written.Metadata.Namespace, name) is { } certificate && RequestHistory.BelongsTo(certificate, written)
            && written.Metadata.Name == Names.Request(certificate, (certificate.Status.Revision ?? 0) + 1))
            return;
        if (written.IsIssued && signed is not null && SecretContent.ReadOrNone(Encoding.UTF8.GetBytes(signed.ChainPem)) is [var leaf, ..])
            news.Issued(request, leaf);
        else if (written.HasFailed && written.Condition(RequestConditions.Ready) is { } failure)
            news.Failed(request, failure.Reason, failure.Message);
    }
}
