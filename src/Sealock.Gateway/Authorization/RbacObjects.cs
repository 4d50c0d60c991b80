// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Sealock.Gateway.Authorization;

/// <summary>A Role, or a ClusterRole where <see cref="Namespace"/> is empty.</summary>
public sealed record RbacRole(string Namespace, string Name, ImmutableArray<PolicyRule> Rules)
{
    /// <summary>Reads a stored or submitted role; what has the wrong shape counts as absent.</summary>
    public static RbacRole Read(JsonObject role) => new(
        JsonFields.Text(role["metadata"] as JsonObject, "namespace"),
        JsonFields.Text(role["metadata"] as JsonObject, "name"),
        RbacJson.Rules(role));
}

/// <summary>A RoleBinding, or a ClusterRoleBinding where <see cref="Namespace"/> is empty.</summary>
public sealed record RbacBinding(
    string Namespace, string Name, RoleReference Role, ImmutableArray<RbacSubject> Subjects)
{
    /// <summary>Reads a stored or submitted binding; what has the wrong shape counts as absent.</summary>
    public static RbacBinding Read(JsonObject binding) => new(
        JsonFields.Text(binding["metadata"] as JsonObject, "namespace"),
        JsonFields.Text(binding["metadata"] as JsonObject, "name"),
        RoleReference.Read(binding),
        RbacJson.Subjects(binding));
}

/// <summary>The role that a binding grants.</summary>
public sealed record RoleReference(string Group, string Kind, string Name)
{
    /// <summary>Kind of a role of the whole cluster.</summary>
    public const string ClusterRole = "ClusterRole";

    /// <summary>Kind of a role of one namespace.</summary>
    public const string NamespaceRole = "Role";

    /// <summary>Reads <c>roleRef</c> of a binding.</summary>
    public static RoleReference Read(JsonObject binding)
    {
        var reference = binding["roleRef"] as JsonObject;
        return new(
            JsonFields.Text(reference, "apiGroup"), JsonFields.Text(reference, "kind"), JsonFields.Text(reference, "name"));
    }
}

/// <summary>Whom a binding applies to.</summary>
public sealed record RbacSubject(string Kind, string Group, string Namespace, string Name)
{
    /// <summary>Kind of a user.</summary>
    public const string User = "User";

    /// <summary>Kind of a group.</summary>
    public const string UserGroup = "Group";

    /// <summary>Kind of a service account.</summary>
    public const string ServiceAccount = "ServiceAccount";

    /// <summary>
    /// The user name that this subject stands for in a binding of a namespace (empty: cluster-wide); null for groups,
    /// unknown kinds, and service accounts without any namespace.
    /// </summary>
    public string? UserNameIn(string bindingNamespace)
    {
        if (Kind == User)
            return Name;
        var @namespace = Namespace.Length > 0 ? Namespace : bindingNamespace;
        return Kind == ServiceAccount && @namespace.Length > 0 ? $"system:serviceaccount:{@namespace}:{Name}" : null;
    }
}
