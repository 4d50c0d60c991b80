// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Gateway.Authorization;

namespace Sealock.Gateway.Reviews;

/// <summary>What is wrong with an access review (kubernetes pkg/apis/authorization/validation).</summary>
internal static class AccessReviewRules
{
    public static IEnumerable<FieldError> Spec(JsonObject spec, bool names)
    {
        var resource = spec["resourceAttributes"] as JsonObject;
        var path = spec["nonResourceAttributes"] as JsonObject;
        if (resource is not null && path is not null)
        {
            yield return FieldError.Invalid(
                "spec.nonResourceAttributes", GoForm(path), "cannot be specified in combination with resourceAttributes");
        }

        if (resource is null && path is null)
        {
            yield return FieldError.Invalid(
                "spec.resourceAttributes", "\"null\"",
                "exactly one of nonResourceAttributes or resourceAttributes must be specified");
        }

        if (names && JsonFields.Text(spec, "user").Length == 0 && JsonFields.Texts(spec["groups"]).Length == 0)
            yield return FieldError.Invalid("spec.user", "\"\"", "at least one of user or group must be specified");
        foreach (var kind in (string[])["fieldSelector", "labelSelector"])
        {
            if (resource?[kind] is JsonObject selector)
            {
                foreach (var error in Selector(selector, $"spec.resourceAttributes.{kind}"))
                    yield return error;
            }
        }
    }

    public static IEnumerable<FieldError> NoMetadata(JsonObject review, string detail, bool namespaceMayStand = false)
    {
        var rest = (review["metadata"] as JsonObject)?.DeepClone().AsObject() ?? [];
        rest.Remove("managedFields");
        if (namespaceMayStand)
            rest.Remove("namespace");
        // What a client leaves unset it may still send as null.
        if (rest.Any(field => field.Value is not null))
            yield return FieldError.Invalid("metadata", GoText.Value(review["metadata"]), detail);
    }

    public static IEnumerable<FieldError> Local(JsonObject review, JsonObject spec, string @namespace)
    {
        var stated = JsonFields.Text(review["metadata"] as JsonObject, "namespace");
        if (stated.Length > 0 && stated != @namespace)
        {
            throw ApiException.BadRequest(
                $"spec.resourceAttributes.namespace must match namespace: {@namespace}");
        }

        foreach (var error in NoMetadata(review, "must be empty except for namespace", namespaceMayStand: true))
            yield return error;
        if (spec["resourceAttributes"] is JsonObject resource && JsonFields.Text(resource, "namespace") is var asked
            && asked != @namespace)
        {
            yield return FieldError.Invalid(
                "spec.resourceAttributes.namespace", GoText.Quote(asked), "must match metadata.namespace");
        }

        if (spec["nonResourceAttributes"] is JsonObject path)
            yield return FieldError.Invalid("spec.nonResourceAttributes", GoForm(path), "disallowed on this kind of request");
    }

    private static IEnumerable<FieldError> Selector(JsonObject selector, string at)
    {
        var raw = JsonFields.Text(selector, "rawSelector");
        var requirements = JsonFields.Objects(selector["requirements"]).ToList();
        if (raw.Length > 0 && requirements.Count > 0)
        {
            yield return FieldError.Invalid(
                $"{at}.rawSelector", GoText.Quote(raw), "may not specified at the same time as requirements");
        }

        if (raw.Length == 0 && requirements.Count == 0)
        {
            yield return FieldError.Required(
                $"{at}.requirements", $"when {at} is specified, requirements or rawSelector is required");
        }

        foreach (var (index, requirement) in requirements.Index())
        {
            foreach (var error in Requirement(requirement, $"{at}.requirements[{index}]"))
                yield return error;
        }
    }

    private static IEnumerable<FieldError> Requirement(JsonObject requirement, string at)
    {
        if (JsonFields.Text(requirement, "key").Length == 0)
            yield return FieldError.Required($"{at}.key", "must be specified");
        var @operator = JsonFields.Text(requirement, "operator");
        var values = JsonFields.Texts(requirement["values"]);
        switch (@operator)
        {
            case "In" or "NotIn" when values.Length == 0:
                yield return FieldError.Required($"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'");
                break;
            case "Exists" or "DoesNotExist" when values.Length > 0:
                yield return FieldError.Forbidden(
                    $"{at}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                break;
            case "In" or "NotIn" or "Exists" or "DoesNotExist":
                break;
            default:
                yield return FieldError.Invalid($"{at}.operator", GoText.Quote(@operator), "not a valid selector operator");
                break;
        }
    }

    /// <summary>The internal type has no JSON names, so its Go names show in messages.</summary>
    private static string GoForm(JsonObject path) => GoText.Value(new JsonObject
    {
        ["Path"] = JsonFields.Text(path, "path"),
        ["Verb"] = JsonFields.Text(path, "verb"),
    });
}
