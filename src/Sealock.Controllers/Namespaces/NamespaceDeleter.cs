// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Namespaces;

/// <summary>
/// Empties a namespace that is being deleted, says in its conditions what is in the way, and when nothing is left
/// takes away the finalizer that keeps it.
/// </summary>
internal sealed class NamespaceDeleter(ApiClient client, TimeProvider time)
{
    private const string Finalizer = "kubernetes";

    private static readonly TimeSpan NextLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NextLookAtFinalizers = TimeSpan.FromSeconds(5);

    public async ValueTask<Reconciliation> ReconcileAsync(NamespaceView @namespace, CancellationToken cancellationToken)
    {
        if (@namespace.Metadata.DeletionTimestamp is null || !@namespace.Spec.Finalizers.Contains(Finalizer))
            return Reconciliation.Done;
        try
        {
            var content = await EmptyAsync(@namespace.Metadata.Name, cancellationToken);
            await SayAsync(@namespace, content, cancellationToken);
            if (!content.IsEmpty)
                return Reconciliation.After(content.Finalizers.IsEmpty ? NextLook : NextLookAtFinalizers);
            await FinishAsync(@namespace, cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
            // Someone else has finished it.
        }

        return Reconciliation.Done;
    }

    private async Task<NamespaceContent> EmptyAsync(string @namespace, CancellationToken cancellationToken)
    {
        var discovery = await Discovery.ReadAsync(client, cancellationToken);
        var failures = ImmutableArray.CreateBuilder<string>();
        var remaining = ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        var finalizers = ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        foreach (var resource in discovery.Resources.Where(resource => resource.Namespaced && resource.Serves("list", "delete")))
        {
            try
            {
                var left = await DeleteAsync(resource, @namespace, cancellationToken);
                if (left.Count > 0)
                    remaining[$"{resource.Plural}.{resource.Group}"] = left.Count;
                foreach (var finalizer in left.SelectMany(item => item.Metadata.Finalizers))
                    finalizers[finalizer] = finalizers.GetValueOrDefault(finalizer) + 1;
            }
            catch (ApiException fault) when (fault.Code is not (404 or 405))
            {
                failures.Add($"{resource.QualifiedName}: {fault.Message}");
            }
        }

        return new NamespaceContent
        {
            DiscoveryFailures = discovery.Failures,
            DeletionFailures = failures.ToImmutable(),
            Remaining = remaining.ToImmutable(),
            Finalizers = finalizers.ToImmutable(),
        };
    }

    private async Task<IReadOnlyList<MetadataView>> DeleteAsync(
        ServedResource resource, string @namespace, CancellationToken cancellationToken)
    {
        var found = await client.ListAsync(resource.Type, @namespace, null, cancellationToken);
        if (found.Items.Count == 0)
            return [];
        var background = new DeletePreconditions { PropagationPolicy = "Background" };
        foreach (var item in found.Items.Where(item => item.Metadata.DeletionTimestamp is null))
        {
            try
            {
                await client.DeleteAsync(resource.Type, @namespace, item.Metadata.Name, background, cancellationToken);
            }
            catch (ApiException gone) when (gone.Code == 404)
            {
            }
        }

        return (await client.ListAsync(resource.Type, @namespace, null, cancellationToken)).Items;
    }

    private async Task SayAsync(NamespaceView @namespace, NamespaceContent content, CancellationToken cancellationToken)
    {
        var conditions = DeletionConditions.Of(content, @namespace.Status.Conditions, time.GetUtcNow());
        if (DeletionConditions.Equal(conditions, @namespace.Status.Conditions))
            return;
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = @namespace.Metadata.Uid },
            ["status"] = new JsonObject { ["conditions"] = conditions },
        };
        await client.PatchAsync(
            ResourceTypes.Namespaces, "", @namespace.Metadata.Name, patch, PatchKind.Merge, "status", cancellationToken);
    }

    private async Task FinishAsync(NamespaceView @namespace, CancellationToken cancellationToken)
    {
        var name = @namespace.Metadata.Name;
        var current = await client.FindAsync(ResourceTypes.Namespaces, "", name, cancellationToken);
        if (current is null || current.Metadata.Uid != @namespace.Metadata.Uid)
            return;
        var finalize = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["uid"] = current.Metadata.Uid,
                ["resourceVersion"] = current.Metadata.ResourceVersion,
            },
            ["spec"] = new JsonObject
            {
                ["finalizers"] = new JsonArray(
                    [.. current.Spec.Finalizers.Where(finalizer => finalizer != Finalizer).Select(finalizer => (JsonNode)finalizer)]),
            },
        };
        await client.UpdateAsync(ResourceTypes.Namespaces, "", name, finalize, "finalize", cancellationToken);
    }
}
