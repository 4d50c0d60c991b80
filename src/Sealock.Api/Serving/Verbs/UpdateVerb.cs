// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Api.Caching;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;

namespace Sealock.Api.Serving.Verbs;

/// <summary>Replaces an object, or a part of it through a subresource.</summary>
internal sealed class UpdateVerb(
    ServerCore core, BodyReader bodies, ObjectRules rules, ObjectWriter writer, CreateVerb create)
{
    private const string Stale =
        "the object has been modified; please apply your changes to the latest version and try again";

    /// <summary>Answers.</summary>
    public async ValueTask<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        var format = Negotiation.Choose(scope.Request);
        var options = WriteOptions.Read(scope.Request, "UpdateOptions");
        var warnings = new List<string>();
        var body = bodies.ReadObject(scope, options, warnings);
        CheckName(scope, ObjectRules.Metadata(body));
        List<string>? lastWarnings = null;
        var outcome = await writer.UpdateAsync(
            scope,
            scope.Name,
            state => Decide(scope, state, (JsonObject)body.DeepClone(), options.DryRun, lastWarnings = []),
            options.DryRun,
            cancellationToken);
        if (outcome is null && ObjectRules.Metadata(body).Text("uid") is { Length: > 0 } uid)
            throw UidConflict(scope, uid, "");
        if (outcome is null && (!scope.Definition.CreateOnUpdate || scope.Subresource is not null))
            throw scope.NotFound();
        if (outcome is null)
        {
            var created = await create.CreateAsync(scope, body, options, warnings, cancellationToken);
            return Answers.Object(scope.Resource, created, format, core.Clock, scope.Request, 201, warnings);
        }

        warnings.AddRange(lastWarnings ?? []);
        return Answers.Object(scope.Resource, outcome.Value.Entry, format, core.Clock, scope.Request, 200, warnings);
    }

    /// <summary>
    /// The step from a state to the object wanted: conditions, rules, and the end of an object whose last finalizer
    /// went.
    /// </summary>
    /// <exception cref="ApiException">A condition does not hold, or the change is refused.</exception>
    public Decision Decide(
        in RequestScope scope, CacheEntry state, JsonObject wanted, bool dryRun, List<string> warnings)
    {
        var definition = scope.Definition;
        var metadata = ObjectRules.Metadata(wanted);
        CreateVerb.EnsureNamespace(scope, metadata);

        // In a body the uid is a precondition; in a patch it is a field that cannot change.
        if (scope.Request.Info.Verb == "update" && metadata.Text("uid") is { Length: > 0 } uid && uid != state.Uid)
            throw UidConflict(scope, uid, state.Uid);
        CheckVersion(scope, metadata, state);
        definition.Default?.Invoke(wanted);
        var old = state.Parse(definition);
        var operation = new ObjectOperation
        {
            Definition = definition,
            Subresource = scope.Subresource,
            Verb = "update",
            User = scope.Request.User,
            Namespace = scope.Namespace,
            Name = state.Name,
            Object = wanted,
            Old = old,
            DryRun = dryRun,
            Now = core.Clock.GetUtcNow(),
            Authorizer = core.Authorizer,
            Objects = core.Registry,
        };
        rules.RunUpdate(operation, old);
        warnings.AddRange(operation.Warnings);
        return new Decision(wanted, Deletion.IsFinished(definition, wanted));
    }

    /// <summary>The object that is wanted has to be the one that the address names.</summary>
    /// <exception cref="ApiException">400.</exception>
    public static void CheckName(in RequestScope scope, JsonObject metadata)
    {
        var name = metadata.Text("name");
        if (name.Length == 0)
        {
            throw ApiException.BadRequest(
                $"the name of the object ({scope.Name} based on URL) was undeterminable: name must be provided");
        }

        if (name != scope.Name)
            throw ApiException.BadRequest($"the name of the object ({name}) does not match the name on the URL "
                + $"({scope.Name})");
        var @namespace = metadata.Text("namespace");
        if (scope.Resource.Namespaced && @namespace.Length > 0 && @namespace != scope.Namespace)
        {
            throw ApiException.BadRequest(
                $"the namespace of the object ({@namespace}) does not match the namespace on the request "
                    + $"({scope.Namespace})");
        }
    }

    private static void CheckVersion(in RequestScope scope, JsonObject metadata, CacheEntry state)
    {
        var text = metadata.Text("resourceVersion");
        if (text.Length == 0 || text == "0")
        {
            if (!scope.Definition.RequiresVersionOnUpdate)
                return;
            throw FieldError.ToException(
                scope.Definition.Group,
                scope.Definition.Plural, // kube-apiserver names the resource here, and not the kind
                state.Name,
                [FieldError.Invalid("metadata.resourceVersion", "0", "must be specified for an update")]);
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            throw new ApiException(500, "", $"strconv.ParseUint: parsing {GoText.Quote(text)}: invalid syntax");

        if (version != state.Revision)
            throw ApiException.Conflict(scope.Definition.Group, scope.Definition.Plural, state.Name, Stale);
    }

    private static ApiException UidConflict(in RequestScope scope, string wanted, string actual) =>
        ApiException.Conflict(
            scope.Definition.Group,
            scope.Definition.Plural,
            scope.Name,
            $"StorageError: invalid object, Code: 4, Key: {scope.Resource.Cache.KeyOf(scope.Namespace, scope.Name)}, "
                + $"ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {wanted}, "
                + $"UID in object meta: {actual}");
}
