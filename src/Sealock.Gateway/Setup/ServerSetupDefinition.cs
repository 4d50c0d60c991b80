// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Gateway.Setup;

/// <summary>sealock.dev/v1 ServerSetup: that a server has been set up, and under which host name.</summary>
public static class ServerSetupDefinition
{
    /// <summary>The API group.</summary>
    public const string Group = "sealock.dev";

    /// <summary>The resource.</summary>
    public const string Plural = "serversetups";

    /// <summary>The only object there is.</summary>
    public const string ObjectName = "server";

    /// <summary>Its path.</summary>
    public static string ObjectPath => $"/apis/{Group}/v1/{Plural}/{ObjectName}";

    /// <summary>The condition that what is to be served may be: it was checked, and took the place of what was before it.</summary>
    public const string Accepted = "CertificateAccepted";

    /// <summary>The condition that it is: a handshake of the server with itself showed it.</summary>
    public const string Served = "CertificateServed";

    /// <summary>The definition.</summary>
    public static ResourceDefinition Value { get; } = new()
    {
        Group = Group,
        Version = "v1",
        Kind = "ServerSetup",
        Plural = Plural,
        Scope = ResourceScope.Cluster,
        SchemaName = "dev.sealock.v1.ServerSetup",
        Schema = () => JsonNode.Parse(Schema)!.AsObject(),
        Columns =
        [
            Cells.Name,
            Cells.Of("Hostname", "The name by which clients reach the server.", item => Cells.Text(item, "spec", "hostname")),
            Cells.Of("Accepted", "Whether the certificate that stands there may be served.", item => Condition(item, Accepted)),
            Cells.Of("Served", "Whether a handshake of the server with itself showed the certificate that is to be served.", item => Condition(item, Served)),
            Cells.Age,
        ],
        Subresources = [new Subresource { Name = "status", PrepareForUpdate = operation => Keep(operation, "spec") }],
        PrepareForCreate = operation => operation.Object.Remove("status"),
        PrepareForUpdate = operation => Keep(operation, "status"),
        ValidateName = name => name == ObjectName ? [] : [$"must be {ObjectName}: a server is set up once"],
        Validate = ServerSetupRules.Check,
        PrepareForDelete = _ => throw ApiException.Forbidden(
            Group, Plural, ObjectName, "a set-up is not undone; move the server to another host name with sealock setup move"),
    };

    private static void Keep(ObjectOperation operation, string field)
    {
        operation.Object.Remove(field);
        if (operation.Old?[field] is { } kept)
            operation.Object[field] = kept.DeepClone();
    }

    private static string Condition(JsonElement item, string type) => Cells.Text(
        Cells.List(item, "status", "conditions").FirstOrDefault(condition => Cells.Text(condition, "type") == type), "status");

    private const string Schema =
        """
        {
          "type": "object",
          "description": "That the server has been set up. Made by sealock setup; there is one object, named server.",
          "required": ["spec"],
          "properties": {
            "spec": {
              "type": "object",
              "description": "Under which names the server is reached.",
              "required": ["hostname"],
              "properties": {
                "hostname": {
                  "type": "string", "minLength": 1, "maxLength": 253,
                  "description": "The name, or IP address, by which clients reach the server. It changes only by a move: the name before must stand in previousHostnames for some time to come."
                },
                "previousHostnames": {
                  "type": "array", "maxItems": 8, "x-kubernetes-list-type": "atomic",
                  "description": "Names that are served beside it for some time.",
                  "items": {
                    "type": "object",
                    "required": ["hostname", "until"],
                    "properties": {
                      "hostname": {"type": "string", "minLength": 1, "maxLength": 253, "description": "The name."},
                      "until": {"type": "string", "format": "date-time", "description": "Until when it is served."}
                    }
                  }
                }
              }
            },
            "status": {
              "type": "object",
              "description": "What the server found out about the certificate that it serves. Written by the server only.",
              "properties": {
                "conditions": {
                  "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"],
                  "description": "CertificateAccepted: what is to be served was checked and is in place. CertificateServed: handshakes of the server with itself showed it.",
                  "items": {
                    "type": "object",
                    "required": ["type", "status"],
                    "properties": {
                      "type": {"type": "string", "description": "The condition."},
                      "status": {"type": "string", "enum": ["True", "False", "Unknown"], "description": "Whether it holds."},
                      "reason": {"type": "string", "description": "Why, in a word."},
                      "message": {"type": "string", "description": "Why, in words."},
                      "lastTransitionTime": {"type": "string", "format": "date-time", "description": "Since when the status is as it is."}
                    }
                  }
                }
              }
            }
          }
        }
        """;
}
