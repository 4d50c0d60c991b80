// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Definitions.Plain;
using Sealock.Api.Objects;
using Sealock.Api.Schemas;
using Sealock.Api.Security;

namespace Sealock.Tests.Definitions;

/// <summary>Sends objects through the rules of a plain definition, in the server's order.</summary>
internal static class PlainOperations
{
    public static ResourceDefinition Definition(string plural) => PlainDefinitions.All.Single(d => d.Plural == plural);

    /// <summary>The object as it would be stored, and what is wrong with it.</summary>
    public static (JsonObject Object, List<FieldError> Errors) Create(string plural, string json)
    {
        var operation = Operation(plural, json, null, null);
        operation.Definition.PrepareForCreate?.Invoke(operation);
        return (operation.Object, Check(operation));
    }

    /// <summary>The same for an update of what <paramref name="old"/> stored.</summary>
    public static (JsonObject Object, List<FieldError> Errors) Update(string plural, JsonObject old, string json, string? subresource = null)
    {
        var operation = Operation(plural, json, old, subresource);
        if (old["metadata"]?["generation"] is { } generation)
        {
            // the server does this for every update
            operation.Object["metadata"]!["generation"] = generation.DeepClone();
        }

        (operation.Subresource?.PrepareForUpdate ?? operation.Definition.PrepareForUpdate)?.Invoke(operation);
        return (operation.Object, Check(operation));
    }

    /// <summary>All errors of an object and of a change, without decoding.</summary>
    public static List<FieldError> Rules(ObjectOperation template, JsonObject value, JsonObject old) =>
        [.. Check(With(template, value, null)), .. Check(With(template, value, old))];

    public static ObjectOperation Operation(string plural, string json, JsonObject? old, string? subresource)
    {
        var definition = Definition(plural);
        var value = JsonNode.Parse(json)!.AsObject();
        var schema = SchemaCatalog.Kubernetes.Get(definition.SchemaName);
        ObjectDecoding.Decode(value, schema);
        var metadata = value["metadata"] as JsonObject ?? [];
        value["metadata"] = metadata.Parent is null ? metadata : value["metadata"];
        metadata.TryAdd("name", "x");
        if (definition.Scope is ResourceScope.Namespaced)
        {
            metadata.TryAdd("namespace", "default");
        }

        SchemaDefaulting.Apply(value, schema);
        definition.Default?.Invoke(value);
        return new()
        {
            Definition = definition,
            Subresource = subresource is null ? null : definition.Subresources.Single(s => s.Name == subresource),
            Verb = old is null ? "create" : "update",
            User = UserInfo.Anonymous,
            Namespace = "default",
            Name = metadata["name"]!.ToString(),
            Object = value,
            Old = old,
            Now = DateTimeOffset.UnixEpoch,
            Authorizer = Nobody.Instance,
            Objects = Nobody.Instance,
        };
    }

    private static ObjectOperation With(ObjectOperation template, JsonObject value, JsonObject? old) => new()
    {
        Definition = template.Definition,
        Verb = template.Verb,
        User = template.User,
        Namespace = template.Namespace,
        Name = template.Name,
        Object = value,
        Old = old,
        Now = template.Now,
        Authorizer = template.Authorizer,
        Objects = template.Objects,
    };

    private static List<FieldError> Check(ObjectOperation operation) =>
    [
        .. MetadataRules.Check(operation.Object, operation.Old, operation.Definition),
        .. (operation.Subresource?.Validate ?? operation.Definition.Validate)?.Invoke(operation) ?? [],
    ];

    private sealed class Nobody : IAuthorizer, IObjectReader
    {
        public static Nobody Instance { get; } = new();

        public AccessDecision Authorize(in AccessQuestion question) => AccessDecision.NoOpinion;

        public AccessRules RulesFor(UserInfo user, string @namespace) => new([], [], "");

        public JsonObject? Find(string group, string plural, string @namespace, string name) => null;
    }
}
