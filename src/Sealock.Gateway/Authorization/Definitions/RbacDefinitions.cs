// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Gateway.Authorization.Definitions;

/// <summary>The four resources of rbac.authorization.k8s.io/v1.</summary>
internal static class RbacDefinitions
{
    public static ResourceDefinition Roles { get; } = Role("Role", "roles", ResourceScope.Namespaced);

    public static ResourceDefinition ClusterRoles { get; } = Role("ClusterRole", "clusterroles", ResourceScope.Cluster);

    public static ResourceDefinition RoleBindings { get; } =
        Binding("RoleBinding", "rolebindings", ResourceScope.Namespaced);

    public static ResourceDefinition ClusterRoleBindings { get; } =
        Binding("ClusterRoleBinding", "clusterrolebindings", ResourceScope.Cluster);

    private static ResourceDefinition Role(string kind, string plural, ResourceScope scope) => new()
    {
        Group = RbacAuthorizer.ApiGroup,
        Version = "v1",
        Kind = kind,
        Plural = plural,
        Scope = scope,
        SchemaName = "io.k8s.api.rbac.v1." + kind,
        CreateOnUpdate = true,
        Columns = SecurityColumns.Roles,
        Default = UseNullForNone,
        Admission = [EscalationCheck.OnRole],
        Validate = scope == ResourceScope.Cluster ? RbacValidation.ClusterRole : RbacValidation.Role,
        ValidateName = NameRules.PathSegment,
    };

    private static ResourceDefinition Binding(string kind, string plural, ResourceScope scope) => new()
    {
        Group = RbacAuthorizer.ApiGroup,
        Version = "v1",
        Kind = kind,
        Plural = plural,
        Scope = scope,
        SchemaName = "io.k8s.api.rbac.v1." + kind,
        CreateOnUpdate = true,
        Columns = scope == ResourceScope.Cluster ? SecurityColumns.ClusterRoleBindings : SecurityColumns.RoleBindings,
        Default = FillInGroups,
        Admission = [EscalationCheck.OnBinding],
        Validate = RbacValidation.Binding,
        ValidateName = NameRules.PathSegment,
    };

    private static void UseNullForNone(JsonObject role)
    {
        if (role["rules"] is not JsonArray { Count: > 0 })
            role["rules"] = null;
    }

    private static void FillInGroups(JsonObject binding)
    {
        if (binding["roleRef"] is not JsonObject role)
            binding["roleRef"] = role = [];
        FillInGroup(role);
        foreach (var subject in JsonFields.Objects(binding["subjects"]))
        {
            if (JsonFields.Text(subject, "kind") is RbacSubject.User or RbacSubject.UserGroup)
                FillInGroup(subject);
        }
    }

    private static void FillInGroup(JsonObject reference)
    {
        if (JsonFields.Text(reference, "apiGroup").Length == 0)
            reference["apiGroup"] = RbacAuthorizer.ApiGroup;
    }
}
