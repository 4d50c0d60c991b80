// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Reconciling;

namespace Sealock.Controllers.Approval;

/// <summary>
/// Writes the Ready condition of policies: the same faults by which <see cref="ApprovalRules"/> passes a policy over.
/// </summary>
internal sealed class PolicyStatus(ApiClient client, TimeProvider time)
{
    private const string Type = "Ready";

    public async ValueTask<Reconciliation> ReconcileAsync(PolicyView policy, CancellationToken cancellationToken)
    {
        if (policy.Metadata.DeletionTimestamp is not null)
            return Reconciliation.Done;
        var wanted = Wanted(policy, time.GetUtcNow());
        var present = policy.Status.Conditions.FirstOrDefault(condition => condition.Type == Type);
        if (present is not null && wanted with { LastTransitionTime = null } == present with { LastTransitionTime = null })
            return Reconciliation.Done;
        try
        {
            await client.PatchAsync(
                PolicyTypes.Policies, "", policy.Name, Patch(policy, wanted), PatchKind.Merge, "status", cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
        }

        return Reconciliation.Done;
    }

    /// <summary>The condition as it is to be; its time changes with its status only.</summary>
    public static PolicyConditionView Wanted(PolicyView policy, DateTimeOffset now)
    {
        var faults = PolicyReadiness.Faults(policy.Spec);
        var status = faults.Count == 0 ? "True" : "False";
        var present = policy.Status.Conditions.FirstOrDefault(condition => condition.Type == Type);
        return new PolicyConditionView
        {
            Type = Type,
            Status = status,
            Reason = faults.Count == 0 ? "Ready" : "NotReady",
            Message = faults.Count == 0
                ? "CertificateRequestPolicy is ready for approval evaluation"
                : $"CertificateRequestPolicy is not ready for approval evaluation: {string.Join("; ", faults.Take(10))}",
            ObservedGeneration = policy.Metadata.Generation,
            LastTransitionTime = present?.Status == status ? present.LastTransitionTime ?? now : now,
        };
    }

    private static JsonObject Patch(PolicyView policy, PolicyConditionView wanted) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["uid"] = policy.Metadata.Uid,
            ["resourceVersion"] = policy.Metadata.ResourceVersion,
        },
        ["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(
                [.. policy.Status.Conditions.Where(condition => condition.Type != Type).Append(wanted).Select(ToJson)]),
        },
    };

    private static JsonNode ToJson(PolicyConditionView condition) => new JsonObject
    {
        ["type"] = condition.Type,
        ["status"] = condition.Status,
        ["reason"] = condition.Reason,
        ["message"] = condition.Message,
        ["observedGeneration"] = condition.ObservedGeneration,
        ["lastTransitionTime"] = ObjectFields.Rfc3339(condition.LastTransitionTime ?? DateTimeOffset.UnixEpoch),
    };
}
