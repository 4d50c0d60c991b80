// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Controllers.Definitions;

namespace Sealock.Controllers.Views;

/// <summary>A condition with the generation it was made for (meta/v1 Condition).</summary>
internal sealed record ObservedConditionView
{
    public string Type { get => field ?? ""; init; }

    public string Status { get => field ?? ""; init; }

    public string Reason { get => field ?? ""; init; }

    public string Message { get => field ?? ""; init; }

    public long ObservedGeneration { get; init; }

    public DateTimeOffset? LastTransitionTime { get; init; }
}

/// <summary>The condition <c>Ready</c> among the conditions of an object.</summary>
internal static class ReadyCondition
{
    private const string Type = "Ready";

    /// <summary>The condition as it is to be. Its time is the last change of its status.</summary>
    public static ObservedConditionView Next(
        IReadOnlyList<ObservedConditionView> present, string status, string reason, string message, long generation, DateTimeOffset now)
    {
        var before = present.FirstOrDefault(condition => condition.Type == Type);
        return new ObservedConditionView
        {
            Type = Type,
            Status = status,
            Reason = reason,
            Message = message,
            ObservedGeneration = generation,
            LastTransitionTime = before?.Status == status ? before.LastTransitionTime ?? now : now,
        };
    }

    /// <summary>All conditions of the object, this one in its new form.</summary>
    public static JsonArray ToJson(IEnumerable<ObservedConditionView> present, ObservedConditionView ready) =>
        [.. present.Where(condition => condition.Type != Type).Append(ready).Select(ToJson)];

    private static JsonNode ToJson(ObservedConditionView condition) => new JsonObject
    {
        ["type"] = condition.Type,
        ["status"] = condition.Status,
        ["reason"] = condition.Reason,
        ["message"] = condition.Message,
        ["observedGeneration"] = condition.ObservedGeneration,
        ["lastTransitionTime"] = ObjectFields.Rfc3339(condition.LastTransitionTime ?? DateTimeOffset.UnixEpoch),
    };
}
