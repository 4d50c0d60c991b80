// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance;

/// <summary>Patches of statuses (RFC 7386). Each holds for the very object and state that was looked at.</summary>
internal static class StatusJson
{
    public static JsonObject Patch(ObjectMetaView metadata, JsonObject status) => new()
    {
        ["metadata"] = Precondition(metadata),
        ["status"] = status,
    };

    /// <summary>Metadata that makes a patch fail with a conflict where the object is no longer the one that was looked at.</summary>
    public static JsonObject Precondition(ObjectMetaView metadata) => new()
    {
        ["uid"] = metadata.Uid,
        ["resourceVersion"] = metadata.ResourceVersion,
    };

    public static JsonNode Condition(ConditionView condition)
    {
        var json = new JsonObject { ["type"] = condition.Type, ["status"] = condition.Status };
        if (condition.Reason.Length > 0)
            json["reason"] = condition.Reason;
        if (condition.Message.Length > 0)
            json["message"] = condition.Message;
        if (condition.LastTransitionTime is { } since)
            json["lastTransitionTime"] = ObjectFields.Rfc3339(since);
        if (condition.ObservedGeneration is { } generation and > 0)
            json["observedGeneration"] = generation;
        return json;
    }
}
