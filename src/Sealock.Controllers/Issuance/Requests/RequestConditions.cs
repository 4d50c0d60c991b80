// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance.Requests;

/// <summary>
/// What a request's status is to say: conditions one after the other, then what was issued or when it failed. Collected first,
/// so that approval and issuance are one write.
/// </summary>
internal sealed class RequestConditions(CertificateRequestObject request, DateTimeOffset now)
{
    public const string Ready = "Ready";
    public const string Approved = "Approved";
    public const string Denied = "Denied";
    public const string InvalidRequest = "InvalidRequest";
    public const string Pending = "Pending";
    public const string Failed = "Failed";
    public const string Issued = "Issued";

    private readonly JsonObject _others = [];
    private ImmutableList<ConditionView> _conditions = [.. request.Status.Conditions];

    public bool IsTrue(string type) => _conditions.Any(condition => condition.Type == type && condition.Status == "True");

    /// <summary>Sets a condition; the time of its last transition stays where its value stays.</summary>
    public void Set(string type, bool value, string reason, string message)
    {
        var status = value ? "True" : "False";
        var old = _conditions.FirstOrDefault(condition => condition.Type == type);
        var condition = new ConditionView
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            LastTransitionTime = old?.Status == status ? old.LastTransitionTime : now,
        };
        _conditions = old is null ? _conditions.Add(condition) : _conditions.Replace(old, condition);
    }

    /// <summary>Nothing more will happen to the request.</summary>
    public void Fail(string reason, string message)
    {
        Set(Ready, false, reason, message);
        if (request.Status.FailureTime is null)
            _others["failureTime"] = ObjectFields.Rfc3339(now);
    }

    /// <summary>The request has its certificate.</summary>
    public void Issue(string chainPem, string caPem, string message)
    {
        Set(Ready, true, Issued, message);
        _others["certificate"] = Base64(chainPem);
        if (caPem.Length > 0)
            _others["ca"] = Base64(caPem);
    }

    /// <summary>The merge patch; null where it says nothing new.</summary>
    public JsonObject? Patch()
    {
        if (!_conditions.SequenceEqual(request.Status.Conditions))
            _others["conditions"] = new JsonArray([.. _conditions.Select(StatusJson.Condition)]);
        return _others.Count == 0 ? null : StatusJson.Patch(request.Metadata, _others);
    }

    private static string Base64(string pem) => Convert.ToBase64String(Encoding.ASCII.GetBytes(pem));
}
