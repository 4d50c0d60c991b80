// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Acme.Messages;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Acme.Accounts;
using Sealock.Controllers.Acme.Orders;
using Sealock.Controllers.Acme.Solvers;
using Sealock.Controllers.Acme.Views;

namespace Sealock.Controllers.Acme.Challenges;

/// <summary>Makes the Challenges of an Order, one for each authorization, and takes them away again.</summary>
internal sealed class ChallengeMaker(ApiClient client, AcmeObjects objects, Presenters presenters)
{
    /// <summary>The Challenge of an authorization; null where there is none.</summary>
    public ChallengeView? Find(OrderView order, string authorizationUrl) =>
        objects.Challenge(order.Metadata.Namespace, OrderNames.Challenge(order.Metadata.Name, authorizationUrl)) is { } challenge
            && challenge.Metadata.OwnerReferences.Any(owner => owner.Uid == order.Metadata.Uid) ? challenge : null;

    /// <summary>Makes them; null where that is done, else why one cannot be made.</summary>
    public async ValueTask<string?> MakeAsync(
        OrderView order, AcmeSession session, IReadOnlyList<OrderAuthorizationView> authorizations, CancellationToken cancellationToken)
    {
        var wanted = new List<JsonObject>();
        foreach (var authorization in authorizations)
        {
            var offered = authorization.Challenges.Select(challenge => challenge.Type).Distinct().ToList();
            var choice = SolverChoice.Pick(
                session.Settings.Solvers, authorization.DisplayName, offered, order.Metadata.Labels, order.Metadata.Annotations);
            if (choice is null)
            {
                return $"{authorization.DisplayName}: the ACME server offers {(offered.Count > 0 ? string.Join(", ", offered.Take(10)) : "no challenge")}, "
                    + $"and no solver of the {session.Issuer.Kind} {session.Issuer.Metadata.Name} for that name answers any of them";
            }

            if (presenters.Refuse(choice.Solver) is { } refusal)
                return $"{authorization.DisplayName}: {refusal}";
            wanted.Add(New(order, session, authorization, choice));
        }

        foreach (var challenge in wanted)
            objects.WroteChallenge(await CreateAsync(order, challenge, cancellationToken));
        return null;
    }

    /// <summary>Takes all of an Order's Challenges away; what they had put in place goes with them.</summary>
    public async ValueTask RemoveAsync(OrderView order, CancellationToken cancellationToken)
    {
        foreach (var authorization in order.Status.Authorizations)
        {
            if (Find(order, authorization.Url) is not { Metadata.DeletionTimestamp: null } challenge)
                continue;
            try
            {
                await client.DeleteAsync(
                    AcmeResources.Challenges, challenge.Metadata.Namespace, challenge.Metadata.Name,
                    new DeletePreconditions { Uid = challenge.Metadata.Uid }, cancellationToken);
            }
            catch (ApiException gone) when (gone.Code is 404 or 409)
            {
                // Gone, or replaced by one of the same name.
            }
        }
    }

    private async ValueTask<ChallengeView> CreateAsync(OrderView order, JsonObject challenge, CancellationToken cancellationToken)
    {
        try
        {
            return await client.CreateAsync(AcmeResources.Challenges, order.Metadata.Namespace, challenge, cancellationToken);
        }
        catch (ApiException exists) when (exists is { Code: 409, Reason: "AlreadyExists" })
        {
            var name = challenge["metadata"]!["name"]!.GetValue<string>();
            var found = await client.FindAsync(AcmeResources.Challenges, order.Metadata.Namespace, name, cancellationToken);
            return found is not null && found.Metadata.OwnerReferences.Any(owner => owner.Uid == order.Metadata.Uid)
                ? found : throw ApiException.Conflict("acme.cert-manager.io", "challenges", name, "it belongs to an order that is going");
        }
    }

    private static JsonObject New(OrderView order, AcmeSession session, OrderAuthorizationView authorization, SolverChoice choice)
    {
        var offered = authorization.Challenges.First(challenge => challenge.Type == choice.Solver.Type);
        return new JsonObject
        {
            ["apiVersion"] = AcmeResources.ApiVersion,
            ["kind"] = ChallengeView.Kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = OrderNames.Challenge(order.Metadata.Name, authorization.Url),
                ["namespace"] = order.Metadata.Namespace,
                ["finalizers"] = new JsonArray(ChallengeView.Finalizer),
                ["ownerReferences"] = new JsonArray(new JsonObject
                {
                    ["apiVersion"] = AcmeResources.ApiVersion,
                    ["kind"] = OrderView.Kind,
                    ["name"] = order.Metadata.Name,
                    ["uid"] = order.Metadata.Uid,
                    ["controller"] = true,
                    ["blockOwnerDeletion"] = true,
                }),
            },
            ["spec"] = new JsonObject
            {
                ["url"] = offered.Url,
                ["authorizationURL"] = authorization.Url,
                ["dnsName"] = authorization.Identifier,
                ["wildcard"] = authorization.Wildcard == true,
                ["type"] = offered.Type.ToUpperInvariant(),
                ["token"] = offered.Token,
                ["key"] = KeyFor(session, offered),
                ["solver"] = choice.Json.DeepClone(),
                ["issuerRef"] = new JsonObject
                {
                    ["name"] = order.Spec.IssuerRef.Name,
                    ["kind"] = order.Spec.IssuerRef.Kind,
                    ["group"] = order.Spec.IssuerRef.Group,
                },
            },
        };
    }

    /// <summary>The key authorization; for DNS-01 its digest, which is what the record says.</summary>
    private static string KeyFor(AcmeSession session, OfferedChallengeView offered)
    {
        var authorization = session.Account.Key.KeyAuthorization(offered.Token);
        return offered.Type == ChallengeTypes.Dns01
            ? Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(authorization))) : authorization;
    }
}
