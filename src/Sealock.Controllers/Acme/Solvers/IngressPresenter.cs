// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Acme.Challenges;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Acme.Views;

namespace Sealock.Controllers.Acme.Solvers;

/// <summary>
/// Answers HTTP-01 on a cluster whose port 80 belongs to an Ingress controller: an Ingress, or a rule in one that is there, leads
/// to a Service in the Challenge's namespace, behind which this process listens. No pods are made.
/// </summary>
internal sealed class IngressPresenter(ApiClient client, AcmeOptions options, PlainProbe probe) : IPresenter
{
    public bool LeavesNothing => false;

    public async ValueTask<string?> PresentAsync(ChallengeView challenge, CancellationToken cancellationToken)
    {
        var endpoint = options.SolverEndpoint!;
        var name = IngressObjects.NameOf(challenge);
        await EnsureAsync(IngressResources.Services, challenge, IngressObjects.Service(challenge, endpoint), cancellationToken);
        // Another process may have led them to itself, before this one took over.
        if (!await EnsureAsync(IngressResources.Endpoints, challenge, IngressObjects.Endpoints(challenge, endpoint), cancellationToken))
        {
            await client.PatchAsync(
                IngressResources.Endpoints, challenge.Metadata.Namespace, name,
                new JsonObject { ["subsets"] = IngressObjects.Subsets(endpoint) }, cancellationToken: cancellationToken);
        }

        var settings = challenge.Spec.Solver.Http01?.Ingress ?? new();
        if (settings.Name.Length == 0)
        {
            await EnsureAsync(IngressResources.Ingresses, challenge, IngressObjects.Ingress(challenge, settings, endpoint.Port), cancellationToken);
            return null;
        }

        if (await client.FindAsync(IngressResources.Ingresses, challenge.Metadata.Namespace, settings.Name, cancellationToken) is not { } ingress)
            return $"the Ingress {challenge.Metadata.Namespace}/{settings.Name}, to which the route is to be added, is not there";
        if (IngressRules.With(ingress.Spec, challenge, name, endpoint.Port) is { } changed)
            await ChangeAsync(ingress, changed, cancellationToken);
        return null;
    }

    public async ValueTask<string?> CheckAsync(ChallengeView challenge, CancellationToken cancellationToken) =>
        await probe.MissingAsync(challenge.Spec.DnsName, Http01Answer.PathPrefix + challenge.Spec.Token, challenge.Spec.Key, cancellationToken);

    public async ValueTask<string?> CleanUpAsync(ChallengeView challenge, CancellationToken cancellationToken)
    {
        var name = IngressObjects.NameOf(challenge);
        if (challenge.Spec.Solver.Http01?.Ingress?.Name is { Length: > 0 } shared)
        {
            if (await client.FindAsync(IngressResources.Ingresses, challenge.Metadata.Namespace, shared, cancellationToken) is { } ingress
                && IngressRules.Without(ingress.Spec, challenge, name) is { } changed)
                await ChangeAsync(ingress, changed, cancellationToken);
        }
        else
        {
            await DeleteAsync(IngressResources.Ingresses, challenge, name, cancellationToken);
        }

        await DeleteAsync(IngressResources.Endpoints, challenge, name, cancellationToken);
        await DeleteAsync(IngressResources.Services, challenge, name, cancellationToken);
        return null;
    }

    /// <summary>False where it was there: its name belongs to this Challenge.</summary>
    private async ValueTask<bool> EnsureAsync<T>(ResourceType<T> type, ChallengeView challenge, JsonObject wanted, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            await client.CreateAsync(type, challenge.Metadata.Namespace, wanted, cancellationToken);
            return true;
        }
        catch (ApiException exists) when (exists is { Code: 409, Reason: "AlreadyExists" })
        {
            return false;
        }
    }

    private async ValueTask DeleteAsync<T>(ResourceType<T> type, ChallengeView challenge, string name, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            await client.DeleteAsync(type, challenge.Metadata.Namespace, name, null, cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
        }
    }

    private async ValueTask ChangeAsync(IngressRulesView ingress, JsonArray rules, CancellationToken cancellationToken) => await client.PatchAsync(
        IngressResources.Ingresses, ingress.Metadata.Namespace, ingress.Metadata.Name,
        new JsonObject
        {
            ["metadata"] = Issuance.StatusJson.Precondition(ingress.Metadata),
            ["spec"] = new JsonObject { ["rules"] = rules },
        },
        cancellationToken: cancellationToken);
}
