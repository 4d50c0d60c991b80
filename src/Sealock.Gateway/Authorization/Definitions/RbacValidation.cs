// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Selectors;

namespace Sealock.Gateway.Authorization.Definitions;

/// <summary>What is wrong with a role or a binding (kubernetes pkg/apis/rbac/validation).</summary>
internal static class RbacValidation
{
    public static IEnumerable<FieldError> Role(ObjectOperation operation) =>
        TwiceOnUpdate(operation, [.. Rules(operation.Object, isNamespaced: true)]);

    public static IEnumerable<FieldError> ClusterRole(ObjectOperation operation) => TwiceOnUpdate(
        operation, [.. Rules(operation.Object, isNamespaced: false), .. AggregationRule(operation.Object)]);

    public static IEnumerable<FieldError> Binding(ObjectOperation operation)
    {
        var errors = TwiceOnUpdate(operation, [.. BindingFields(operation)]);
        if (operation.Old is not { } old)
            return errors;
        var now = RoleReference.Read(operation.Object);
        if (RoleReference.Read(old) != now)
            errors.Add(FieldError.Invalid("roleRef", GoText.Value(GoForm(now)), "cannot change roleRef"));
        return errors;
    }

    /// <summary>kube-apiserver's update strategies check the new object twice, which shows in the answer's causes.</summary>
    private static List<FieldError> TwiceOnUpdate(ObjectOperation operation, List<FieldError> errors) =>
        operation.Old is null ? errors : [.. errors, .. errors];

    /// <summary>The internal type has no JSON names, so its Go names show in messages.</summary>
    private static JsonObject GoForm(RoleReference role) =>
        new() { ["APIGroup"] = role.Group, ["Kind"] = role.Kind, ["Name"] = role.Name };

    private static IEnumerable<FieldError> Rules(JsonObject role, bool isNamespaced) => JsonFields.Objects(role["rules"])
        .SelectMany((rule, index) => Rule(RbacJson.Rule(rule), rule["nonResourceURLs"], isNamespaced, $"rules[{index}]"));

    private static IEnumerable<FieldError> Rule(PolicyRule rule, JsonNode? paths, bool isNamespaced, string at)
    {
        if (rule.Verbs.Length == 0)
            yield return FieldError.Required($"{at}.verbs", "verbs must contain at least one value");
        if (rule.Paths.Length > 0)
        {
            if (isNamespaced)
            {
                yield return FieldError.Invalid(
                    $"{at}.nonResourceURLs", GoText.Value(paths), "namespaced rules cannot apply to non-resource URLs");
            }

            if (rule.Groups.Length > 0 || rule.Resources.Length > 0 || rule.ResourceNames.Length > 0)
            {
                yield return FieldError.Invalid(
                    $"{at}.nonResourceURLs", GoText.Value(paths),
                    "rules cannot apply to both regular resources and non-resource URLs");
            }

            yield break;
        }

        if (rule.Groups.Length == 0)
            yield return FieldError.Required($"{at}.apiGroups", "resource rules must supply at least one api group");
        if (rule.Resources.Length == 0)
            yield return FieldError.Required($"{at}.resources", "resource rules must supply at least one resource");
    }

    private static IEnumerable<FieldError> AggregationRule(JsonObject role)
    {
        if (role["aggregationRule"] is not JsonObject aggregation)
            yield break;
        var selectors = JsonFields.Objects(aggregation["clusterRoleSelectors"]).ToList();
        if (selectors.Count == 0)
        {
            yield return FieldError.Required(
                "aggregationRule.clusterRoleSelectors",
                "at least one clusterRoleSelector required if aggregationRule is non-nil");
        }

        foreach (var (index, selector) in selectors.Index())
        {
            var at = $"aggregationRule.clusterRoleSelectors[{index}]";
            foreach (var error in LabelSelectorObject.Validate(selector, new FieldPath(at)))
                yield return error;
            if (!LabelSelectorObject.TryCompile(selector, out _, out _))
                yield return FieldError.Invalid(at, "\"null\"", "invalid label selector.");
        }
    }

    private static IEnumerable<FieldError> BindingFields(ObjectOperation operation)
    {
        var isNamespaced = operation.Definition.Scope == ResourceScope.Namespaced;
        var role = RoleReference.Read(operation.Object);
        if (role.Group != RbacAuthorizer.ApiGroup)
            yield return NotSupported("roleRef.apiGroup", role.Group, RbacAuthorizer.ApiGroup);
        string[] kinds = isNamespaced
            ? [RoleReference.NamespaceRole, RoleReference.ClusterRole]
            : [RoleReference.ClusterRole];
        if (!kinds.Contains(role.Kind))
            yield return NotSupported("roleRef.kind", role.Kind, kinds);
        if (role.Name.Length == 0)
            yield return FieldError.Required("roleRef.name");
        else
        {
            foreach (var wrong in NameRules.PathSegment(role.Name))
                yield return FieldError.Invalid("roleRef.name", GoText.Quote(role.Name), wrong);
        }

        foreach (var (index, subject) in RbacJson.Subjects(operation.Object).Index())
        {
            foreach (var error in Subject(subject, isNamespaced, $"subjects[{index}]"))
                yield return error;
        }
    }

    private static IEnumerable<FieldError> Subject(RbacSubject subject, bool isNamespaced, string at)
    {
        if (subject.Name.Length == 0)
            yield return FieldError.Required($"{at}.name");
        switch (subject.Kind)
        {
            case RbacSubject.ServiceAccount:
                if (subject.Name.Length > 0)
                {
                    foreach (var wrong in NameRules.DnsSubdomain(subject.Name))
                        yield return FieldError.Invalid($"{at}.name", GoText.Quote(subject.Name), wrong);
                }

                if (subject.Group.Length > 0)
                    yield return NotSupported($"{at}.apiGroup", subject.Group, "");
                if (!isNamespaced && subject.Namespace.Length == 0)
                    yield return FieldError.Required($"{at}.namespace");
                break;
            case RbacSubject.User or RbacSubject.UserGroup:
                if (subject.Group != RbacAuthorizer.ApiGroup)
                    yield return NotSupported($"{at}.apiGroup", subject.Group, RbacAuthorizer.ApiGroup);
                break;
            default:
                yield return NotSupported(
                    $"{at}.kind", subject.Kind, RbacSubject.ServiceAccount, RbacSubject.User, RbacSubject.UserGroup);
                break;
        }
    }

    /// <summary>Here kube-apiserver lists what it supports in an order of its own, not sorted.</summary>
    private static FieldError NotSupported(string field, string value, params IEnumerable<string> supported) => new(
        FieldErrorType.NotSupported, field, GoText.Quote(value),
        "supported values: " + string.Join(", ", supported.Select(GoText.Quote)));
}
