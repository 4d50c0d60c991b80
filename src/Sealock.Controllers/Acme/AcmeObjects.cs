// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Acme;

/// <summary>What the loops of ACME know of the cluster.</summary>
internal sealed record AcmeObjects
{
    public required Informer<OrderView> Orders { get; init; }

    public required Informer<ChallengeView> Challenges { get; init; }

    /// <summary>The same, with what was just written.</summary>
    public required Freshest<OrderView> FreshOrders { get; init; }

    public required Freshest<ChallengeView> FreshChallenges { get; init; }

    /// <summary>The issuer that is meant from within a namespace.</summary>
    public required Func<string, IssuerReferenceView, IssuerView?> Issuer { get; init; }

    /// <summary>The Order that a Challenge belongs to; empty where it has none.</summary>
    public static string OrderOf(ChallengeView challenge) =>
        challenge.Metadata.OwnerReferences.FirstOrDefault(owner => owner.Kind == OrderView.Kind)?.Name ?? "";
}
