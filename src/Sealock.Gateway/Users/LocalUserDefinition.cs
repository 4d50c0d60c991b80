// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Api.Tables;
using Sealock.Gateway.Authentication;
using Sealock.Gateway.Authorization;

namespace Sealock.Gateway.Users;

/// <summary>sealock.dev/v1 LocalUser: somebody who may log in with a password.</summary>
public static class LocalUserDefinition
{
    /// <summary>The API group.</summary>
    public const string Group = "sealock.dev";

    /// <summary>The resource.</summary>
    public const string Plural = "localusers";

    private const int MostGroups = 32;
    private const int LongestGroup = 253;

    /// <summary>The definition.</summary>
    public static ResourceDefinition Value { get; } = new()
    {
        Group = Group,
        Version = "v1",
        Kind = "LocalUser",
        Plural = Plural,
        Scope = ResourceScope.Cluster,
        SchemaName = "dev.sealock.v1.LocalUser",
        Schema = () => JsonNode.Parse(Schema)!.AsObject(),
        Columns =
        [
            Cells.Name,
            Cells.Of("Groups", "The user's groups.", item => string.Join(",", Cells.List(item, "spec", "groups").Select(group => group.GetString()))),
            Cells.Of("Disabled", "Whether the user may not come in.", item => Cells.IsTrue(item, "spec", "disabled") ? "true" : "false"),
            Cells.Age,
        ],
        ValidateName = NameRules.DnsSubdomain,
        Validate = Check,
        ValidatingAdmission = [MayMake],
    };

    private static IEnumerable<FieldError> Check(ObjectOperation operation)
    {
        var groups = JsonFields.Texts((operation.Object["spec"] as JsonObject)?["groups"]);
        for (var i = 0; i < groups.Length; i++)
        {
            var field = $"spec.groups[{i}]";
            if (groups[i].Length is 0 or > LongestGroup || groups[i].Any(char.IsControl))
                yield return FieldError.Invalid(field, FieldError.Quote(groups[i]), $"must have 1 to {LongestGroup} characters");
            else if (groups[i].StartsWith("system:", StringComparison.Ordinal))
                yield return FieldError.Invalid(field, FieldError.Quote(groups[i]), "groups of the system are not given to users");
            if (groups[..i].Contains(groups[i]))
                yield return FieldError.Duplicate(field, FieldError.Quote(groups[i]));
        }
    }

    /// <summary>Nobody makes a user, or puts one into a group, whom he may not impersonate: that would be a way round RBAC.</summary>
    private static void MayMake(ObjectOperation operation)
    {
        var before = JsonFields.Texts((operation.Old?["spec"] as JsonObject)?["groups"]);
        var groups = JsonFields.Texts((operation.Object["spec"] as JsonObject)?["groups"]).Except(before);
        MayActAs(operation, groups, alsoUser: operation.Old is null);
    }

    /// <summary>Whether who asks may impersonate groups, and the user of the object's name.</summary>
    /// <exception cref="ApiException">403.</exception>
    internal static void MayActAs(ObjectOperation operation, IEnumerable<string> groups, bool alsoUser)
    {
        if (alsoUser)
            AccessDenied.Unless(operation.Authorizer, Impersonate(operation.User, "users", operation.Name));
        foreach (var group in groups)
            AccessDenied.Unless(operation.Authorizer, Impersonate(operation.User, "groups", group));
    }

    private static AccessQuestion Impersonate(UserInfo user, string resource, string name) => new()
    {
        User = user,
        Verb = "impersonate",
        IsResource = true,
        Resource = resource,
        Name = name,
    };

    private static string Schema =>
        $$"""
        {
          "type": "object",
          "description": "Somebody who may log in with a password. The user's name is the object's; the hash of the password is in the LocalUserPassword of the same name.",
          "properties": {
            "spec": {
              "type": "object",
              "description": "Who the user is.",
              "properties": {
                "groups": {
                  "type": "array", "maxItems": {{MostGroups}}, "x-kubernetes-list-type": "atomic",
                  "description": "The user's groups. None of the system's (system:…).",
                  "items": {"type": "string", "maxLength": {{LongestGroup}}}
                },
                "disabled": {"type": "boolean", "description": "Whether the user may not come in, and what was given to the user is not good."}
              }
            }
          }
        }
        """;
}
