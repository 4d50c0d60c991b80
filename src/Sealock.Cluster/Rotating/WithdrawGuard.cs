// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Sets;

namespace Sealock.Cluster.Rotating;

/// <summary>What still needs the old CA or key. Pure: files and endpoints have been looked at before.</summary>
internal static class WithdrawGuard
{
    /// <summary>Everything in the way of withdrawing, each in plain words with what breaks.</summary>
    public static IReadOnlyList<string> Blockers(
        ClusterRotation rotation, StandingSet standing, IReadOnlyList<EndpointFacts> endpoints, DateTimeOffset now) =>
        [.. Files(rotation, standing), .. Endpoints(endpoints), .. Tokens(rotation, now)];

    private static IEnumerable<string> Files(ClusterRotation rotation, StandingSet standing)
    {
        if (rotation.Authority is not { } authority)
            yield break;
        foreach (var certificate in standing.Certificates)
        {
            if (certificate.Planned.Authority.Name == rotation.Subject && certificate.Leaf is { } leaf && !authority.New.HasSigned(leaf))
                yield return $"{certificate.Carrier.Path}: the certificate of {certificate.Planned} is not of the new CA; it would be refused everywhere";
        }
    }

    private static IEnumerable<string> Endpoints(IReadOnlyList<EndpointFacts> endpoints) => endpoints
        .Select(facts => (facts.Endpoint, Why: EndpointVerdict.StillNeedsOld(facts)))
        .Where(pair => pair.Why is not null)
        .Select(pair => $"{pair.Endpoint} {pair.Why}");

    private static IEnumerable<string> Tokens(ClusterRotation rotation, DateTimeOffset now)
    {
        if (rotation.Key is null)
            yield break;
        if (rotation.TokensUntil is not { } until)
            yield return "tokens are still signed with the old key on some nodes";
        else if (now < until)
            yield return $"tokens signed with the old key may be in use until {until:yyyy-MM-dd HH:mm}Z (--token-lifetime); their pods would get 401";
    }
}
