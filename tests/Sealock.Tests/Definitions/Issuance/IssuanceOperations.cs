// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Schemas;
using Sealock.Api.Security;
using Sealock.Api.Yaml;
using Sealock.Controllers.Definitions;
using Sealock.Tests.Support;

namespace Sealock.Tests.Definitions.Issuance;

/// <summary>Sends objects of the kinds of issuance through decoding and rules, in the server's order.</summary>
internal static class IssuanceOperations
{
    public static SchemaCatalog Catalog { get; } = SchemaCatalog.Kubernetes.WithSchemasOf(CertificateDefinitions.All);

    public static ResourceDefinition Definition(string kind) => CertificateDefinitions.All.Single(definition => definition.Kind == kind);

    /// <summary>An object of YAML.</summary>
    public static JsonObject Parse(string text) =>
        YamlReader.TryRead(text, out var document, out var refusal) ? document!.AsObject() : throw new ArgumentException(refusal.ToString());

    /// <summary>What is wrong with a new object, as texts.</summary>
    public static string[] Create(string kind, JsonObject @object, UserInfo? user = null) =>
        [.. Run(kind, @object, null, null, user).Errors.Select(error => error.ToString())];

    /// <summary>Runs the rules on a new object, or on a changed one.</summary>
    public static (ObjectOperation Operation, List<FieldError> Errors) Run(
        string kind, JsonObject @object, JsonObject? old, string? subresource, UserInfo? user = null, IAuthorizer? authorizer = null)
    {
        var definition = Definition(kind);
        var schema = Catalog.Get(definition.SchemaName);
        var value = @object.DeepClone().AsObject();
        ObjectDecoding.Decode(value, schema);
        SchemaDefaulting.Apply(value, schema);
        if (value["metadata"] is not JsonObject metadata)
            value["metadata"] = metadata = [];
        metadata.TryAdd("name", "x");
        if (definition.Scope == ResourceScope.Namespaced)
            metadata.TryAdd("namespace", "default");
        var part = subresource is null ? null : definition.Subresources.Single(candidate => candidate.Name == subresource);
        var operation = new ObjectOperation
        {
            Definition = definition,
            Subresource = part,
            Verb = old is null ? "create" : "update",
            User = user ?? UserInfo.Anonymous,
            Namespace = definition.Scope == ResourceScope.Namespaced ? "default" : "",
            Name = "x",
            Object = value,
            Old = old,
            Now = DateTimeOffset.UnixEpoch,
            Authorizer = authorizer ?? new Everything(),
            Objects = new ObjectsInMemory(),
        };
        (old is null ? definition.PrepareForCreate : part is null ? definition.PrepareForUpdate : part.PrepareForUpdate)?.Invoke(operation);
        foreach (var check in part?.Admission ?? definition.Admission)
            check(operation);
        List<FieldError> errors =
        [
            .. MetadataRules.Check(value, old, definition),
            .. StructuralValidation.Check(value, schema),
            .. (part?.Validate ?? definition.Validate)?.Invoke(operation) ?? [],
        ];
        if (errors.Count == 0)
        {
            foreach (var check in part?.ValidatingAdmission ?? definition.ValidatingAdmission)
                check(operation);
        }

        return (operation, errors);
    }
}
