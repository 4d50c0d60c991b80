// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json;
using static Sealock.Api.Tables.Cells;

namespace Sealock.Api.Tables;

/// <summary>Columns of the kinds of certificates.k8s.io and rbac.authorization.k8s.io.</summary>
public static class SecurityColumns
{
    /// <summary>certificates.k8s.io/v1 CertificateSigningRequest.</summary>
    public static ImmutableArray<Column> CertificateSigningRequests { get; } =
    [
        Name,
        Age,
        Of("SignerName", "The signer that is asked.", o => Or(Text(o, "spec", "signerName"))),
        Of("Requestor", "The user who made the request.", o => Text(o, "spec", "username")),
        Of("RequestedDuration", "How long the certificate is asked to be valid.", RequestedDuration),
        Of("Condition", "Whether the request is approved, denied, failed or fulfilled.", Condition),
    ];

    /// <summary>certificates.k8s.io ClusterTrustBundle.</summary>
    public static ImmutableArray<Column> ClusterTrustBundles { get; } =
        [Name, Of("SignerName", "The signer whose certificates the bundle verifies.", o => Or(Text(o, "spec", "signerName")))];

    /// <summary>rbac.authorization.k8s.io/v1 Role and ClusterRole.</summary>
    public static ImmutableArray<Column> Roles { get; } = [Name, CreatedAt];

    /// <summary>rbac.authorization.k8s.io/v1 RoleBinding.</summary>
    public static ImmutableArray<Column> RoleBindings { get; } = Bindings("roleBinding");

    /// <summary>rbac.authorization.k8s.io/v1 ClusterRoleBinding.</summary>
    public static ImmutableArray<Column> ClusterRoleBindings { get; } = Bindings("clusterRoleBinding");

    private static ImmutableArray<Column> Bindings(string kind) =>
    [
        Name,
        Of("Role", "The role that is granted.", o => $"{Text(o, "roleRef", "kind")}/{Text(o, "roleRef", "name")}"),
        Age,
        Of("Users", $"Users in the {kind}", o => Subjects(o, "User"), 1),
        Of("Groups", $"Groups in the {kind}", o => Subjects(o, "Group"), 1),
        Of("ServiceAccounts", $"ServiceAccounts in the {kind}", o => Subjects(o, "ServiceAccount"), 1),
    ];

    private static string RequestedDuration(JsonElement item) =>
        Find(item, "spec", "expirationSeconds").ValueKind == JsonValueKind.Number
            ? HumanDuration.Format(TimeSpan.FromSeconds(Number(item, "spec", "expirationSeconds"))) : "<none>";

    private static string Condition(JsonElement item)
    {
        var types = List(item, "status", "conditions").Select(c => Text(c, "type")).ToHashSet(StringComparer.Ordinal);
        var decision = types.Contains("Denied") ? "Denied" : types.Contains("Approved") ? "Approved" : "Pending";
        return decision + (types.Contains("Failed") ? ",Failed" : "")
            + (Text(item, "status", "certificate").Length > 0 ? ",Issued" : "");
    }

    private static string Subjects(JsonElement item, string kind) => string.Join(", ", List(item, "subjects")
        .Where(s => Text(s, "kind") == kind)
        .Select(s => kind == "ServiceAccount" ? $"{Text(s, "namespace")}/{Text(s, "name")}" : Text(s, "name")));
}
