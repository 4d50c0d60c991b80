// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Security;

namespace Sealock.Gateway.Authorization.Definitions;

/// <summary>
/// Nobody grants what he does not hold: admission checks of roles (unless the user may <c>escalate</c> them) and of
/// bindings (unless the user may <c>bind</c> the role). Members of <c>system:masters</c> are free.
/// </summary>
internal static class EscalationCheck
{
    private static readonly ImmutableArray<PolicyRule> FullAuthority =
    [
        new() { Verbs = [PolicyRule.Any], Groups = [PolicyRule.Any], Resources = [PolicyRule.Any] },
        new() { Verbs = [PolicyRule.Any], Paths = [PolicyRule.Any] },
    ];

    /// <summary>For Roles and ClusterRoles.</summary>
    public static void OnRole(ObjectOperation operation)
    {
        if (IsFree(operation) || May(operation, "escalate", operation.Definition.Plural, NameInRequest(operation)))
            return;
        Confirm(operation, RbacJson.Rules(operation.Object));
        if ((IsAggregated(operation.Object) || (operation.Old is { } old && IsAggregated(old)))
            && DescribeMissing(operation, FullAuthority) is not null)
        {
            throw Forbidden(operation, "must have cluster-admin privileges to use the aggregationRule");
        }
    }

    /// <summary>For RoleBindings and ClusterRoleBindings.</summary>
    public static void OnBinding(ObjectOperation operation)
    {
        var role = RoleReference.Read(operation.Object);
        if (IsFree(operation))
            return;
        var plural = role.Kind switch
        {
            RoleReference.ClusterRole => "clusterroles",
            RoleReference.NamespaceRole => "roles",
            _ => throw new ApiException(500, "", $"unsupported role reference kind: {GoText.Quote(role.Kind)}"),
        };
        if (role.Group == RbacAuthorizer.ApiGroup && May(operation, "bind", plural, role.Name))
            return;
        var @namespace = plural == "roles" ? operation.Namespace : "";
        var found = operation.Objects.Find(RbacAuthorizer.ApiGroup, plural, @namespace, role.Name)
            ?? throw ApiException.NotFound(RbacAuthorizer.ApiGroup, plural, role.Name);
        Confirm(operation, RbacJson.Rules(found));
    }

    private static bool IsFree(ObjectOperation operation) =>
        operation.User.Groups.Contains(WellKnownGroups.Masters)
        || (operation.Old is { } old && ChangesOnlyOwnership(operation.Object, old));

    private static bool May(ObjectOperation operation, string verb, string plural, string name) =>
        operation.Authorizer.Authorize(new AccessQuestion
        {
            User = operation.User,
            IsResource = true,
            Verb = verb,
            Group = RbacAuthorizer.ApiGroup,
            Version = "*",
            Resource = plural,
            Name = name,
            Namespace = operation.Namespace,
        }).Allowed;

    /// <summary>As kube-apiserver asks: a creation names no object in its URL.</summary>
    private static string NameInRequest(ObjectOperation operation) => operation.Old is null ? "" : operation.Name;

    private static bool IsAggregated(JsonObject role) =>
        (role["aggregationRule"] as JsonObject)?["clusterRoleSelectors"] is JsonArray { Count: > 0 };

    /// <summary>What a garbage collector changes: owners and finalizers.</summary>
    private static bool ChangesOnlyOwnership(JsonObject now, JsonObject before)
    {
        return JsonNode.DeepEquals(Rest(now), Rest(before));

        static JsonNode Rest(JsonObject role)
        {
            var copy = role.DeepClone();
            if (copy["metadata"] is JsonObject metadata)
            {
                foreach (var field in (string[])["ownerReferences", "finalizers", "managedFields", "selfLink", "resourceVersion"])
                    metadata.Remove(field);
            }

            return copy;
        }
    }

    private static void Confirm(ObjectOperation operation, ImmutableArray<PolicyRule> wanted)
    {
        if (DescribeMissing(operation, wanted) is { } missing)
            throw Forbidden(operation, missing);
    }

    private static string? DescribeMissing(ObjectOperation operation, ImmutableArray<PolicyRule> wanted)
    {
        if (RuleCover.CountRights(wanted) > RuleCover.MaxRights)
            return $"the rules combine to more than {RuleCover.MaxRights} single rights: split the role";
        var held = operation.Authorizer.RulesFor(operation.User, operation.Namespace);
        var missing = RuleCover.Missing(
            [
                .. held.Resources.Select(rule => new PolicyRule
                {
                    Verbs = rule.Verbs, Groups = rule.Groups, Resources = rule.Resources, ResourceNames = rule.ResourceNames,
                }),
                .. held.Paths.Select(rule => new PolicyRule { Verbs = rule.Verbs, Paths = rule.Paths }),
            ],
            wanted);
        if (missing.Count == 0)
            return null;
        var descriptions = RuleCover.Compact(missing).Select(RuleCover.Describe)
            .Distinct().Order(StringComparer.Ordinal);
        var message = $"user {GoText.Quote(operation.User.Name)} (groups={RuleCover.QuoteList(operation.User.Groups)}) "
            + "is attempting to grant RBAC permissions not currently held:\n" + string.Join('\n', descriptions);
        // kube-apiserver resolves roles from storage here, and words what is missing with the plural.
        return held.EvaluationError.Length == 0
            ? message
            : $"{message}; resolution errors: [{held.EvaluationError.Replace("role.rbac.", "roles.rbac.", StringComparison.Ordinal)}]";
    }

    private static ApiException Forbidden(ObjectOperation operation, string why) => ApiException.Forbidden(
        RbacAuthorizer.ApiGroup, operation.Definition.Plural, operation.Name, why);
}
