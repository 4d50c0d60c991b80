// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance;

/// <summary>What a Certificate's status is to say, and the patch that makes it say so.</summary>
internal static class CertificateStatus
{
    private const string UpToDate = "Certificate is up to date and has not expired";

    /// <summary>What the condition Ready says of the renewal beside that all is well; empty where nothing.</summary>
    public static string NoteIn(ConditionView ready) =>
        ready.Message.StartsWith($"{UpToDate}; ", StringComparison.Ordinal) ? ready.Message[(UpToDate.Length + 2)..] : "";

    /// <summary>The status with what follows from the state itself: validity, renewal time, and whether it is ready.</summary>
    public static CertificateStatusView Told(CertificateState state, CertificateStatusView status, Violation? notReady)
    {
        var plan = RenewalTime.Plan(state);
        var leaf = state.Secret?.Metadata.Annotations.ContainsKey(WellKnown.Temporary) == true ? null : state.Secret?.Leaf;
        return (status with
        {
            NotBefore = leaf?.NotBefore,
            NotAfter = leaf?.NotAfter,
            RenewalTime = leaf is null ? null : plan.Time,
        }).With(
            state, Conditions.Ready, notReady is null, notReady?.Reason ?? Reasons.Ready, notReady?.Message ?? (plan.Note.Length > 0 ? $"{UpToDate}; {plan.Note}" : UpToDate));
    }

    /// <summary>The status with a condition set; the time of its last transition stays where its value stays.</summary>
    public static CertificateStatusView With(
        this CertificateStatusView status, CertificateState state, string type, bool? value, string reason, string message)
    {
        var text = value switch { true => "True", false => "False", null => "Unknown" };
        var old = status.Conditions.FirstOrDefault(condition => condition.Type == type);
        var condition = new ConditionView
        {
            Type = type,
            Status = text,
            Reason = reason,
            Message = message,
            ObservedGeneration = state.Certificate.Metadata.Generation is > 0 and var generation ? generation : null,
            LastTransitionTime = old is not null && old.Status == text ? old.LastTransitionTime : ObjectFields.WholeSeconds(state.Now),
        };
        return status with
        {
            Conditions = old is null
                ? [.. status.Conditions, condition]
                : [.. status.Conditions.Select(other => ReferenceEquals(other, old) ? condition : other)],
        };
    }

    /// <summary>The status without a condition.</summary>
    public static CertificateStatusView Without(this CertificateStatusView status, string type) => status with
    {
        Conditions = [.. status.Conditions.Where(condition => condition.Type != type)],
    };

    /// <summary>The merge patch from one status to another; null where they say the same.</summary>
    public static JsonObject? Patch(CertificateView certificate, CertificateStatusView wanted)
    {
        var now = certificate.Status;
        var changed = new JsonObject();
        if (!now.Conditions.SequenceEqual(wanted.Conditions))
            changed["conditions"] = new JsonArray([.. wanted.Conditions.Select(StatusJson.Condition)]);
        Time("notBefore", now.NotBefore, wanted.NotBefore);
        Time("notAfter", now.NotAfter, wanted.NotAfter);
        Time("renewalTime", now.RenewalTime, wanted.RenewalTime);
        Time("lastFailureTime", now.LastFailureTime, wanted.LastFailureTime);
        if (now.Revision != wanted.Revision)
            changed["revision"] = wanted.Revision;
        if (now.FailedIssuanceAttempts != wanted.FailedIssuanceAttempts)
            changed["failedIssuanceAttempts"] = wanted.FailedIssuanceAttempts;
        if (now.NextPrivateKeySecretName != wanted.NextPrivateKeySecretName)
            changed["nextPrivateKeySecretName"] = wanted.NextPrivateKeySecretName is { Length: > 0 } name ? name : null;
        if (now.Acme is not null && wanted.Acme is null)
            changed["acme"] = null;
        return changed.Count == 0 ? null : StatusJson.Patch(certificate.Metadata, changed);

        void Time(string name, DateTimeOffset? old, DateTimeOffset? @new)
        {
            if (old != @new)
                changed[name] = @new is { } time ? ObjectFields.Rfc3339(time) : null;
        }
    }
}
