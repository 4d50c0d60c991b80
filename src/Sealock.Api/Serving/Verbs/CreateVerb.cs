// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Caching;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;

namespace Sealock.Api.Serving.Verbs;

/// <summary>Creates an object, under the name given or one made up from its generateName.</summary>
internal sealed class CreateVerb(
    ServerCore core, BodyReader bodies, ObjectRules rules, ObjectWriter writer, NamespaceLifecycle lifecycle)
{
    private const int NameAttempts = 8;

    /// <summary>Answers.</summary>
    public async ValueTask<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        var format = Negotiation.Choose(scope.Request);
        var options = WriteOptions.Read(scope.Request, "CreateOptions");
        var warnings = new List<string>();
        var body = bodies.ReadObject(scope, options, warnings);
        var entry = await CreateAsync(scope, body, options, warnings, cancellationToken);
        return Answers.Object(scope.Resource, entry, format, core.Clock, scope.Request, 201, warnings);
    }

    /// <summary>Creates the object of a decoded body.</summary>
    /// <exception cref="ApiException">It is refused, or exists.</exception>
    public async ValueTask<CacheEntry> CreateAsync(
        RequestScope scope,
        JsonObject body,
        WriteOptions options,
        List<string> warnings,
        CancellationToken cancellationToken)
    {
        var metadata = ObjectRules.Metadata(body);
        EnsureNamespace(scope, metadata);
        if (metadata.Text("resourceVersion") is { Length: > 0 } version && version != "0")
            throw new ApiException(500, "", "resourceVersion should not be set on objects to be created");
        metadata.Remove("resourceVersion");
        var prefix = metadata.Text("name").Length == 0 ? metadata.Text("generateName") : "";
        var original = prefix.Length > 0 ? (JsonObject)body.DeepClone() : null;
        for (var attempt = 1; ; attempt++)
        {
            if (prefix.Length > 0)
                metadata["name"] = NameGenerator.Generate(prefix);
            var name = metadata.Text("name");
            await lifecycle.CheckCreateAsync(scope, name, cancellationToken);
            var now = core.Clock.GetUtcNow();
            ObjectRules.InitializeMetadata(metadata, now);
            scope.Definition.Default?.Invoke(body);
            var operation = new ObjectOperation
            {
                Definition = scope.Definition,
                Verb = "create",
                User = scope.Request.User,
                Namespace = scope.Namespace,
                Name = name,
                Object = body,
                DryRun = options.DryRun,
                Now = now,
                Authorizer = core.Authorizer,
                Objects = core.Registry,
            };
            rules.RunCreate(operation);
            warnings.AddRange(operation.Warnings);
            if (await writer.CreateAsync(scope, name, body, options.DryRun, cancellationToken) is { } created)
                return created;
            if (original is null)
                throw ApiException.AlreadyExists(scope.Definition.Group, scope.Definition.Plural, name);
            if (attempt == NameAttempts)
                throw NoUniqueName(scope.Definition, name);
            body = (JsonObject)original.DeepClone();
            metadata = ObjectRules.Metadata(body);
        }
    }

    /// <summary>An object goes where the request points; one that says otherwise is refused.</summary>
    internal static void EnsureNamespace(in RequestScope scope, JsonObject metadata)
    {
        var given = metadata.Text("namespace");
        if (!scope.Resource.Namespaced)
            metadata.Remove("namespace");
        else if (given.Length == 0)
            metadata["namespace"] = scope.Namespace;
        else if (given != scope.Namespace)
            throw ApiException.BadRequest("the namespace of the provided object does not match the namespace "
                + "sent on the request");
    }

    private static ApiException NoUniqueName(ResourceDefinition definition, string name) => new(
        409,
        "AlreadyExists",
        $"{ApiException.QualifiedResource(definition.Group, definition.Plural)} {GoText.Quote(name)} already "
            + "exists, the server was not able to generate a unique name for the object",
        new StatusDetails { Name = name, Group = definition.Group, Kind = definition.Plural });
}
