// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Api.Selectors;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Trust;

/// <summary>Publishes one Bundle: gathers its sources, and puts them into every namespace that is selected, and out of all others.</summary>
internal sealed class BundleReconciler(
    ApiClient client, BundleObjects objects, BundleSources sources, ClusterTrustBundles clusterTrust, EventRecorder? events, TimeProvider time)
{
    private const string Synced = "Synced";
    private const int Concurrent = 8;

    private static readonly ImmutableArray<TargetKind> Kinds = [TargetKind.ConfigMap, TargetKind.Secret];

    private readonly ConcurrentDictionary<string, ImmutableDictionary<string, Print>> _heeded = new(StringComparer.Ordinal);

    /// <summary>The plans of issuers that a Bundle held everywhere when it was last published, by their Secret; null: it was not.</summary>
    public ImmutableDictionary<string, Print>? HeededBy(string bundle) => _heeded.GetValueOrDefault(bundle);

    public async ValueTask<Reconciliation> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (objects.Bundle(key.Name) is not { Metadata.DeletionTimestamp: null } bundle)
        {
            // Its objects go with their owner.
            _heeded.TryRemove(key.Name, out _);
            return Reconciliation.Done;
        }

        if (!TrySelect(bundle, out var selector, out var selectorProblem))
            return await TellAsync(bundle, false, "NamespaceSelectorError", selectorProblem, "", cancellationToken);
        var gathered = await sources.GatherAsync(bundle.Spec, cancellationToken);
        if (gathered.Problem.Length > 0)
        {
            _heeded.TryRemove(key.Name, out _);
            return await TellAsync(bundle, false, gathered.Reason, gathered.Problem, bundle.Status.DefaultAuthorityVersion, cancellationToken);
        }

        var content = new BundleContent(gathered.Certificates, bundle.Spec.Target.AdditionalFormats);
        var namespaces = objects.Namespaces().Where(@namespace => @namespace.IsActive && selector.Matches(@namespace.Metadata.Labels))
            .Select(@namespace => @namespace.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        var failures = new ConcurrentBag<(TargetKind Kind, string Namespace, string Problem)>();
        foreach (var kind in Kinds)
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = Concurrent, CancellationToken = cancellationToken };
            if (kind.In(bundle.Spec.Target) is not null)
            {
                await Parallel.ForEachAsync(namespaces, parallel, async (@namespace, stop) =>
                {
                    if (await PutAsync(bundle, content, kind, @namespace, stop) is { } problem)
                        failures.Add((kind, @namespace, problem));
                });
            }

            var surplus = objects.TargetsOf(kind, bundle.Metadata.Name).Where(target => TargetKind.Belongs(bundle, target)
                && (kind.In(bundle.Spec.Target) is null || target.Metadata.Name != bundle.Metadata.Name
                    || !namespaces.Contains(target.Metadata.Namespace)));
            await Parallel.ForEachAsync(surplus.ToList(), parallel, (target, stop) => RemoveAsync(bundle, kind, target, stop));
        }

        if (await clusterTrust.PutAsync(bundle, content, cancellationToken) is { } refusal)
        {
            await TellAsync(bundle, false, "SyncClusterTrustBundleFailed", refusal, gathered.DefaultVersion, cancellationToken);
            return Reconciliation.TryAgain(refusal);
        }

        if (failures.OrderBy(failure => failure.Namespace, StringComparer.Ordinal).FirstOrDefault() is { Kind: { } failed } first)
        {
            await TellAsync(
                bundle, false, $"Sync{failed.Name}TargetFailed",
                $"Failed to sync bundle {failed.Name} to namespace \"{first.Namespace}\": {first.Problem}"
                    + (failures.Count > 1 ? $" ({failures.Count - 1} more)" : ""), gathered.DefaultVersion, cancellationToken);
            return Reconciliation.TryAgain(first.Problem);
        }

        _heeded[key.Name] = gathered.Heeded;
        await TellAsync(
            bundle, true, Synced, selector.IsEverything
                ? "Successfully synced Bundle to all namespaces"
                : $"Successfully synced Bundle to namespaces that match this label selector: {selector}", gathered.DefaultVersion, cancellationToken);
        return gathered.FirstExpiry is { } expiry ? Reconciliation.After(expiry - time.GetUtcNow() + TimeSpan.FromSeconds(1)) : Reconciliation.Done;
    }

    private static bool TrySelect(BundleView bundle, out LabelSelector selector, out string problem)
    {
        // As in trust-manager: without a selector all namespaces are meant.
        (selector, problem) = (LabelSelector.Everything, "");
        if (bundle.Spec.Target.NamespaceSelector is not { } wanted)
            return true;
        if (LabelSelectorObject.TryCompile(wanted, out var compiled, out var error))
        {
            selector = compiled;
            return true;
        }

        problem = $"Failed to build namespace match labels selector: {error}";
        return false;
    }

    /// <summary>Puts the Bundle into a namespace.</summary>
    /// <returns>Why that cannot be; null where it is there.</returns>
    private async ValueTask<string?> PutAsync(
        BundleView bundle, BundleContent content, TargetKind kind, string @namespace, CancellationToken cancellationToken)
    {
        var name = bundle.Metadata.Name;
        try
        {
            var target = objects.Target(kind, @namespace, name);
            if (target is null)
            {
                try
                {
                    objects.Wrote(kind, await client.CreateAsync(kind.Type, @namespace, kind.New(bundle, content, @namespace), cancellationToken));
                    return null;
                }
                catch (ApiException exists) when (exists is { Code: 409, Reason: "AlreadyExists" })
                {
                    target = await client.FindAsync(kind.Type, @namespace, name, cancellationToken);
                }
            }

            if (target is null)
                return "it was deleted just now";
            if (!TargetKind.Belongs(bundle, target))
            {
                return $"a {kind.Name} of this name is there that is not of this Bundle; it is left alone: give the Bundle another name, "
                    + $"or leave the namespace out of spec.target.namespaceSelector";
            }

            if (kind.Drift(bundle, content, target) is null)
                return null;
            objects.Wrote(kind, await client.PatchAsync(
                kind.Type, @namespace, name, kind.Change(bundle, content, target), cancellationToken: cancellationToken));
            return null;
        }
        catch (ApiException refused) when (refused.Code is >= 400 and < 500)
        {
            return refused.Message;
        }
    }

    private async ValueTask RemoveAsync(BundleView bundle, TargetKind kind, TargetFacts target, CancellationToken cancellationToken)
    {
        var (@namespace, name) = (target.Metadata.Namespace, target.Metadata.Name);
        try
        {
            if (kind.Removal(bundle, target) is { } patch)
            {
                await client.PatchAsync(kind.Type, @namespace, name, patch, cancellationToken: cancellationToken);
                return;
            }

            await client.DeleteAsync(kind.Type, @namespace, name, new DeletePreconditions
            {
                Uid = target.Metadata.Uid,
                ResourceVersion = target.Metadata.ResourceVersion,
            }, cancellationToken);
            objects.Deleted(kind, target);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
            objects.Deleted(kind, target);
        }
    }

    private async ValueTask<Reconciliation> TellAsync(
        BundleView bundle, bool isSynced, string reason, string message, string defaultVersion, CancellationToken cancellationToken)
    {
        var status = isSynced ? "True" : "False";
        var old = bundle.Status.Conditions.FirstOrDefault(condition => condition.Type == Synced);
        var condition = new ConditionView
        {
            Type = Synced,
            Status = status,
            Reason = reason,
            Message = message,
            ObservedGeneration = bundle.Metadata.Generation is > 0 and var generation ? generation : null,
            LastTransitionTime = old?.Status == status ? old.LastTransitionTime : time.GetUtcNow(),
        };
        if (condition == old && defaultVersion == bundle.Status.DefaultAuthorityVersion)
            return Reconciliation.Done;
        var changed = new JsonObject
        {
            ["conditions"] = new JsonArray(
            [
                .. bundle.Status.Conditions.Where(other => other.Type != Synced).Append(condition).Select(StatusJson.Condition),
            ]),
            ["defaultCAVersion"] = defaultVersion.Length > 0 ? defaultVersion : null,
        };
        await client.PatchAsync(
            BundleView.Type, "", bundle.Metadata.Name, StatusJson.Patch(bundle.Metadata, changed), PatchKind.Merge, "status", cancellationToken);
        events?.Say(
            BundleView.ApiVersion, BundleView.Kind, bundle.Metadata, isSynced ? EventRecorder.Normal : EventRecorder.Warning, reason, message);
        return Reconciliation.Done;
    }
}
