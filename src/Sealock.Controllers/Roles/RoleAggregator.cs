// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Reconciling;

namespace Sealock.Controllers.Roles;

/// <summary>
/// Fills cluster roles that have an aggregation rule with the rules of those they gather from. Any change of a cluster
/// role may concern any aggregated one: they are few, and comparing costs nothing.
/// </summary>
public sealed class RoleAggregator : IDisposable
{
    private readonly ApiClient _client;
    private readonly Informer<ClusterRoleView> _roles;
    private readonly ControlLoop _loop;

    /// <summary>An aggregator that is not yet running.</summary>
    public RoleAggregator(ApiClient client, TimeProvider clock, ILoggerFactory logging)
    {
        _client = client;
        _roles = new Informer<ClusterRoleView>(
            client, ClusterRoleView.Type, new InformerScope(), clock, logging.CreateLogger<Informer<ClusterRoleView>>());
        _loop = new ControlLoop("clusterrole-aggregation", ReconcileAsync, clock, logging.CreateLogger<RoleAggregator>());
        _roles.OnChange(_ => LookAtAll());
    }

    /// <summary>What it has done so far.</summary>
    public LoopMetrics Metrics => _loop.Metrics;

    /// <summary>Works until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var following = _roles.RunAsync(cancellationToken);
        try
        {
            await _roles.WaitForSyncAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await following;
            return;
        }

        LookAtAll();
        await Task.WhenAll(following, _loop.RunAsync(cancellationToken));
    }

    /// <inheritdoc/>
    public void Dispose() => _loop.Dispose();

    private void LookAtAll()
    {
        // Before the first list is complete, roles to gather from would seem to be missing.
        if (!_roles.IsSynced)
            return;
        foreach (var role in _roles.Objects.Values)
        {
            if (role.IsAggregated)
                _loop.Look(new ObjectKey("", role.Metadata.Name));
        }
    }

    private async ValueTask<Reconciliation> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_roles.Find("", key.Name) is not { IsAggregated: true } role
            || RoleAggregation.Gather(role, _roles.Objects.Values) is not { } rules
            || RoleAggregation.AreSame(role.Rules, rules))
        {
            return Reconciliation.Done;
        }

        try
        {
            await _client.PatchAsync(
                ClusterRoleView.Type, "", key.Name,
                new JsonObject
                {
                    ["metadata"] = new JsonObject { ["resourceVersion"] = role.Metadata.ResourceVersion },
                    ["rules"] = new JsonArray([.. rules.Select(rule => rule.DeepClone())]),
                },
                cancellationToken: cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
            return Reconciliation.Done;
        }
        catch (ApiException stale) when (stale.Code == 409)
        {
            return Reconciliation.TryAgain("the role has changed meanwhile");
        }

        return Reconciliation.Done;
    }
}
