// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client;
using Sealock.Controllers.Reconciling;

namespace Sealock.Controllers.Approval;

/// <summary>The room's loops.</summary>
internal static class ApprovalLoops
{
    /// <summary>Follows the policies and keeps their status.</summary>
    /// <param name="loops">Where the loops run.</param>
    /// <param name="client">Acts as whoever may read policies, write their status, and ask for others' rights.</param>
    /// <param name="time">The clock.</param>
    /// <param name="changed">Told that policies changed, so that requests are worth another look.</param>
    /// <returns>What decides on requests.</returns>
    public static PolicyReview AddTo(LoopSet loops, ApiClient client, TimeProvider time, Action? changed = null)
    {
        var policies = loops.Follow(client, PolicyTypes.Policies);
        loops.AddLoop("certificaterequestpolicy", policies, new PolicyStatus(client, time).ReconcileAsync, 1);
        policies.OnChange(_ => changed?.Invoke());
        return new PolicyReview(client, policies);
    }
}
