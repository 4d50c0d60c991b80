// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Controllers.Issuance.Deciding;

namespace Sealock.Controllers.Definitions.Issuance.Rules;

/// <summary>
/// What a Certificate may say of its lifetime and renewal. Where cert-manager asks for an hour and five minutes,
/// certificates of five minutes are allowed here, renewed a minute before their end.
/// </summary>
internal static class RenewalRules
{
    /// <summary>The lifetime that is asked for where a Certificate names none.</summary>
    public static readonly TimeSpan UsualDuration = TimeSpan.FromDays(90);

    private static readonly TimeSpan ShortestDuration = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ShortestRenewBefore = TimeSpan.FromMinutes(1);

    public static IEnumerable<FieldError> Check(JsonObject spec, FieldPath path)
    {
        var errors = new List<FieldError>();
        var duration = FieldRules.Duration(spec, "duration", path, errors) ?? UsualDuration;
        var renewBefore = FieldRules.Duration(spec, "renewBefore", path, errors);
        if (duration < ShortestDuration)
            errors.Add(path.Child("duration").Invalid(spec.Text("duration"), "certificate duration must be at least 5m"));
        if (renewBefore is { } before)
            errors.AddRange(RenewBefore(spec, before, duration, path));
        if (spec.Number("renewBeforePercentage") is { } percentage)
            errors.AddRange(Percentage(spec, percentage, duration, path));
        if (spec.Map("renewal") is { } renewal)
            errors.AddRange(Renewal(renewal, path.Child("renewal")));
        return errors;
    }

    private static IEnumerable<FieldError> RenewBefore(JsonObject spec, TimeSpan before, TimeSpan duration, FieldPath path)
    {
        var (text, field) = (spec.Text("renewBefore"), path.Child("renewBefore"));
        if (spec.Has("renewBeforePercentage"))
            yield return field.Invalid(text, "renewBefore and renewBeforePercentage are mutually exclusive and cannot both be set");
        if (before < ShortestRenewBefore)
            yield return field.Invalid(text, "certificate renewBefore must be at least 1m");
        if (before >= duration)
            yield return field.Invalid(text, $"certificate duration must be greater than renewBefore {text}");
    }

    private static IEnumerable<FieldError> Percentage(JsonObject spec, long percentage, TimeSpan duration, FieldPath path)
    {
        var field = path.Child("renewBeforePercentage");
        if (spec.Has("renewBefore"))
            yield return field.Invalid(percentage, "renewBefore and renewBeforePercentage are mutually exclusive and cannot both be set");
        if (percentage is <= 0 or >= 100)
            yield return field.Invalid(percentage, "must be greater than 0 and less than 100");
        else if (duration * percentage / 100 < ShortestRenewBefore)
            yield return field.Invalid(percentage, "certificate renewBeforePercentage must result in a renewBefore of at least 1m");
    }

    private static IEnumerable<FieldError> Renewal(JsonObject renewal, FieldPath path)
    {
        var windows = renewal.Items("windows");
        switch (renewal.Text("policy"))
        {
            case "RenewBefore":
                return windows.Index().SelectMany(window => Window(window.Item, path.Child("windows").Index(window.Index)));
            case "Disabled":
                return windows.Count == 0
                    ? [] : [path.Child("windows").Forbidden("windows cannot be set when `renewal.policy` is set to Disabled")];
            case var other:
                return [path.Child("policy").NotSupported(other, "Disabled", "RenewBefore")];
        }
    }

    private static List<FieldError> Window(JsonObject window, FieldPath path)
    {
        var errors = new List<FieldError>();
        if (FieldRules.Duration(window, "windowDuration", path, errors) is null or { Ticks: 0 } && errors.Count == 0)
            errors.Add(path.Child("windowDuration").Required("windowDuration must be specified and should be greater than 0"));
        if (!CronSchedule.TryParse(window.Text("cron"), out _, out var problem))
            errors.Add(path.Child("cron").Invalid(window.Text("cron"), problem));
        if (window.Text("timezone") is { Length: > 0 } zone && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            errors.Add(path.Child("timezone").Invalid(zone, "invalid value for timezone. timezone must be IANA compliant"));
        return errors;
    }
}
