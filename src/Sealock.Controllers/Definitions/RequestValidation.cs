// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Pki.Issuing;

namespace Sealock.Controllers.Definitions;

/// <summary>
/// What kube-apiserver finds wrong with a CertificateSigningRequest, in its order and words. A fault that the stored
/// object already has is tolerated on updates, each kind of fault by itself.
/// </summary>
internal static class RequestValidation
{
    private const int ShortestExpirationSeconds = 600;
    private const int LongestShown = 16 * 1024;

    public static IEnumerable<FieldError> Create(ObjectOperation operation) => Whole(operation.Object, null);

    public static IEnumerable<FieldError> Update(ObjectOperation operation) =>
        Change(operation, maySetCertificate: false, mayDecide: false);

    public static IEnumerable<FieldError> Status(ObjectOperation operation) =>
        Change(operation, maySetCertificate: true, mayDecide: false);

    public static IEnumerable<FieldError> Approval(ObjectOperation operation) =>
        Change(operation, maySetCertificate: false, mayDecide: true);

    private static IEnumerable<FieldError> Whole(JsonObject request, JsonObject? old)
    {
        var spec = request.Map("spec") ?? [];
        var oldSpec = old?.Map("spec");
        return
        [
            .. Request(spec),
            .. Usages(spec, oldSpec),
            .. Signer(spec, oldSpec),
            .. Expiration(spec),
            .. Conditions(RequestCondition.Of(request), old is null ? [] : RequestCondition.Of(old)),
            .. Certificate(request, old),
        ];
    }

    private static IEnumerable<FieldError> Request(JsonObject spec)
    {
        var bytes = spec.Bytes("request");
        var error = bytes is null ? "illegal base64 data" : RequestParsing.WhatIsWrong(bytes);

        var shown = spec["request"] is null ? "null" : GoText.Quote(Shown(spec));
        return error is null ? [] : [new(FieldErrorType.Invalid, "spec.request", shown, error)];
    }

    /// <summary>The request as errors show it: in base64 as in JSON, and not endlessly.</summary>
    internal static string Shown(JsonObject spec) =>
        spec.Text("request") is { Length: > LongestShown } text ? text[..LongestShown] + "…" : spec.Text("request");

    private static IEnumerable<FieldError> Usages(JsonObject spec, JsonObject? oldSpec)
    {
        var usages = spec.Texts("usages");
        var oldUsages = oldSpec?.Texts("usages") ?? [];
        if (usages.Count == 0)
            yield return FieldError.Required("spec.usages");
        if (oldUsages.All(CertificateUsages.IsKnown))
        {
            for (var i = 0; i < usages.Count; i++)
            {
                if (!CertificateUsages.IsKnown(usages[i]))
                    yield return FieldError.NotSupported($"spec.usages[{i}]", GoText.Quote(usages[i]), CertificateUsages.KnownNames.Order(StringComparer.Ordinal));
            }
        }

        if (oldUsages.Distinct().Count() == oldUsages.Count)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < usages.Count; i++)
            {
                if (!seen.Add(usages[i]))
                    yield return FieldError.Duplicate($"spec.usages[{i}]", GoText.Quote(usages[i]));
            }
        }
    }

    private static IEnumerable<FieldError> Signer(JsonObject spec, JsonObject? oldSpec)
    {
        const string field = "spec.signerName";
        var signerName = spec.Text("signerName");
        return signerName == SignerNames.LegacyUnknown && oldSpec?.Text("signerName") != SignerNames.LegacyUnknown
            ? [FieldError.Invalid(
                field, GoText.Quote(signerName), "the legacy signerName is not allowed via this API version")]
            : SignerNames.Validate(field, signerName);
    }

    private static IEnumerable<FieldError> Expiration(JsonObject spec) =>
        spec.Number("expirationSeconds") is { } seconds and < ShortestExpirationSeconds
            ? [FieldError.Invalid(
                "spec.expirationSeconds", seconds.ToString(CultureInfo.InvariantCulture),
                "may not specify a duration less than 600 seconds (10 minutes)")]
            : [];

    private static IEnumerable<FieldError> Conditions(
        ImmutableArray<RequestCondition> conditions, ImmutableArray<RequestCondition> old)
    {
        const string path = "status.conditions";
        var mayBeEmptyType = old.Any(condition => condition.Type.Length == 0);
        var mayRepeatType = old.DistinctBy(condition => condition.Type).Count() < old.Length;
        var mayContradict = RequestCondition.Decisions.All(type => old.Any(condition => condition.Type == type));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < conditions.Length; i++)
        {
            var condition = conditions[i];
            if (condition.Type.Length == 0 && !mayBeEmptyType)
                yield return FieldError.Required($"{path}[{i}].type");
            var mayHave = RequestCondition.Final.Contains(condition.Type) ? TrueOnly : AnyStatus;
            if (condition.Status.Length == 0)
                yield return FieldError.Required($"{path}[{i}].status");
            else if (!mayHave.Contains(condition.Status))
                yield return FieldError.NotSupported($"{path}[{i}].status", GoText.Quote(condition.Status), mayHave);
            if (!mayContradict && RequestCondition.Decisions.Contains(condition.Type) &&
                RequestCondition.Decisions.Any(other => other != condition.Type && seen.Contains(other)))
                yield return FieldError.Invalid(
                    path, GoText.Quote(condition.Type), "Approved and Denied conditions are mutually exclusive");
            if (!seen.Add(condition.Type) && !mayRepeatType)
                yield return FieldError.Duplicate($"{path}[{i}].type", GoText.Quote(condition.Type));
        }
    }

    private static IEnumerable<FieldError> Certificate(JsonObject request, JsonObject? old)
    {
        var current = IssuedCertificate(request);
        var previous = old is null ? "" : IssuedCertificate(old);
        if (current.Length == 0 || (old is not null && current == previous) || CertificateError(previous) is not null)
            return [];
        return CertificateError(current) is { } error
            ? [FieldError.Invalid("status.certificate", GoText.Quote("<certificate data>"), error)]
            : [];
    }

    private static IEnumerable<FieldError> Change(ObjectOperation operation, bool maySetCertificate, bool mayDecide)
    {
        var old = operation.Old ?? [];
        return
        [
            .. Whole(operation.Object, old),
            .. ChangedConditions(RequestCondition.Of(operation.Object), RequestCondition.Of(old), mayDecide),
            .. ChangedCertificate(IssuedCertificate(operation.Object), IssuedCertificate(old), maySetCertificate),
        ];
    }

    private static IEnumerable<FieldError> ChangedConditions(
        ImmutableArray<RequestCondition> current, ImmutableArray<RequestCondition> old, bool mayDecide)
    {
        const string path = "status.conditions";
        foreach (var type in RequestCondition.Final)
        {
            if (current.Count(condition => condition.Type == type) < old.Count(condition => condition.Type == type))
                yield return FieldError.Forbidden(path, $"updates may not remove a condition of type \"{type}\"");
        }

        if (mayDecide)
            yield break;
        foreach (var type in RequestCondition.Decisions)
        {
            var now = current.Where(condition => condition.Type == type).ToList();
            var before = old.Where(condition => condition.Type == type).ToList();
            if (now.Count > before.Count)
                yield return FieldError.Forbidden(path, $"updates may not add a condition of type \"{type}\"");
            else if (now.Count == before.Count && !now.SequenceEqual(before))
                yield return FieldError.Forbidden(path, $"updates may not modify a condition of type \"{type}\"");
        }
    }

    private static IEnumerable<FieldError> ChangedCertificate(string current, string old, bool maySet)
    {
        if (current == old)
            return [];
        if (!maySet)
            return [FieldError.Forbidden("status.certificate", "updates may not set certificate content")];
        return old.Length > 0
            ? [FieldError.Forbidden("status.certificate", "updates may not modify existing certificate content")]
            : [];
    }

    private static string IssuedCertificate(JsonObject request) => request.Map("status")?.Text("certificate") ?? "";

    private static string? CertificateError(string base64) =>
        base64.Length == 0 ? null
        : new JsonObject { ["certificate"] = base64 }.Bytes("certificate") is not { } bytes ? "illegal base64 data"
        : CertificateParsing.WhatIsWrong(bytes);

    private static ImmutableArray<string> TrueOnly { get; } = [RequestCondition.True];

    private static ImmutableArray<string> AnyStatus { get; } = ["False", "True", "Unknown"];
}
