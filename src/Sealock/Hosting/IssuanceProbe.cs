// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Handshakes;
using Sealock.Controllers.Issuance.Probing;

namespace Sealock.Hosting;

/// <summary>Asks endpoints by handshake which certificate they serve.</summary>
internal static class IssuanceProbe
{
    /// <summary>A probe with this clock.</summary>
    public static ProbeEndpoint With(TimeProvider clock) => async (target, cancellationToken) =>
    {
        var answer = await EndpointProbe.FetchAsync(
            new EndpointQuestion { Host = target.Host, Port = target.Port, ServerName = target.ServerName, AnswerWait = TimeSpan.Zero },
            clock, cancellationToken);
        return answer.Leaf is { } leaf ? new ProbeAnswer(leaf.Der, "") : new ProbeAnswer(default, answer.Failure ?? "no certificate was served");
    };
}
