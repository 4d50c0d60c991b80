// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Approval;

/// <summary>
/// Decides on CertificateRequests by <see cref="ApprovalRules"/>, and asks the server only what the decision hangs on:
/// the namespace's labels where a selector needs them, and whether the requester may <c>use</c> a policy that would
/// approve, or before a denial any.
/// </summary>
internal sealed class PolicyReview(ApiClient client, Informer<PolicyView> policies)
{
    /// <summary>Whether there is any policy, or may be for all that is known: otherwise everything is approved.</summary>
    public bool IsNeeded => !policies.IsSynced || policies.Objects.Count > 0;

    /// <summary>What is told where policies cannot be asked because nobody says for whom.</summary>
    public const string NobodyVouches =
        "CertificateRequestPolicies are for requesters, and this API server does not vouch for who made the request (spec.username may be "
        + "written by anyone): make a Certificate, which is decided as this controller's own, or have somebody approve the request; where "
        + "cert-manager's webhook writes spec.username, run sealock controller with --trust-request-identity";

    /// <summary>Decides.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="requester">Who made it; null where nobody vouches for who did.</param>
    /// <param name="cancellationToken">Ends the review.</param>
    /// <exception cref="Sealock.Api.Objects.ApiException">The server did not answer what it was asked.</exception>
    public async ValueTask<ApprovalVerdict> ReviewAsync(
        ApprovalRequest request, Requester? requester, CancellationToken cancellationToken)
    {
        if (!policies.IsSynced)
            await policies.WaitForSyncAsync(cancellationToken);
        PolicyView[] present = [.. policies.Objects.Values];
        if (requester is null && present.Length > 0)
            return new(ApprovalOutcome.Undecided, NobodyVouches);
        if (request.NamespaceLabels is null && present.Any(policy => policy.Spec.Selector.Namespace?.MatchLabels is { Count: > 0 }))
        {
            var place = await client.FindAsync(ResourceTypes.Namespaces, "", request.Namespace, cancellationToken);
            request = request with { NamespaceLabels = place?.Metadata.Labels };
        }

        var (usable, unusable) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        request = request with { UnusablePolicies = unusable };
        while (true)
        {
            var verdict = ApprovalRules.Decide(request, present);
            if (verdict.Outcome == ApprovalOutcome.Approved)
            {
                if (verdict.Policy.Length == 0 || await MayUseAsync(verdict.Policy))
                    return verdict;
                continue;
            }

            // A denial names only the policies that the requester may use, and none where there is none.
            var known = unusable.Count;
            foreach (var policy in present.Where(policy => ApprovalRules.Selects(request, policy.Spec.Selector)))
                await MayUseAsync(policy.Name);
            if (unusable.Count == known)
                return verdict;
        }

        async ValueTask<bool> MayUseAsync(string policy)
        {
            if (usable.Contains(policy) || unusable.Contains(policy))
                return usable.Contains(policy);
            var wanted = new JsonObject
            {
                ["group"] = PolicyTypes.Group,
                ["resource"] = PolicyTypes.Plural,
                ["name"] = policy,
                ["namespace"] = request.Namespace,
                ["verb"] = "use",
            };
            var may = await client.MayAsync(requester!, wanted, cancellationToken);
            (may ? usable : unusable).Add(policy);
            return may;
        }
    }
}
