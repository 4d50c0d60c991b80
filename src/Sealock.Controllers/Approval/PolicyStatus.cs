// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Approval;

/// <summary>
/// Writes the Ready condition of policies: the same faults by which <see cref="ApprovalRules"/> passes a policy over.
/// </summary>
internal sealed class PolicyStatus(ApiClient client, TimeProvider time)
{
    public async ValueTask<Reconciliation> ReconcileAsync(PolicyView policy, CancellationToken cancellationToken)
    {
        if (policy.Metadata.DeletionTimestamp is not null)
            return Reconciliation.Done;
        var wanted = Wanted(policy, time.GetUtcNow());
        if (policy.Status.Conditions.Contains(wanted))
            return Reconciliation.Done;
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = policy.Metadata.Uid,
                ["resourceVersion"] = policy.Metadata.ResourceVersion,
            },
            ["status"] = new JsonObject { ["conditions"] = ReadyCondition.ToJson(policy.Status.Conditions, wanted) },
        };
        try
        {
            await client.PatchAsync(
                PolicyTypes.Policies, "", policy.Name, patch, PatchKind.Merge, "status", cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
        }

        return Reconciliation.Done;
    }

    /// <summary>The condition as it is to be.</summary>
    public static ObservedConditionView Wanted(PolicyView policy, DateTimeOffset now)
    {
        var faults = PolicyReadiness.Faults(policy.Spec);
        var (status, reason, message) = faults.Count == 0
            ? ("True", "Ready", "CertificateRequestPolicy is ready for approval evaluation")
            : ("False", "NotReady", $"CertificateRequestPolicy is not ready for approval evaluation: {string.Join("; ", faults.Take(10))}");
        return ReadyCondition.Next(policy.Status.Conditions, status, reason, message, policy.Metadata.Generation, now);
    }
}
