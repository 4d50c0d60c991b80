// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Api.Tables;

namespace Sealock.Gateway.Users;

/// <summary>
/// sealock.dev/v1 LoginToken: a token that a user got for a password. Only its hash is kept. Deleting the object ends it.
/// </summary>
public static class LoginTokenDefinition
{
    /// <summary>The API group.</summary>
    public const string Group = "sealock.dev";

    /// <summary>The resource.</summary>
    public const string Plural = "logintokens";

    /// <summary>The definition.</summary>
    public static ResourceDefinition Value { get; } = new()
    {
        Group = Group,
        Version = "v1",
        Kind = "LoginToken",
        Plural = Plural,
        Scope = ResourceScope.Cluster,
        SchemaName = "dev.sealock.v1.LoginToken",
        Schema = () => JsonNode.Parse(Schema)!.AsObject(),
        Columns =
        [
            Cells.Name,
            Cells.Of("User", "Whose it is.", item => Cells.Text(item, "spec", "user")),
            Cells.Of("Expires", "When it ends.", item => Cells.Text(item, "spec", "expires")),
            Cells.Age,
        ],
        ValidateName = name => name.StartsWith(LoginNames.Prefix, StringComparison.Ordinal)
            ? NameRules.DnsSubdomain(name) : [$"must begin with {LoginNames.Prefix}"],
        Validate = Check,
        ValidatingAdmission = [OnlyTheServer],
    };

    private static IEnumerable<FieldError> Check(ObjectOperation operation)
    {
        if (operation.Old is { } old && !JsonNode.DeepEquals(old["spec"], operation.Object["spec"]))
            yield return FieldError.Invalid("spec", null, "field is immutable");
    }

    /// <summary>Whoever could write a token could choose it, and come in as anybody.</summary>
    private static void OnlyTheServer(ObjectOperation operation)
    {
        if (operation.Old is null && !operation.User.Groups.Contains(WellKnownGroups.Masters))
        {
            throw ApiException.Forbidden(
                Group, Plural, operation.Name, "login tokens are made by logging in (sealock login)");
        }
    }

    private const string Schema =
        """
        {
          "type": "object",
          "description": "A token that a user got for a password. Deleting it ends the token: its next request is refused, and its watches end.",
          "required": ["spec"],
          "properties": {
            "spec": {
              "type": "object",
              "description": "Whose token it is, and until when.",
              "required": ["user", "userUID", "expires", "tokenSHA256"],
              "properties": {
                "user": {"type": "string", "maxLength": 253, "description": "The LocalUser."},
                "userUID": {"type": "string", "maxLength": 64, "description": "The LocalUser's uid: a later user of the same name does not get the token."},
                "expires": {"type": "string", "format": "date-time", "description": "When it ends."},
                "tokenSHA256": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the token."}
              }
            }
          }
        }
        """;
}
