// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance.Issuers;

/// <summary>Says of each issuer whether it is ready.</summary>
internal sealed class IssuerReconciler(
    ApiClient client, IReadOnlyList<IIssuerKind> kinds, IssuanceOptions options, IssuanceNews news, TimeProvider time)
{
    private const string Ready = "Ready";

    private readonly FrozenDictionary<string, IIssuerKind> _kinds = kinds.ToFrozenDictionary(kind => kind.Name, StringComparer.Ordinal);

    public async ValueTask<Reconciliation> ReconcileAsync(IssuerView issuer, CancellationToken cancellationToken)
    {
        if (issuer.Metadata.DeletionTimestamp is not null)
            return Reconciliation.Done;
        var @namespace = issuer.Metadata.Namespace;
        var check = issuer.Spec.KindName is var name && _kinds.TryGetValue(name, out var kind)
            ? await kind.CheckAsync(issuer, @namespace.Length > 0 ? @namespace : options.ClusterResourceNamespace, cancellationToken)
            : new IssuerCheck(false, "NotSupported", name.Length == 0
                ? "the specification names no kind of issuer" : $"issuers of the kind {name} are not served here");
        if (Patch(issuer, check) is { } patch)
        {
            try
            {
                await client.PatchAsync(
                    @namespace.Length > 0 ? IssuanceResources.Issuers : IssuanceResources.ClusterIssuers, @namespace,
                    issuer.Metadata.Name, patch, PatchKind.Merge, "status", cancellationToken);
            }
            catch (ApiException gone) when (gone.Code == 404)
            {
                return Reconciliation.Done;
            }

            news.Told(issuer, ReadyOf(issuer), check);
        }

        return check.LookAgainAfter is { } delay ? Reconciliation.After(delay) : Reconciliation.Done;
    }

    private static ConditionView? ReadyOf(IssuerView issuer) => issuer.Status.Conditions.FirstOrDefault(condition => condition.Type == Ready);

    private JsonObject? Patch(IssuerView issuer, IssuerCheck check)
    {
        var status = check.IsReady ? "True" : "False";
        var old = ReadyOf(issuer);
        var generation = issuer.Metadata.Generation is > 0 and var counted ? counted : (long?)null;
        var condition = new ConditionView
        {
            Type = Ready,
            Status = status,
            Reason = check.Reason,
            Message = check.Message,
            ObservedGeneration = generation,
            LastTransitionTime = old?.Status == status ? old.LastTransitionTime : time.GetUtcNow(),
        };
        if (old == condition && check.Status is null)
            return null;
        var changed = check.Status?.DeepClone().AsObject() ?? [];
        changed["conditions"] = new JsonArray(
        [
            .. issuer.Status.Conditions.Where(other => other.Type != Ready).Select(StatusJson.Condition), StatusJson.Condition(condition),
        ]);
        return StatusJson.Patch(issuer.Metadata, changed);
    }
}
