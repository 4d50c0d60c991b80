// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Acme;

/// <summary>What the loops of ACME know of the cluster, the latest that is known; by namespace and name.</summary>
internal sealed record AcmeObjects
{
    public required Func<string, string, OrderView?> Order { get; init; }

    public required Func<IEnumerable<OrderView>> Orders { get; init; }

    public required Func<string, string, ChallengeView?> Challenge { get; init; }

    /// <summary>The issuer that is meant from within a namespace.</summary>
    public required Func<string, IssuerReferenceView, IssuerView?> Issuer { get; init; }

    /// <summary>Takes note of what the server answered to a write.</summary>
    public Func<OrderView, OrderView> WroteOrder { get; init; } = order => order;

    public Func<ChallengeView, ChallengeView> WroteChallenge { get; init; } = challenge => challenge;

    /// <summary>The Order that a Challenge belongs to; empty where it has none.</summary>
    public static string OrderOf(ChallengeView challenge) =>
        challenge.Metadata.OwnerReferences.FirstOrDefault(owner => owner.Kind == OrderView.Kind)?.Name ?? "";
}
