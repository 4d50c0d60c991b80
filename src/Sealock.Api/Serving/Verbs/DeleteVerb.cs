// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Caching;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;

namespace Sealock.Api.Serving.Verbs;

/// <summary>
/// Deletes an object: at once, or by marking it where finalizers or its kind have something to do first.
/// </summary>
internal sealed class DeleteVerb(ServerCore core, ObjectWriter writer)
{
    /// <summary>Answers.</summary>
    public async ValueTask<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        var format = Negotiation.Choose(scope.Request);
        var options = DeleteOptions.Read(scope.Request);
        var outcome = await DeleteAsync(scope, scope.Name, options, cancellationToken) ?? throw scope.NotFound();
        if (outcome.Deleted && !scope.Definition.ReturnsDeletedObject)
            return Answers.Bytes(StatusWriter.Success(DetailsOf(scope.Definition, outcome.Entry)), format, 200, []);
        var status = !outcome.Deleted && options.OrphanDependents == false ? 202 : 200;
        return Answers.Object(scope.Resource, outcome.Entry, format, core.Clock, scope.Request, status, []);
    }

    /// <summary>Deletes or marks one object; null where there is none.</summary>
    /// <exception cref="ApiException">A precondition does not hold, or the deletion is refused.</exception>
    public ValueTask<WriteOutcome?> DeleteAsync(
        RequestScope scope, string name, DeleteOptions options, CancellationToken cancellationToken)
    {
        NamespaceLifecycle.CheckDelete(scope, name);
        return writer.UpdateAsync(
            scope, name, state => Decide(scope, state, options), options.DryRun, cancellationToken);
    }

    private Decision Decide(in RequestScope scope, CacheEntry state, DeleteOptions options)
    {
        var definition = scope.Definition;
        Deletion.CheckPreconditions(definition, state, options);
        var finalizers = Deletion.FinalizersAfter(state.Finalizers, options);
        if (definition.PrepareForDelete is null && finalizers.Count == 0)
            return new Decision(null, Deletes: true);
        var now = core.Clock.GetUtcNow();
        var @object = state.Parse(definition);
        var metadata = ObjectRules.Metadata(@object);
        SetFinalizers(metadata, finalizers);
        var operation = new ObjectOperation
        {
            Definition = definition,
            Verb = "delete",
            User = scope.Request.User,
            Namespace = scope.Namespace,
            Name = state.Name,
            Object = @object,
            Old = state.Parse(definition),
            GracePeriodSeconds = options.GracePeriodSeconds,
            DryRun = options.DryRun,
            Now = now,
            Authorizer = core.Authorizer,
            Objects = core.Registry,
        };
        var waits = definition.PrepareForDelete?.Invoke(operation) == true;
        if (!waits && finalizers.Count == 0)
            return new Decision(null, Deletes: true);
        Deletion.Mark(metadata, now, waits);
        return new Decision(@object);
    }

    private static void SetFinalizers(JsonObject metadata, List<string> finalizers)
    {
        if (finalizers.Count == 0)
            metadata.Remove("finalizers");
        else
            metadata["finalizers"] = new JsonArray([.. finalizers.Select(finalizer => (JsonNode)finalizer)]);
    }

    private static StatusDetails DetailsOf(ResourceDefinition definition, CacheEntry entry) => new()
    {
        Name = entry.Name,
        Group = definition.Group,
        Kind = definition.Plural,
        Uid = entry.Uid,
    };
}
