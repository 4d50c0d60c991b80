// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Views;
using Sealock.Pki.Rotation;

namespace Sealock.Controllers.Authorities;

/// <summary>How an issuer's status tells of the replacement of its CA.</summary>
internal static class RotationStatus
{
    public const string Condition = "AuthorityRotation";

    /// <summary>The change of the status; null where it says so already, or where there is nothing to tell.</summary>
    public static JsonObject? Patch(IssuerView issuer, RotationPhase phase, string message, DateTimeOffset now)
    {
        var old = issuer.Status.Conditions.FirstOrDefault(condition => condition.Type == Condition);
        var isRotating = phase is RotationPhase.Trust or RotationPhase.Reissue or RotationPhase.Withdraw;
        if (old is null && !isRotating)
            return null;
        var status = isRotating ? "True" : "False";
        var condition = new ConditionView
        {
            Type = Condition,
            Status = status,
            Reason = phase.ToString(),
            Message = message,
            ObservedGeneration = issuer.Metadata.Generation is > 0 and var generation ? generation : null,
            LastTransitionTime = old?.Status == status ? old.LastTransitionTime : now,
        };
        return condition == old ? null : StatusJson.Patch(issuer.Metadata, new JsonObject
        {
            ["conditions"] = new JsonArray(
            [
                .. issuer.Status.Conditions.Where(other => other.Type != Condition).Append(condition).Select(StatusJson.Condition),
            ]),
        });
    }
}
