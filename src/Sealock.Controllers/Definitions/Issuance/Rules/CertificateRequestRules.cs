// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Pki.Issuing;

namespace Sealock.Controllers.Definitions.Issuance.Rules;

/// <summary>What a CertificateRequest may ask for, and how it may change: decisions are made once, and what is asked never changes.</summary>
internal static class CertificateRequestRules
{
    private static readonly FieldPath Spec = new("spec");
    private static readonly FieldPath Conditions = new("status.conditions");

    private static readonly CertificateUsages Usual = CertificateUsages.FromNames("digital signature", "key encipherment");

    /// <summary>The rules on the request itself.</summary>
    public static IEnumerable<FieldError> Check(ObjectOperation operation) => operation.Old is { } old
        ?
        [
            .. Annotations(operation.Object, old),
            .. JsonNode.DeepEquals(operation.Object["spec"], old["spec"])
                ? Array.Empty<FieldError>() : [Spec.Forbidden("cannot change spec after creation")],
        ]
        : Contents(operation.Object.Map("spec") ?? []);

    /// <summary>The rules on <c>/status</c>.</summary>
    public static IEnumerable<FieldError> CheckStatus(ObjectOperation operation)
    {
        var (current, old) = (RequestCondition.Of(operation.Object), RequestCondition.Of(operation.Old ?? []));
        foreach (var type in RequestCondition.Decisions)
        {
            var before = old.FirstOrDefault(condition => condition.Type == type);
            if (before is not null && before != current.FirstOrDefault(condition => condition.Type == type))
                yield return Conditions.Forbidden($"'{type}' condition may not be modified once set");
            var now = current.Where(condition => condition.Type == type).ToList();
            if (now.Count > 1)
                yield return Conditions.Forbidden($"multiple \"{type}\" conditions present");
            else if (now is [{ Status: not RequestCondition.True } only])
                yield return Conditions.Child(type).Invalid(only.Status, $"\"{type}\" condition may only be set to True");
        }

        if (RequestCondition.Decisions.All(type => current.Any(condition => condition.Type == type)))
            yield return Conditions.Forbidden("both 'Denied' and 'Approved' conditions cannot coexist");
    }

    private static List<FieldError> Contents(JsonObject spec)
    {
        var errors = new List<FieldError>(FieldRules.IssuerReference(spec, Spec));
        FieldRules.Duration(spec, "duration", Spec, errors);
        var path = Spec.Child("request");
        if (spec.Text("request").Length == 0)
            errors.Add(path.Required("must be specified"));
        else if (spec.Bytes("request") is not { } pem)
            errors.Add(path.Invalid(RequestValidation.Shown(spec), "failed to decode csr: illegal base64 data"));
        else if (!RequestParsing.TryRead(pem, out var request))
            errors.Add(path.Invalid(RequestValidation.Shown(spec), $"failed to decode csr: {RequestParsing.WhatIsWrong(pem)}"));
        else
            errors.AddRange(Usages(spec, request, path));
        return errors;
    }

    /// <summary>Usages that stand in both places must be the same; the usual ones stand for anything.</summary>
    private static IEnumerable<FieldError> Usages(JsonObject spec, RequestContents request, FieldPath path)
    {
        var names = spec.Texts("usages");
        if (names.Count == 0 || !names.All(CertificateUsages.IsKnown) || request.Usages.Equals(new CertificateUsages()))
            yield break;
        var asked = CertificateUsages.FromNames(names);
        var wanted = spec.IsTrue("isCA") ? CertificateUsages.FromNames([.. names, "cert sign"]) : asked;
        if (!asked.Equals(Usual) && !request.Usages.Equals(Usual) && !request.Usages.Equals(wanted))
        {
            yield return path.Invalid(RequestValidation.Shown(spec), "csr key usages do not match specified usages, these should match if both are set: "
                + $"[{string.Join(", ", request.Usages.ToNames())}] in the request, [{string.Join(", ", wanted.ToNames())}] specified");
        }
    }

    private static IEnumerable<FieldError> Annotations(JsonObject current, JsonObject old)
    {
        var (now, before) = (Of(current), Of(old));
        return now.Select(pair => pair.Key).Union(before.Select(pair => pair.Key))
            .Where(key => IsOwn(key) && !JsonNode.DeepEquals(now[key], before[key]))
            .Select(key => new FieldPath("metadata.annotations").Child(key)
                .Forbidden("cannot change cert-manager annotation after creation"));

        static JsonObject Of(JsonObject @object) => @object.Map("metadata")?.Map("annotations") ?? [];

        static bool IsOwn(string key) => key.StartsWith("cert-manager.io", StringComparison.Ordinal) ||
            key.StartsWith("acme.cert-manager.io", StringComparison.Ordinal);
    }
}
