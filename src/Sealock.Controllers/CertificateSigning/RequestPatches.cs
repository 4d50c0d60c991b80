// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.CertificateSigning;

/// <summary>
/// The patches that loops make of a request (RFC 7386). Each holds for the very object and state that was looked at:
/// where either changed meanwhile, the server answers with a conflict and the loop looks again.
/// </summary>
internal static class RequestPatches
{
    /// <summary>Adds a decision or a failure to the conditions that are there.</summary>
    public static JsonObject AddCondition(RequestView request, string type, string reason, string message, DateTimeOffset now) =>
        Patch(request, new JsonObject
        {
            ["conditions"] = new JsonArray(
            [
                .. request.Status.Conditions.Select(Condition),
                Condition(new ConditionView
                {
                    Type = type,
                    Status = RequestCondition.True,
                    Reason = reason,
                    Message = message,
                    LastUpdateTime = now,
                    LastTransitionTime = now,
                }),
            ]),
        });

    /// <summary>Hands in the certificate.</summary>
    public static JsonObject SetCertificate(RequestView request, string pem) => Patch(request, new JsonObject
    {
        ["certificate"] = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(pem)),
    });

    private static JsonObject Patch(RequestView request, JsonObject status) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["uid"] = request.Metadata.Uid,
            ["resourceVersion"] = request.Metadata.ResourceVersion,
        },
        ["status"] = status,
    };

    private static JsonNode Condition(ConditionView condition)
    {
        var json = new JsonObject { ["type"] = condition.Type, ["status"] = condition.Status };
        if (condition.Reason.Length > 0)
            json["reason"] = condition.Reason;
        if (condition.Message.Length > 0)
            json["message"] = condition.Message;
        if (condition.LastUpdateTime is { } updated)
            json["lastUpdateTime"] = ObjectFields.Rfc3339(updated);
        if (condition.LastTransitionTime is { } since)
            json["lastTransitionTime"] = ObjectFields.Rfc3339(since);
        return json;
    }
}
