// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Tables;
using Sealock.Gateway.Authorization;

namespace Sealock.Gateway.Users;

/// <summary>
/// sealock.dev/v1 LocalUserPassword: the hash of a user's password. A kind of its own and no Secret, so that roles that read
/// Secrets everywhere (Kubernetes' <c>edit</c>) neither read nor set passwords. Encrypted at rest as Secrets are.
/// </summary>
public static class LocalUserPasswordDefinition
{
    /// <summary>The resource.</summary>
    public const string Plural = "localuserpasswords";

    /// <summary>The field of the specification with the hash, as <see cref="PasswordHash"/> has it.</summary>
    internal const string Hash = "hash";

    /// <summary>The field of the specification with the uid of the user.</summary>
    internal const string UserUid = "userUID";

    /// <summary>The definition.</summary>
    public static ResourceDefinition Value { get; } = new()
    {
        Group = LocalUserDefinition.Group,
        Version = "v1",
        Kind = "LocalUserPassword",
        Plural = Plural,
        Scope = ResourceScope.Cluster,
        SchemaName = "dev.sealock.v1.LocalUserPassword",
        Schema = () => JsonNode.Parse(Schema)!.AsObject(),
        Encrypted = true,
        SecretFields = ["spec.hash"],
        Columns = [Cells.Name, Cells.Age],
        ValidateName = NameRules.DnsSubdomain,
        Validate = Check,
        ValidatingAdmission = [MaySet],
    };

    private static IEnumerable<FieldError> Check(ObjectOperation operation)
    {
        if (PasswordHash.Parse(JsonFields.Text(operation.Object["spec"] as JsonObject, Hash)) is null)
            yield return FieldError.Invalid("spec.hash", null, "must be pbkdf2-sha512:ROUNDS:SALT:HASH; sealock user password makes one");
    }

    /// <summary>Whoever knows the password is the user: so only who may impersonate the user sets it.</summary>
    private static void MaySet(ObjectOperation operation)
    {
        var user = operation.Objects.Find(LocalUserDefinition.Group, LocalUserDefinition.Plural, "", operation.Name);
        LocalUserDefinition.MayActAs(operation, JsonFields.Texts((user?["spec"] as JsonObject)?["groups"]), alsoUser: true);
    }

    private const string Schema =
        """
        {
          "type": "object",
          "description": "The hash of the password of the LocalUser of the same name. Encrypted at rest, and never recorded in audit events.",
          "required": ["spec"],
          "properties": {
            "spec": {
              "type": "object",
              "description": "The password.",
              "required": ["userUID", "hash"],
              "properties": {
                "userUID": {"type": "string", "maxLength": 64, "description": "The LocalUser's uid: a later user of the same name does not get the password."},
                "hash": {"type": "string", "maxLength": 256, "description": "pbkdf2-sha512:ROUNDS:SALT:HASH, salt and hash in base64."}
              }
            }
          }
        }
        """;
}
