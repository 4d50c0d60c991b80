// SPDX-License-Identifier: Apache-2.0
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
            Cells.Age,
        ],
        ValidateName = name => name == ObjectName ? [] : [$"must be {ObjectName}: a server is set up once"],
        Validate = ServerSetupRules.Check,
        PrepareForDelete = _ => throw ApiException.Forbidden(
            Group, Plural, ObjectName, "a set-up is not undone; move the server to another host name with sealock setup move"),
    };

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
            }
          }
        }
        """;
}
