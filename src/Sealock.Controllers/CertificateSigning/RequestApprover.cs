// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.CertificateSigning;

/// <summary>
/// Approves what <see cref="ApprovalRules"/> permits: client certificates of kubelets after a SubjectAccessReview,
/// and, where switched on, serving certificates whose names are the node's own addresses. Denies nothing; what it
/// leaves to humans although it recognised it, it explains in an event, which <c>kubectl describe csr</c> shows.
/// </summary>
internal sealed class RequestApprover(ApiClient client, TimeProvider time, bool approveClients, bool approveServing)
{
    private const string ServingMessage =
        "Auto approving kubelet serving certificate: the node asks for itself, and all names are among its addresses.";

    public async ValueTask<Reconciliation> ReconcileAsync(RequestView request, CancellationToken cancellationToken)
    {
        if (request.IsIssued || request.IsDecided || request.Metadata.DeletionTimestamp is not null)
            return Reconciliation.Done;
        if (!RequestParsing.TryRead(request.Spec.Request, out var contents))
            return Reconciliation.Done;

        var rights = approveClients ? ApprovalRules.RightsFor(request, contents) : [];
        foreach (var right in rights)
        {
            if (await MayAsync(request, right.Subresource, cancellationToken))
                return await ApproveAsync(request, right.Message, cancellationToken);
        }

        if (rights.Count > 0)
        {
            return await LeaveAsync(
                request, $"user {request.Spec.Username} lacks the right to create certificatesigningrequests/{rights[^1].Subresource}",
                cancellationToken);
        }

        if (!approveServing || ApprovalRules.ServingNode(request, contents) is not { Length: > 0 } nodeName)
            return Reconciliation.Done;
        var node = await client.FindAsync(ResourceTypes.Nodes, "", nodeName, cancellationToken);
        var refusal = node is null ? $"node {nodeName} does not exist" : ApprovalRules.RefuseNames(contents, node);
        return refusal is null
            ? await ApproveAsync(request, ServingMessage, cancellationToken)
            : await LeaveAsync(request, refusal, cancellationToken);
    }

    private async ValueTask<Reconciliation> ApproveAsync(
        RequestView request, string message, CancellationToken cancellationToken)
    {
        var patch = RequestPatches.AddCondition(
            request, RequestCondition.Approved, "AutoApproved", message, time.GetUtcNow());
        try
        {
            await client.PatchAsync(
                ResourceTypes.Requests, "", request.Metadata.Name, patch, PatchKind.Merge, "approval", cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
        }

        return Reconciliation.Done;
    }

    private ValueTask<bool> MayAsync(RequestView request, string subresource, CancellationToken cancellationToken)
    {
        var spec = request.Spec;
        var wanted = new JsonObject
        {
            ["group"] = "certificates.k8s.io",
            ["resource"] = "certificatesigningrequests",
            ["verb"] = "create",
            ["subresource"] = subresource,
        };
        return client.MayAsync(new Requester(spec.Username, spec.Uid, spec.Groups, spec.Extra), wanted, cancellationToken);
    }

    private async ValueTask<Reconciliation> LeaveAsync(RequestView request, string why, CancellationToken cancellationToken)
    {
        var message = $"Not approved automatically: {why}";
        var now = ObjectFields.Rfc3339(time.GetUtcNow());
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request.Metadata.Uid + message))[..8]);
        var about = new JsonObject
        {
            ["apiVersion"] = "certificates.k8s.io/v1",
            ["kind"] = "CertificateSigningRequest",
            ["name"] = request.Metadata.Name,
            ["uid"] = request.Metadata.Uid,
        };
        var @event = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = $"csr-approval.{hash}", ["namespace"] = "default" },
            ["involvedObject"] = about,
            ["type"] = "Warning",
            ["reason"] = "NotApproved",
            ["message"] = message,
            ["source"] = new JsonObject { ["component"] = "sealock-csr-approver" },
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["count"] = 1,
        };
        try
        {
            await client.CreateAsync(ResourceTypes.Events, "default", @event, cancellationToken);
        }
        catch (ApiException refused) when (refused.Code is 403 or 404 or 409)
        {
            // Said already, or may not be said here: the approval itself does not depend on it.
        }

        return Reconciliation.TryAgain(why);
    }
}
