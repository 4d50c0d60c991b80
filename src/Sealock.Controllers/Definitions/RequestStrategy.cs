// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;

namespace Sealock.Controllers.Definitions;

/// <summary>
/// What of a CertificateSigningRequest may be written by whom: everybody the request itself, once; <c>/approval</c>
/// the conditions; <c>/status</c> the certificate and the conditions that are no decision. The rest is put back.
/// </summary>
internal static class RequestStrategy
{
    /// <summary>The requester is whom the server authenticated, and nobody creates an approved request.</summary>
    public static void PrepareForCreate(ObjectOperation operation)
    {
        var spec = operation.Object.Map("spec");
        if (spec is null)
            operation.Object["spec"] = spec = [];
        CanonicalizeRequest(spec);
        RequesterIdentity.Set(operation);
        operation.Object["status"] = new JsonObject();
    }

    /// <summary>An ordinary update changes metadata only.</summary>
    public static void PrepareForUpdate(ObjectOperation operation)
    {
        operation.Object.TakeFrom(operation.Old, "spec");
        operation.Object.TakeFrom(operation.Old, "status");
    }

    /// <summary>
    /// <c>/approval</c> changes the conditions only. A client that sends the status without its certificate loses
    /// nothing.
    /// </summary>
    public static void PrepareForApproval(ObjectOperation operation)
    {
        FillInTimes(operation);
        var conditions = RequestCondition.List(operation.Object)?.DeepClone();
        operation.Object.TakeFrom(operation.Old, "spec");
        operation.Object.TakeFrom(operation.Old, "status");
        if (operation.Object.Map("status") is not { } status)
            operation.Object["status"] = status = [];
        if (conditions is JsonArray { Count: > 0 })
            status["conditions"] = conditions;
        else
            status.Remove("conditions");
    }

    /// <summary>
    /// <c>/status</c> keeps the spec and the wording of existing decisions; adding or removing a decision is left as
    /// it came, so that validation refuses it.
    /// </summary>
    public static void PrepareForStatus(ObjectOperation operation)
    {
        operation.Object.TakeFrom(operation.Old, "spec");
        if (operation.Object.Map("status") is null)
            operation.Object["status"] = new JsonObject();
        foreach (var type in RequestCondition.Decisions)
            KeepInstances(operation, type);
        FillInTimes(operation);
    }

    private static void KeepInstances(ObjectOperation operation, string type)
    {
        var current = RequestCondition.List(operation.Object);
        var previous = operation.Old is null ? null : RequestCondition.List(operation.Old);
        var newIndices = IndicesOf(current, type);
        var oldIndices = IndicesOf(previous, type);
        if (newIndices.Count != oldIndices.Count)
            return;
        for (var i = 0; i < newIndices.Count; i++)
            current![newIndices[i]] = previous![oldIndices[i]]!.DeepClone();
    }

    private static List<int> IndicesOf(JsonArray? conditions, string type) =>
        conditions is null ? [] : [.. Enumerable.Range(0, conditions.Count)
            .Where(index => conditions[index] is JsonObject condition && condition.Text("type") == type)];

    private static void FillInTimes(ObjectOperation operation)
    {
        if (RequestCondition.List(operation.Object) is not { } conditions)
            return;
        var before = operation.Old is null ? [] : RequestCondition.Of(operation.Old);
        foreach (var condition in conditions.OfType<JsonObject>())
        {
            condition["lastUpdateTime"] = ObjectFields.Rfc3339(condition.Time("lastUpdateTime") ?? operation.Now);
            var since = condition.Time("lastTransitionTime") ?? before.FirstOrDefault(old =>
                old.Type == condition.Text("type") && old.Status == condition.Text("status") &&
                old.LastTransitionTime is not null)?.LastTransitionTime;
            condition["lastTransitionTime"] = ObjectFields.Rfc3339(since ?? operation.Now);
        }
    }

    /// <summary>Stores the request's bytes in one form, however the client broke its base64 into lines.</summary>
    private static void CanonicalizeRequest(JsonObject spec)
    {
        if (spec.Text("request").AsSpan().ContainsAny('\r', '\n') && spec.Bytes("request") is { } request)
            spec["request"] = Convert.ToBase64String(request);
    }
}
